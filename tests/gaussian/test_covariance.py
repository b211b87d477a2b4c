import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from thewalrus.quantum import is_valid_cov

from qdm_utils.gaussian import (
    check_covariance,
    fidelity,
    normal_frame,
    random_covariance,
    squeezed_thermal,
    symplectic_eigenvalues,
    symplectic_form,
    two_mode_squeezed,
)
from tests.gaussian.strategies import angle, covariances, seeds, squeezing, thermal


@pytest.mark.slow
@given(thermal, squeezing, angle)
def test_squeezed_thermal_has_thermal_parameter_nu_and_determinant_nu_squared(nu, r, phi):
    cov = squeezed_thermal(nu, r, phi)
    assert_allclose(symplectic_eigenvalues(cov), [nu], rtol=1e-9)
    assert_allclose(np.linalg.det(cov), nu**2, rtol=1e-9)
    assert_allclose(np.trace(cov), 2 * nu * np.cosh(2 * r), rtol=1e-12)


@pytest.mark.parametrize("r", [2.0, 5.0, 9.0])
def test_strongly_squeezed_states_pass_the_check(r):
    check_covariance(squeezed_thermal(1.0, r, 0.7))


def test_the_long_axis_points_along_phi():
    vector = np.array([np.cos(0.4), np.sin(0.4)])
    assert_allclose(vector @ squeezed_thermal(1.5, 0.7, 0.4) @ vector, 1.5 * np.exp(1.4))


def test_squeezed_thermal_broadcasts():
    cov = squeezed_thermal(np.array([1.0, 2.0])[:, None], np.array([0.0, 0.1, 0.2]))
    assert cov.shape == (2, 3, 2, 2)
    assert_allclose(cov[1, 2], squeezed_thermal(2.0, 0.2))


@given(covariances)
def test_random_covariances_are_states_also_for_the_walrus(cov):
    check_covariance(cov)
    order = np.r_[0 : len(cov) : 2, 1 : len(cov) : 2]
    assert is_valid_cov(cov[np.ix_(order, order)], hbar=2)


