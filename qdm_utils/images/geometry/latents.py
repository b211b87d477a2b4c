"""Where an image is encoded: states of qubits with their phase fixed, and classical latents of the same real dimension.

A pure state of n qubits has 2·2ⁿ − 2 real degrees of freedom: norm and global phase are none. Its twins are a real unit sphere
and a plain real vector of that dimension.
"""

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.qubits.states import haar_states, qubit_count
from qdm_utils.randomness import Seed, generator

KINDS = ("quantum", "sphere", "gaussian", "vae")


def latent_size(kind: str, n: int) -> int:
    """Numbers in one latent: 2ⁿ complex amplitudes, or reals. The first three kinds have 2·2ⁿ − 2 degrees of freedom, the VAE 2ⁿ.

    Raises:
        ValueError: another kind, n < 1.

    >>> [latent_size(kind, 4) for kind in KINDS]
    [16, 31, 30, 16]
    """
    demand(kind in KINDS, "kind", f"be one of {', '.join(KINDS)}", repr(kind))
    d = 2 ** whole_number("n", n, 1)
    return {"quantum": d, "sphere": 2 * d - 1, "gaussian": 2 * d - 2, "vae": d}[kind]


def state_freedom(n: int, seed: Seed) -> int:
    """Real degrees of freedom of a pure state, counted: the rank of the derivative of |ψ⟩⟨ψ| by the reals behind ψ at one point.

    >>> state_freedom(1, seed=1)
    2
    """
    d = 2 ** whole_number("n", n, 1)

    def projector(reals: Tensor) -> Tensor:
        state = torch.complex(reals[:d], reals[d:]) / reals.norm()
        return torch.view_as_real(torch.outer(state, state.conj())).flatten()

    point = torch.randn(2 * d, dtype=torch.float64, generator=generator(seed))
    return int(torch.linalg.matrix_rank(torch.autograd.functional.jacobian(projector, point)))


def fix_phase(states: Tensor) -> Tensor:
    """The representative of each state whose amplitude 0 is real and ≥ 0; a state whose amplitude 0 vanishes stays as it is.

    Args:
        states: amplitudes, shape (..., 2ⁿ).

    Raises:
        ValueError: no amplitudes.

    >>> fix_phase(torch.tensor([0.6j, 0.8])).real
    tensor([0.6000, 0.0000])
    """
    qubit_count("states", states)
    first = states[..., :1]
    vanishes = first == 0
    # 1 instead of 0 where nothing is to be turned: neither the phase nor its gradient is defined there.
    fixed = states * torch.sgn(torch.where(vanishes, torch.ones_like(first), first)).conj()
    # Rounding leaves an imaginary part of amplitude 0 that would depend on the phase removed.
    return torch.cat(
        (torch.where(vanishes, first, first.abs().to(first.dtype)), fixed[..., 1:]), dim=-1
    )


def plain_prior(kind: str, n: int, count: int, seed: Seed) -> Tensor:
    """Latents that know nothing of the data: Haar states, uniform points of the real sphere, or standard normal vectors.

    Args:
        kind, n: which latent, see `latent_size`.
        count: ≥ 0.
        seed: of the draws.

    Returns:
        Shape (count, latent size), complex64 or float32.
    """
    size = latent_size(kind, n)
    if kind == "quantum":
        return haar_states(count, n, seed, torch.complex64)
    drawn = torch.randn(
        whole_number("count", count, 0), size, generator=generator(seed), dtype=torch.float64
    )
    return (torch.nn.functional.normalize(drawn, dim=-1) if kind == "sphere" else drawn).float()


def matched_states(states: Tensor, count: int, seed: Seed) -> Tensor:
    """√ρ·Haar, normalised: an ensemble of pure states without phases, with nearly the mean density matrix ρ of `states`.

    Args:
        states: amplitudes, shape (N, 2ⁿ), N ≥ 1.
        count: how many to draw.
        seed: of the draws.

    Returns:
        Shape (count, 2ⁿ), the dtype of `states`. Before the norms are divided out the mean is ρ exactly.
    """
    n = qubit_count("states", states)
    wide = states.to(torch.complex128)
    values, vectors = torch.linalg.eigh(wide.mT @ wide.conj() / len(states))  # ρ = mean of |ψ⟩⟨ψ|
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.mH
    drawn = haar_states(count, n, seed) @ root.mT
    return (drawn / torch.linalg.vector_norm(drawn, dim=-1, keepdim=True)).to(states.dtype)


def matched_gaussian(latents: Tensor, count: int, seed: Seed) -> Tensor:
    """Normal vectors with the mean and covariance of real latents: the simplest prior that has seen the data.

    Args:
        latents: shape (N, size), N ≥ 2, real.
        count: how many to draw.
        seed: of the draws.

    Returns:
        Shape (count, size), the dtype of `latents`; points of a sphere have to be put back on it by the caller.

    Raises:
        ValueError: complex latents or fewer than two.
    """
    demand(not latents.is_complex(), "latents", "be real", latents.dtype)
    demand(len(latents) > 1, "latents", "be two or more", len(latents))
    wide = latents.double()
    values, vectors = torch.linalg.eigh(torch.cov(wide.mT))
    drawn = torch.randn(count, latents.shape[-1], generator=generator(seed), dtype=torch.float64)
    return (wide.mean(0) + (drawn * values.clamp(min=0).sqrt()) @ vectors.mT).to(latents.dtype)
