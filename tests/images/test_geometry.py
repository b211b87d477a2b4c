import math

import numpy as np
import pytest
import torch

from qdm_utils.images import Sphere, States, Vector, fix_phase, latent_geometry, state_freedom
from qdm_utils.images.geometry import WIDTHS, kernel, matched_gaussian, matched_states
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
    """Counted as the rank of the map from 2·2ⁿ reals to the projector |ψ⟩⟨ψ|."""
    states, sphere, vector = (latent_geometry(name, n) for name in ("states", "sphere", "vector"))
    assert state_freedom(n, seed=3) == states.freedom == sphere.freedom == vector.freedom
    assert (states.size, sphere.size, vector.size) == (2**n, 2 * 2**n - 1, 2 * 2**n - 2)
    assert (states.real_size, states.coordinate_size) == (2 * 2**n, 2 * 2**n - 1)


@pytest.mark.parametrize("geometry", [States(2), Sphere(6), Vector(6)], ids=str)
def test_reals_and_coordinates_lead_back_to_the_latents(geometry):
    latents = geometry.plain(50, seed=1)
    reals = geometry.to_reals(latents)
    assert reals.shape == (50, geometry.real_size)
    assert torch.allclose(geometry.from_reals(reals), latents, atol=1e-6)
    assert reals.square().mean().sqrt().item() * geometry.scale == pytest.approx(1.0, abs=0.15)
    fixed = geometry.fix_phase(latents)
    coordinates = geometry.to_coordinates(fixed)
    assert coordinates.shape == (50, geometry.coordinate_size)
    assert torch.allclose(geometry.from_coordinates(coordinates), fixed, atol=1e-6)
    grown = torch.allclose(geometry.from_reals(3 * reals), latents, atol=1e-6)
    assert grown == geometry.unit_norm


@pytest.mark.slow
@pytest.mark.parametrize("geometry", [States(2), Sphere(6), Vector(6)], ids=str)
def test_the_discrepancy_is_the_squared_mmd_less_what_latents_cannot_change(geometry):
    """Towards plain latents it is the penalty less the plain mean; plain latents themselves have
    the least."""
    near = geometry.plain(60, seed=1)
    near[:, 0] += 0.5
    near = geometry.from_reals(geometry.to_reals(near))
    many = geometry.plain(40000, seed=2)
    _, mean = geometry.kernel_means(near)
    expected = geometry.penalty(near) - mean
    assert geometry.discrepancy(near, many).item() == pytest.approx(expected.item(), abs=0.01)
    assert geometry.discrepancy(many[:2000], many[2000:4000]) < geometry.discrepancy(near, many)


@pytest.mark.parametrize(
    ("latents", "message"),
    [
        (torch.zeros(5), "have shape"),
        (torch.zeros(1, 3), "have shape"),
        (torch.full((5, 3), torch.nan), "be finite"),
        (torch.zeros(5, 3, dtype=torch.complex64), "be real"),
    ],
)
def test_a_matched_gaussian_wants_a_table_of_finite_reals(latents, message):
    with pytest.raises(ValueError, match=f"Argument `latents` must {message}"):
        matched_gaussian(latents, 5, seed=1)
    with pytest.raises(ValueError, match="Argument `count` must be a whole number ≥ 0"):
        matched_gaussian(torch.rand(5, 3), -1, seed=1)


def test_matched_states_want_a_table_with_a_state():
    for states in (torch.zeros(0, 4), torch.ones(4), torch.full((5, 4), torch.nan)):
        with pytest.raises(ValueError, match="Argument `states` must"):
            matched_states(states + 0j, 5, seed=1)


def test_a_matched_latent_of_one_number_has_its_mean_and_variance():
    drawn = matched_gaussian(torch.tensor([[1.0], [3.0]]), 20000, seed=1)
    assert drawn.mean().item() == pytest.approx(2.0, abs=0.06)
    assert drawn.var().item() == pytest.approx(2.0, abs=0.12)


