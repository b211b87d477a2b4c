import math

import numpy as np
import pytest
import torch

from qdm_utils.images import (
    ensemble_penalty,
    fix_phase,
    latent_size,
    matched_gaussian,
    matched_states,
    plain_prior,
)
from qdm_utils.images.geometry import WIDTHS, closeness, kernel, prior_means
from qdm_utils.qubits import density_matrix, haar_states
from qdm_utils.qubits.states import fidelity


def phases(count: int) -> torch.Tensor:
    angles = (
        torch.rand(count, 1, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
        * 2
        * torch.pi
    )
    return torch.polar(torch.ones_like(angles), angles)


def test_the_phase_is_fixed_and_nothing_else():
    states = haar_states(200, 3, seed=1)
    fixed = fix_phase(states)
    assert (fixed[:, 0].imag == 0).all()
    assert (fixed[:, 0].real >= 0).all()
    assert torch.allclose(fidelity(fixed, states), torch.ones(200, dtype=torch.float64))
    assert torch.allclose(fix_phase(states * phases(200)), fixed)
    assert torch.equal(fix_phase(fixed), fixed)


def test_where_amplitude_zero_vanishes_the_state_stays_and_the_gradient_is_finite():
    state = torch.tensor([[0.0, 0.6j, 0.8, 0.0]], dtype=torch.complex128, requires_grad=True)
    assert torch.equal(fix_phase(state), state)
    fix_phase(state).real.sum().backward()
    assert torch.isfinite(torch.view_as_real(state.grad)).all()


def test_the_gauge_has_the_right_gradient():
    states = haar_states(3, 2, seed=2).requires_grad_()
    assert torch.autograd.gradcheck(fix_phase, (states,))


@pytest.mark.parametrize("n", [2, 4])
def test_the_twins_have_the_dimension_of_the_states(n):
    """Rank of the map from 2·2ⁿ reals to the projector |ψ⟩⟨ψ|, against the dimensions of sphere and vector."""
    state = haar_states(1, n, seed=3)[0]

    def projector(x: torch.Tensor) -> torch.Tensor:
        psi = torch.complex(*x.chunk(2))
        rho = torch.outer(psi, psi.conj()) / psi.abs().square().sum()
        return torch.cat((rho.real.flatten(), rho.imag.flatten()))

    jacobian = torch.autograd.functional.jacobian(projector, torch.cat((state.real, state.imag)))
    freedom = int(torch.linalg.matrix_rank(jacobian, atol=1e-9))
    assert freedom == 2 * 2**n - 2 == latent_size("gaussian", n) == latent_size("sphere", n) - 1
    assert latent_size("quantum", n) == latent_size("vae", n) == 2**n
    with pytest.raises(
        ValueError,
        match="Argument `kind` must be one of quantum, sphere, gaussian, vae, but got 'torus'",
    ):
        latent_size("torus", n)


def test_the_plain_priors_are_what_they_are_called():
    states, points, vectors = (
        plain_prior(kind, 2, 20000, seed=4) for kind in ("quantum", "sphere", "gaussian")
    )
    assert (states.dtype, points.dtype, vectors.dtype) == (
        torch.complex64,
        torch.float32,
        torch.float32,
    )
    assert torch.allclose(torch.linalg.vector_norm(points, dim=1), torch.ones(20000))
    assert torch.allclose(
        points.T @ points / 20000, torch.eye(7) / 7, atol=5 * math.sqrt(2) / 7 / math.sqrt(20000)
    )
    assert torch.allclose(vectors.T @ vectors / 20000, torch.eye(6), atol=5 * math.sqrt(2 / 20000))
    assert torch.allclose(
        density_matrix(states).mean(0), torch.eye(4) / 4 + 0j, atol=5 / 4 / math.sqrt(20000)
    )


def test_matched_states_keep_the_mean_density_matrix_and_lose_the_phase():
    # Two basis states with weights 0.8 and 0.2, and one coherence that a transposed ρ would conjugate.
    states = torch.tensor([[1.0, 0, 0, 0]] * 3 + [[0.6, 0.8j, 0, 0]], dtype=torch.complex128)
    rho = density_matrix(states).mean(0)
    drawn = matched_states(states, 40000, seed=5)
    found = density_matrix(drawn).mean(0)
    assert torch.allclose(
        torch.linalg.vector_norm(drawn, dim=1), torch.ones(40000, dtype=torch.float64)
    )
    assert drawn.mean(0).abs().max() < 5 / math.sqrt(40000)
    # Normalising mixes ρ a little towards the identity on its support, but keeps its eigenvectors.
    assert (found @ rho - rho @ found).abs().max() < 0.02
    assert found[0, 1].imag * rho[0, 1].imag > 0
    assert found[2:, 2:].abs().max() < 1e-12
    # Flat spectrum: nothing to mix, ρ itself.
    flat = torch.eye(4, dtype=torch.complex128)[:2]
    assert torch.allclose(
        density_matrix(matched_states(flat, 40000, 6)).mean(0),
        density_matrix(flat).mean(0),
        atol=0.01,
    )


def test_a_matched_gaussian_has_mean_and_covariance_of_the_latents(rng):
    latents = torch.tensor(
        rng.normal(size=(500, 3)) @ np.array([[2, 1, 0], [0, 1, 0], [0, 0, 0.0]]) + [1, 2, 3]
    )
    drawn = matched_gaussian(latents, 40000, seed=7)
    assert torch.allclose(drawn.mean(0), latents.mean(0), atol=0.06)
    assert torch.allclose(torch.cov(drawn.T), torch.cov(latents.T), atol=0.2)
    assert (drawn[:, 2] - 3).abs().max() < 1e-9
    with pytest.raises(ValueError, match="Argument `latents` must be real"):
        matched_gaussian(haar_states(3, 2, 1), 5, 1)


@pytest.mark.parametrize("kind", ["quantum", "sphere", "gaussian"])
def test_the_kernel_means_of_the_prior_are_exact(kind):
    here, there = plain_prior(kind, 3, 50, seed=8), plain_prior(kind, 3, 40000, seed=9)
    values = kernel(closeness(kind, here, there)).double()
    seen, mean = prior_means(kind, here)
    error = values.std(1) / math.sqrt(40000)
    assert ((values.mean(1) - seen).abs() < 5 * error).all()
    if kind != "gaussian":
        assert torch.allclose(seen, torch.full_like(seen, mean))
    pairs = kernel(closeness(kind, there[:2000], there[2000:4000])).double()
    assert pairs.mean().item() == pytest.approx(mean, rel=0.02)


@pytest.mark.parametrize("kind", ["quantum", "sphere", "gaussian"])
def test_the_penalty_is_zero_in_the_mean_for_the_prior_and_positive_away_from_it(kind):
    null = torch.stack(
        [ensemble_penalty(kind, plain_prior(kind, 3, 64, seed)) for seed in range(300)]
    )
    assert abs(null.mean()) < 4 * null.std() / math.sqrt(300)
    crowded = plain_prior(kind, 3, 64, seed=1)
    crowded[:, 0] += 1.0
    if kind != "gaussian":
        crowded /= torch.linalg.vector_norm(crowded, dim=1, keepdim=True)
    assert ensemble_penalty(kind, crowded) > 10 * null.std()
    if kind == "gaussian":
        assert ensemble_penalty(kind, 2 * plain_prior(kind, 3, 64, seed=1)) > 10 * null.std()
        assert ensemble_penalty(kind, 0.5 * plain_prior(kind, 3, 64, seed=1)) > 10 * null.std()


def test_the_penalty_on_states_does_not_see_phases_and_sees_more_than_the_mean_density_matrix():
    states = haar_states(64, 3, seed=10)
    assert torch.allclose(
        ensemble_penalty("quantum", states * phases(64)), ensemble_penalty("quantum", states)
    )
    basis = torch.eye(8, dtype=torch.complex128).repeat(8, 1)
    assert torch.allclose(density_matrix(basis).mean(0), torch.eye(8, dtype=torch.complex128) / 8)
    assert ensemble_penalty("quantum", basis) > 0.05


def test_the_kernels_of_the_three_geometries_are_one_family():
    assert closeness("sphere", torch.eye(4), torch.eye(4)).tolist() == torch.eye(4).tolist()
    points = plain_prior("sphere", 3, 5, seed=11)
    vectors = points * points.shape[-1] ** 0.5  # at their typical radius
    assert torch.allclose(
        closeness("gaussian", vectors, vectors), closeness("sphere", points, points), atol=1e-5
    )
    expected = sum(math.exp(-0.5 / width) for width in WIDTHS) / len(WIDTHS)
    assert kernel(torch.tensor(0.5)).item() == pytest.approx(expected)
    with pytest.raises(
        ValueError, match="Argument `kind` must be one of quantum, sphere, gaussian, but got 'vae'"
    ):
        ensemble_penalty("vae", points)
    with pytest.raises(ValueError, match="Argument `latents` must be two or more"):
        ensemble_penalty("sphere", points[:1])
