r"""Petz recovery of the loss: the general-purpose legal reverse of a channel.

For a reference ρ that a channel 𝒩 takes to 𝒩(ρ), Petz's map is
ω ↦ √ρ 𝒩†(𝒩(ρ)^{−½} ω 𝒩(ρ)^{−½}) √ρ. It is completely positive whatever the channel, and takes 𝒩(ρ)
back to ρ. For a Gaussian channel and reference it is Gaussian, γ ↦ XγXᵀ + Y; for the attenuator of
transmissivity η, with V and N the covariances of ρ and 𝒩(ρ),

    X = √η G(V) G(N)⁻¹,  Y = V − XNXᵀ,  G(γ) = √(1 + (γσ)⁻²) γ.

With γ = S(ν₁1 ⊕ … ⊕ ν_N1)Sᵀ, G is S(√(ν₁² − 1)1 ⊕ …)Sᵀ: it vanishes on pure modes. Where V has a
pure mode, X vanishes on it, and the map discards the mode and prepares it anew. Where N has one
(and η < 1), V is the vacuum there, and X is 0/0: the map depends on how that vacuum is approached.
Taken here is the limit from thermal states, in which nothing is done to the mode.

Source: L. Lami, S. Das, M. M. Wilde, J. Phys. A 51, 125301 (2018).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_sylvester

from qdm_utils.arguments import at_least, between, broadcast, demand, scalar
from qdm_utils.gaussian.covariance import (
    NormalFrame,
    check_single,
    check_squeezing,
    normal_frame,
    symplectic_form,
)
from qdm_utils.gaussian.semigroup import Generator, attenuate

KERNEL = 1e-13  # of the largest ν² − 1: modes below it count as pure


def petz_channel(cov: ArrayLike, eta: float) -> tuple[np.ndarray, np.ndarray]:
    """The Petz map γ ↦ XγXᵀ + Y that undoes an attenuator on a reference.

    Args:
        cov: the reference V *before* the loss, shape (2N, 2N).
        eta: transmissivity of the loss, in [0, 1]. At 0 nothing is left, and the map prepares V.

    Returns:
        X and Y, shape (2N, 2N) each.

    Raises:
        ValueError: V is not a covariance, or η outside [0, 1].

    >>> X, Y = petz_channel(3.0 * np.eye(2), eta=0.5)
    >>> np.round(X @ (2.0 * np.eye(2)) @ X.T + Y, 12)
    array([[3., 0.],
           [0., 3.]])
    """
    reference = check_single(cov)
    eta = float(between("eta", scalar("eta", eta), 0.0, 1.0))
    if eta == 0.0:
        return np.zeros_like(reference), reference.copy()
    noised = attenuate(reference, eta)
    start, _, _ = _mixed_part(reference - np.eye(len(reference)))
    _, inverse, pure = _mixed_part(eta * (reference - np.eye(len(reference))))
    X = np.sqrt(eta) * start @ inverse + pure
    Y = reference - X @ noised @ X.T
    return X, (Y + Y.T) / 2.0


def _mixed_part(excess: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """G(γ) of this module's head, its pseudo-inverse, and the projection on its kernel.

    From γ − 1, which a strong loss makes small: −(γσ)² − 1 = Q is computed without subtracting
    almost equal numbers, and G = √(Q/(1 + Q)) γ. Q is symmetric as seen from √γ.

    Args:
        excess: γ − 1, shape (2N, 2N).
    """
    size = len(excess)
    sigma = symplectic_form(size // 2)
    turned = excess @ sigma
    spectrum, axes = np.linalg.eigh(np.eye(size) + excess)
    root, inverse_root = (axes * spectrum**power @ axes.T for power in (0.5, -0.5))
    seen = inverse_root @ (excess - sigma @ turned - turned @ turned) @ root
    squares, modes = np.linalg.eigh((seen + seen.T) / 2.0)
    mixed = squares > KERNEL * max(squares[-1], np.finfo(float).tiny)
    squares, modes = squares[mixed], modes[:, mixed]
    shares = np.sqrt(squares / (1.0 + squares))
    g = root @ (modes * shares) @ modes.T @ root
    inverse = inverse_root @ (modes / shares) @ modes.T @ inverse_root
    kernel = np.eye(size)
    if mixed.any():
        range_of_g = np.linalg.qr(root @ modes)[0]
        kernel = kernel - range_of_g @ range_of_g.T
    return g, inverse, kernel


def petz_cost(nu: ArrayLike, r: ArrayLike) -> np.ndarray | float:
    """What Petz's generator costs, tr(γ⁻¹D) = 2 + e(ν² + 1)/(ν² − 1), with e = 2 cosh(2r)/ν − 2.

    On the boundary of Theorem 1 it is 2, whatever ν: there Petz keeps the diffusion of the loss,
    which the exact law does without. It is dearer than the law by 2 + eν/(ν + 1) past the boundary
    and by 2 + eν/(ν − 1) below it, which is nothing for thermal states.

    Args:
        nu: thermal parameter ν ≥ 1; scalar or array.
        r: squeezing; scalar or array. The two broadcast.

    Returns:
        A rate in units of the damping rate, of the broadcast shape; ∞ for pure squeezed states,
        zero for the vacuum.

    Raises:
        ValueError: ν < 1, |r| > 10, or anything not finite.

    >>> np.round(petz_cost([3.0, 1.5, 1.0], [0.2, 1.0, 0.0]), 5)
    array([0.40089, 9.84228, 0.     ])
    """
    nu, r = broadcast(nu=at_least("nu", nu, 1.0), r=check_squeezing("r", r))
    # cosh 2r − ν and ν² − 1 as sums of small numbers keep their digits near the vacuum.
    squeezed, thermal = 2.0 * np.sinh(r) ** 2, nu - 1.0
    rate = 2.0 * (squeezed - thermal) / nu
    mixed = np.where(thermal > 0.0, thermal * (nu + 1.0), 1.0)
    pure = np.where(squeezed > 0.0, np.inf, 0.0)
    return np.where(thermal > 0.0, 2.0 + rate * (nu**2 + 1.0) / mixed, pure)[()]


def petz_reverse(cov: ArrayLike) -> Generator:
    """The generator (K, D) of Petz recovery at a running reference, as the loss undone is short.

    Followed along the noising path from its end it is the Petz map of the whole loss. For one mode
    K = K_rev − e/(2(ν² − 1))·1 and D = 1 + e/(ν² − 1)·γ, with the Bayes drift K_rev and the rate
    e = 2 cosh(2r)/ν − 2 at which the loss raises ln det γ. So on the boundary of Theorem 1, e = 0,
    it *is* the Bayes reverse.

    Args:
        cov: reference γ, shape (2N, 2N).

    Returns:
        (drift, diffusion), shape (2N, 2N) each; on the CP boundary, λ_min(M) = 0. Zeros for the
        vacuum, the limit from thermal states.

    Raises:
        ValueError: not a covariance, or one with a pure normal mode. Towards squeezed ones the
            generator diverges; a vacuum beside mixed modes has a finite limit and is not supported.

    Derivation: K = −½·1 − ĠG⁻¹ with G of this module's head along γ̇ = 1 − γ, and D from
    Kγ + γKᵀ + D = −γ̇.

    >>> drift, diffusion = petz_reverse(3.0 * np.eye(2))
    >>> np.round(np.diag(drift), 12), np.round(np.diag(diffusion), 12)
    (array([0.25, 0.25]), array([0.5, 0.5]))
    """
    frame = normal_frame(cov)
    gamma = frame.to @ frame.to.T
    identity = np.eye(len(gamma))
    if np.all(frame.nu == 1.0) and np.all(frame.noise == 1.0):
        return np.zeros_like(gamma), np.zeros_like(gamma)
    pure = "a pure mode; towards squeezed ones the Petz generator diverges"
    demand(bool(np.all(frame.nu > 1.0)), "cov", "be mixed in every normal mode", pure)
    change = identity - gamma
    inverse = frame.back.T @ frame.back
    # √(1 + (γσ)⁻²) and its derivative, from the square: R² = Q gives ṘR + RṘ = Q̇.
    factors = _mixedness(frame)
    root, inverse_root = (frame.to * each @ frame.back for each in (factors, 1.0 / factors))
    turned = np.linalg.inv(gamma @ symplectic_form(len(gamma) // 2))
    relative = change @ inverse
    turned_rate = -turned @ relative
    root_rate = solve_sylvester(root, root, turned_rate @ turned + turned @ turned_rate)
    drift = -0.5 * identity - (root_rate + root @ relative) @ inverse_root
    moved = drift @ gamma
    diffusion = -change - moved - moved.T
    return drift, (diffusion + diffusion.T) / 2.0


def _mixedness(frame: NormalFrame) -> np.ndarray:
    """√(1 − 1/ν²) for every quadrature of the normal frame: 0 for pure modes."""
    return np.repeat(np.sqrt((frame.nu - 1.0) * (frame.nu + 1.0)) / frame.nu, 2)