def test_latents_of_another_geometry_are_refused():
    with pytest.raises(ValueError, match="Argument `latents` must be complex"):
        States(2).matched(torch.ones(5, 4), 3, seed=1)
    with pytest.raises(ValueError, match=r"Argument `latents` must have shape \(N, 7\)"):
        Sphere(6).matched(torch.ones(5, 6), 3, seed=1)
    with pytest.raises(ValueError, match="Argument `n` must be a whole number ≥ 1"):
        States(0)
    with pytest.raises(ValueError, match="Argument `dimension` must be a whole number ≥ 1"):
        Vector(0)


def test_the_plain_priors_are_what_they_are_called():
    states, points, vectors = (
        geometry.plain(20000, seed=4) for geometry in (States(2), Sphere(6), Vector(6))
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
    # One coherence that a transposed ρ would conjugate.
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


@pytest.mark.parametrize("geometry", [States(3), Sphere(14), Vector(14)], ids=str)
def test_the_kernel_means_of_plain_latents_are_exact(geometry):
    here = geometry.plain(50, seed=8)
    there = geometry.plain(40000, seed=9)
    values = kernel(geometry.closeness(here, there)).double()
    seen, mean = geometry.kernel_means(here)
    error = values.std(1) / math.sqrt(40000)
    assert ((values.mean(1) - seen).abs() < 5 * error).all()
    if geometry.unit_norm:
        assert torch.allclose(seen, torch.full_like(seen, mean))
    pairs = kernel(geometry.closeness(there[:2000], there[2000:4000])).double()
    assert pairs.mean().item() == pytest.approx(mean, rel=0.02)


@pytest.mark.parametrize("geometry", [States(3), Sphere(14), Vector(14)], ids=str)
def test_the_penalty_is_zero_in_the_mean_for_plain_latents_and_positive_away_from_them(geometry):
    null = torch.stack([geometry.penalty(geometry.plain(64, seed)) for seed in range(300)])
    assert abs(null.mean()) < 4 * null.std() / math.sqrt(300)
    crowded = geometry.plain(64, seed=1)
    crowded[:, 0] += 1.0
    if geometry.unit_norm:
        crowded /= torch.linalg.vector_norm(crowded, dim=1, keepdim=True)
    assert geometry.penalty(crowded) > 10 * null.std()
    if not geometry.unit_norm:
        assert geometry.penalty(2 * geometry.plain(64, seed=1)) > 10 * null.std()
        assert geometry.penalty(0.5 * geometry.plain(64, seed=1)) > 10 * null.std()


def test_the_penalty_on_states_does_not_see_phases_and_sees_more_than_the_mean_density_matrix():
    states = haar_states(64, 3, seed=10)
    assert torch.allclose(States(3).penalty(states * phases(64)), States(3).penalty(states))
    basis = torch.eye(8, dtype=torch.complex128).repeat(8, 1)
    assert torch.allclose(density_matrix(basis).mean(0), torch.eye(8, dtype=torch.complex128) / 8)
    assert States(3).penalty(basis) > 0.05


def test_the_kernels_of_the_three_geometries_are_one_family():
    assert Sphere(3).closeness(torch.eye(4), torch.eye(4)).tolist() == torch.eye(4).tolist()
    points = Sphere(14).plain(5, seed=11)
    vectors = points * 15**0.5  # at their typical radius
    assert torch.allclose(
        Vector(15).closeness(vectors, vectors), Sphere(14).closeness(points, points), atol=1e-5
    )
    expected = sum(math.exp(-0.5 / width) for width in WIDTHS) / len(WIDTHS)
    assert kernel(torch.tensor(0.5)).item() == pytest.approx(expected)
    with pytest.raises(
        ValueError, match="Argument `name` must be one of states, sphere, vector, but got 'torus'"
    ):
        latent_geometry("torus", 3)
    with pytest.raises(ValueError, match="Argument `latents` must be two or more"):
        Sphere(14).penalty(points[:1])


def test_the_closeness_of_states_is_their_fidelity():
    states = haar_states(4, 2, seed=1)
    others = haar_states(3, 2, seed=2)
    found = States(2).closeness(states, others)
    expected = fidelity(states[:, None], others[None])
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(
        States(2).closeness(states, states).diagonal(), torch.ones(4).double()
    )