@pytest.mark.parametrize("modes", [1, 2, 3])
def test_random_covariances_have_the_spectrum_they_were_drawn_with(modes):
    drawn = np.random.default_rng(5).uniform(1.0, 3.0, modes)
    assert_allclose(symplectic_eigenvalues(random_covariance(modes, 5)), np.sort(drawn), rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_random_covariances_mix_modes_before_and_after_they_are_squeezed(seed):
    nu = np.random.default_rng(seed).uniform(1.0, 3.0, 2)
    r = np.random.default_rng(seed).uniform(0.0, 1.0, 4)[2:]
    # Without a mixing after the squeezing a pure state would keep its axes, without one before it
    # γ would have this spectrum.
    alone = np.sort(np.r_[nu * np.exp(2 * r), nu * np.exp(-2 * r)])
    assert np.abs(np.linalg.eigvalsh(random_covariance(2, seed)) - alone).max() > 1e-3
    pure = random_covariance(2, seed, nu_max=1.0)
    assert_allclose(np.linalg.eigvalsh(pure), np.sort(np.exp(np.r_[2 * r, -2 * r])), rtol=1e-9)
    assert np.abs(pure[:2, 2:]).max() > 1e-3


def test_random_covariances_of_a_seed_stay_what_they_are():
    """Published tables rest on these draws: their order, their ranges, the passive parts."""
    drawn = [[13.0177736, 1.2073164], [1.2073164, 0.63526557]]
    assert_allclose(random_covariance(1, 5), drawn, rtol=1e-6)
    drawn = [5.05273924, 2.17499289, -1.82088256, -0.21543108]
    assert_allclose(random_covariance(2, 5)[0], drawn, rtol=1e-6)
    assert_allclose(random_covariance(1, np.random.SeedSequence(5)), random_covariance(1, 5))


def test_symplectic_form_is_antisymmetric_and_squares_to_minus_one():
    omega = symplectic_form(3)
    assert_allclose(omega.T, -omega)
    assert_allclose(omega @ omega, -np.eye(6))


def test_two_mode_squeezed_is_pure_and_has_thermal_halves():
    pair = two_mode_squeezed(0.9)
    assert_allclose(symplectic_eigenvalues(pair), [1.0, 1.0], atol=1e-7)
    assert_allclose(pair[:2, :2], np.cosh(1.8) * np.eye(2))


@given(seeds, st.integers(1, 3))
def test_the_normal_frame(seed, modes):
    cov = random_covariance(modes, seed)
    frame = normal_frame(cov)
    assert_allclose(frame.to @ frame.to.T, cov, atol=1e-10)
    assert_allclose(frame.to @ frame.back, np.eye(2 * modes), atol=1e-10)
    assert_allclose(frame.back @ symplectic_form(modes) @ frame.back.T, frame.form, atol=1e-9)
    assert_allclose(frame.nu, symplectic_eigenvalues(cov), atol=1e-7)
    assert (frame.noise >= 1.0).all()


@given(covariances)
def test_fidelity_with_itself_is_one(cov):
    assert_allclose(fidelity(cov, cov), 1.0, atol=1e-6)


@given(thermal, squeezing, angle, thermal, squeezing)
def test_fidelity_of_one_mode_matches_scutarus_formula(nu1, r1, phi, nu2, r2):
    cov1, cov2 = squeezed_thermal(nu1, r1, phi), squeezed_thermal(nu2, r2)
    total = np.linalg.det(cov1 + cov2)
    delta = (nu1**2 - 1) * (nu2**2 - 1)
    # Scutaru, J. Phys. A 31, 3659 (1998), in units where the vacuum covariance is 1: the squared
    # fidelity.
    assert_allclose(fidelity(cov1, cov2), 2 / (np.sqrt(total + delta) - np.sqrt(delta)), rtol=1e-6)
    assert_allclose(fidelity(cov1, cov2), fidelity(cov2, cov1), rtol=1e-6)


def test_fidelity_with_a_pure_state_of_three_modes_is_the_overlap(rng):
    """tr ρ₁ρ₂ = 2ᴺ/√det(γ₁ + γ₂)·exp(−½ δᵀ(γ₁ + γ₂)⁻¹δ); a wrong order of quadratures breaks it."""
    pure, mixed = random_covariance(3, 1, nu_max=1.0), random_covariance(3, 2)
    mean = rng.normal(size=6)
    total = pure + mixed
    overlap = 8 / np.sqrt(np.linalg.det(total)) * np.exp(-0.5 * mean @ np.linalg.solve(total, mean))
    assert_allclose(fidelity(pure, mixed, mean1=mean), overlap, rtol=1e-6)


def test_fidelity_is_the_squared_one():
    """Coherent states: |⟨α|β⟩|² = exp(−|α − β|²), and a mean of 2α in these units."""
    assert_allclose(fidelity(np.eye(2), np.eye(2), [1.2, 0.0]), np.exp(-0.36))


@pytest.mark.parametrize("seed", range(4))
def test_equal_symplectic_eigenvalues_leave_each_mode_its_own_squeezing(seed):
    """γ = 1.8·OZ²Oᵀ with O passive and complex: the frame must find the squeezed modes again."""
    pure = random_covariance(3, seed, nu_max=1.0, r_max=0.8)
    squeezings = np.log(np.linalg.eigvalsh(pure)[3:]) / 2
    frame = normal_frame(1.8 * pure)
    np.testing.assert_allclose(frame.nu, 1.8, rtol=1e-10)
    np.testing.assert_allclose(np.sort(frame.noise), np.sort(np.cosh(2 * squeezings)), rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: squeezed_thermal(0.3, 0.0), r"Argument `nu` must be ≥ 1, but got 0.3"),
        (lambda: squeezed_thermal(np.nan, 0.0), r"Argument `nu` must be finite, but got nan"),
        (lambda: squeezed_thermal(1.0, np.inf), r"Argument `r` must be finite, but got inf"),
        (
            lambda: squeezed_thermal("banana", 0.0),
            r"Argument `nu` must be real numbers, but got 'banana'",
        ),
        (lambda: squeezed_thermal(1.0, 0.1j), r"Argument `r` must be real numbers"),
        (
            lambda: check_covariance(np.array([[1.0, 0.5], [0.0, 1.0]])),
            r"Argument `cov` must be symmetric",
        ),
        (  # symmetric it is, though no entry is positive
            lambda: check_covariance(np.array([[-2.0, -0.5], [-0.5, -2.0]])),
            "Argument `cov` must be positive definite",
        ),
        (
            lambda: check_covariance(0.9 * np.eye(2)),
            r"Argument `cov` must obey the uncertainty relation",
        ),
        (
            lambda: check_covariance(np.diag([1e9, -0.5])),
            r"Argument `cov` must be positive definite",
        ),
        (
            lambda: check_covariance(np.diag([22026.0, 2.4e-5])),
            r"Argument `cov` must obey the uncertainty relation",
        ),
        (
            lambda: check_covariance(np.stack([0.98 * np.eye(2), squeezed_thermal(1.0, 4.0)])),
            r"Argument `cov` must obey the uncertainty relation",
        ),
        (
            lambda: check_covariance(np.zeros((0, 2, 2))),
            r"Argument `cov` must hold at least one matrix",
        ),
        (
            lambda: squeezed_thermal(1.0, 400.0),
            r"Argument `r` must lie in \[−10, 10\], but got 400",
        ),
        (
            lambda: squeezed_thermal([1.0, 2.0], [0.1, 0.2, 0.3]),
            r"Argument `nu` must broadcast with `r`, `phi`",
        ),
        (
            lambda: check_covariance(np.eye(3)),
            r"Argument `cov` must have shape \(..., 2N, 2N\), but got shape \(3, 3\)",
        ),
        (lambda: check_covariance(np.full((2, 2), np.nan)), r"Argument `cov` must be finite"),
        (lambda: fidelity(np.eye(2), np.eye(4)), r"Argument `cov2` must have the shape of cov1"),
        (
            lambda: fidelity(np.eye(2), np.eye(2), mean2=[0.0]),
            r"Argument `mean2` must have shape \(2,\)",
        ),
        (lambda: two_mode_squeezed(-0.1), r"Argument `squeezing` must be ≥ 0, but got -0.1"),
        (
            lambda: random_covariance(0, 1),
            r"Argument `modes` must be a whole number ≥ 1, but got 0",
        ),
        (
            lambda: random_covariance(1.5, 1),
            r"Argument `modes` must be a whole number ≥ 1, but got 1.5",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
