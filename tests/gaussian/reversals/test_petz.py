"""Petz recovery: against the map of its definition in Fock space, and against its own generator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import block_diag
from scipy.special import gammaln

from qdm_utils.gaussian import (
    along_path,
    attenuate,
    bayes_reverse,
    cp_margin,
    critical_squeezing,
    entropy_rate,
    evolve,
    exact_reversal,
    exact_reversal_cost,
    petz_channel,
    petz_cost,
    petz_reverse,
    random_covariance,
    reversal_price,
    squeezed_thermal,
    symplectic_eigenvalues,
    symplectic_form,
)
from qdm_utils.gaussian.second_opinions.fock import gaussian_density_matrix, second_moments
from tests.gaussian.strategies import angle, covariances, squeezing

mixed = st.floats(1.05, 6.0)
eta = st.floats(0.05, 0.99)


def _channel_margin(X, Y):
    sigma = symplectic_form(len(X) // 2)
    return np.linalg.eigvalsh(Y + 1j * (sigma - X @ sigma @ X.T))[0]


def _loss(eta, levels):
    """Kraus operators of the attenuator on Fock levels: k photons go with √(C(n, k)(1−η)ᵏηⁿ⁻ᵏ)."""
    n = np.arange(levels)
    operators = np.zeros((levels, levels, levels))
    for k in n:
        left = n[k:]
        binomial = gammaln(left + 1) - gammaln(k + 1) - gammaln(left - k + 1)
        weight = binomial + k * np.log(1 - eta) + (left - k) * np.log(eta)
        operators[k, left - k, left] = np.exp(weight / 2)
    return operators


def _power(rho, exponent):
    values, vectors = np.linalg.eigh(rho)
    return vectors * np.maximum(values, 1e-300) ** exponent @ vectors.conj().T


@pytest.mark.parametrize(
    ("reference", "transmitted", "given_state"),
    [
        (squeezed_thermal(2.5, 0.3, 0.4), 0.6, squeezed_thermal(1.3, 0.1, 1.0)),
        (squeezed_thermal(1.8, 0.5), 0.4, np.eye(2)),
    ],
)
def test_it_is_the_map_that_petz_wrote_down(reference, transmitted, given_state):
    """√V 𝒩†(N^{−½} ρ N^{−½}) √V on Fock levels, where no covariance formula enters."""
    levels = 40
    kraus = _loss(transmitted, levels)
    rho = gaussian_density_matrix(reference, levels)
    noised = np.einsum("kab,bc,kdc->ad", kraus, rho, kraus)
    assert_allclose(second_moments(noised), attenuate(reference, transmitted), atol=1e-5)
    inverse = _power(noised, -0.5)
    seen = inverse @ gaussian_density_matrix(given_state, levels) @ inverse
    root = _power(rho, 0.5)
    recovered = root @ np.einsum("kba,bc,kcd->ad", kraus, seen, kraus) @ root
    assert_allclose(np.trace(recovered).real, 1.0, atol=1e-5)
    X, Y = petz_channel(reference, transmitted)
    assert_allclose(second_moments(recovered), X @ given_state @ X.T + Y, atol=1e-4)


@given(covariances, eta)
def test_it_is_legal_and_leads_the_noised_reference_back(cov, eta):
    X, Y = petz_channel(cov, eta)
    scale = np.abs(cov).max()
    assert_allclose(X @ attenuate(cov, eta) @ X.T + Y, cov, atol=1e-12 * scale)
    assert _channel_margin(X, Y) > -1e-11 * scale


@given(mixed, squeezing, angle, eta)
def test_for_one_mode_the_square_root_is_a_number(nu, r, phi, eta):
    cov = squeezed_thermal(nu, r, phi)
    noised = attenuate(cov, eta)
    share = (1 - 1 / np.linalg.det(cov)) / (1 - 1 / np.linalg.det(noised))
    expected = np.sqrt(eta * share) * cov @ np.linalg.inv(noised)
    assert_allclose(petz_channel(cov, eta)[0], expected, rtol=1e-6, atol=1e-9)


@settings(max_examples=15)
@given(covariances, st.floats(0.3, 0.9))
def test_its_generator_followed_back_is_the_map_of_the_whole_loss(cov, eta):
    """For any input, not only for the noised reference."""
    cov = cov + 0.1 * np.eye(len(cov))
    start = np.eye(len(cov)) * 1.7
    time = -np.log(eta)
    end = evolve(start, along_path(petz_reverse, cov, time), [0.0, time])[-1]
    X, Y = petz_channel(cov, eta)
    assert_allclose(end, X @ start @ X.T + Y, rtol=1e-7, atol=1e-7)


@given(mixed, squeezing, angle)
def test_for_one_mode_it_is_the_bayes_reverse_and_a_multiple_of_the_entropy_rate(nu, r, phi):
    cov = squeezed_thermal(nu, r, phi)
    scale = np.abs(cov).max() / (nu - 1)
    rate = entropy_rate(cov) / (nu**2 - 1)
    drift, diffusion = petz_reverse(cov)
    assert_allclose(drift, bayes_reverse(cov)[0] - rate / 2 * np.eye(2), atol=1e-10 * scale)
    assert_allclose(diffusion, np.eye(2) + rate * cov, atol=1e-10 * scale)


@given(covariances)
def test_the_generator_undoes_the_loss_on_the_edge_of_the_legal(cov):
    cov = cov + 0.05 * np.eye(len(cov))
    drift, diffusion = petz_reverse(cov)
    scale = np.abs(diffusion).max()
    assert_allclose(
        drift @ cov + cov @ drift.T + diffusion, cov - np.eye(len(cov)), atol=1e-9 * scale
    )
    assert_allclose(cp_margin(drift, diffusion), 0.0, atol=1e-7 * scale)


@given(mixed, squeezing, angle)
def test_its_cost_is_the_trace_of_its_diffusion_and_above_the_law(nu, r, phi):
    cov = squeezed_thermal(nu, r, phi)
    cost = petz_cost(nu, r)
    assert_allclose(reversal_price(cov, *petz_reverse(cov)), cost, rtol=1e-8, atol=1e-9)
    rate = entropy_rate(cov)
    dearer = 2 + rate * nu / (nu + 1 if rate > 0 else nu - 1)
    assert_allclose(cost - exact_reversal_cost(nu, r), dearer, rtol=1e-7, atol=1e-8)
    assert dearer > -1e-12


def test_on_the_boundary_it_is_the_bayes_reverse_and_costs_what_the_loss_has():
    for nu in (1.1, 1.5, 4.0):
        cov = squeezed_thermal(nu, critical_squeezing(nu), 0.3)
        for mine, bayes in zip(petz_reverse(cov), bayes_reverse(cov), strict=True):
            assert_allclose(mine, bayes, atol=1e-11)
        assert_allclose(petz_cost(nu, critical_squeezing(nu)), 2.0, atol=1e-12)
        assert_allclose(exact_reversal_cost(nu, critical_squeezing(nu)), 0.0, atol=1e-12)


def test_thermal_states_leave_nothing_to_save():
    """There the cheapest reverse is Petz's."""
    for nu in (1.01, 1.5, 4.0):
        for mine, law in zip(
            *(f(nu * np.eye(2)) for f in (petz_reverse, exact_reversal)), strict=True
        ):
            assert_allclose(mine, law, atol=1e-10)


def test_values():
    assert_allclose(petz_cost([3.0, 1.5], [0.2, 1.0]), [0.4008936, 9.8422784], atol=5e-8)


def test_towards_a_pure_state_the_cost_of_the_last_step_is_two_over_the_time():
    for r in (0.2, 0.8, 1.5):
        path = attenuate(squeezed_thermal(1.0, r), np.exp(-np.array([1e-4, 1e-5])))
        nu = [symplectic_eigenvalues(cov)[0] for cov in path]
        at = [0.5 * np.arccosh(np.trace(cov) / 2 / n) for cov, n in zip(path, nu, strict=True)]
        assert_allclose(petz_cost(nu, at) * [1e-4, 1e-5], 2.0, rtol=0.02)


def test_pure_modes_are_prepared_anew_and_vacua_left_alone():
    squeezed = squeezed_thermal(1.0, 0.5, 0.2)
    X, Y = petz_channel(squeezed, 0.5)
    assert_allclose(X, 0.0, atol=1e-7)
    assert_allclose(Y, squeezed, atol=1e-12)
    for eta in (0.3, 1.0):
        X, Y = petz_channel(np.eye(2), eta)
        assert_allclose(X, np.eye(2), atol=1e-12)
        assert_allclose(Y, 0.0, atol=1e-12)
    warm = squeezed_thermal(2.0, 0.4)
    X, Y = petz_channel(block_diag(warm, np.eye(2)), 0.6)
    alone = petz_channel(warm, 0.6)
    assert_allclose(X, block_diag(alone[0], np.eye(2)), atol=1e-9)
    assert_allclose(Y, block_diag(alone[1], np.zeros((2, 2))), atol=1e-9)
    for part in petz_reverse(np.eye(4)):
        assert_allclose(part, 0.0, atol=0)


def test_without_loss_nothing_is_done_and_without_light_all_is_prepared():
    for cov in (random_covariance(2, 3), squeezed_thermal(1.0, 0.4)):
        X, Y = petz_channel(cov, 1.0)
        assert_allclose(X, np.eye(len(cov)), atol=1e-9)
        assert_allclose(Y, 0.0, atol=1e-8)
        X, Y = petz_channel(cov, 0.0)
        assert_allclose(X, 0.0, atol=0)
        assert_allclose(Y, cov, atol=1e-12)


@pytest.mark.parametrize("transmitted", [1e-12, 1e-6, 0.5, 1 - 1e-12])
@pytest.mark.parametrize("modes", [1, 2, 3])
def test_what_hardly_loses_or_hardly_transmits_is_undone_as_legally(modes, transmitted):
    """A strong loss leaves ν² − 1 of the order of what is transmitted, far below rounding of ν."""
    cov = random_covariance(modes, 7)
    X, Y = petz_channel(cov, transmitted)
    assert_allclose(X @ attenuate(cov, transmitted) @ X.T + Y, cov, atol=1e-13)
    assert _channel_margin(X, Y) > -1e-12


def test_the_map_has_a_limit_where_nothing_is_transmitted():
    cov = random_covariance(2, 7)
    strong, stronger = (petz_channel(cov, eta)[0] for eta in (1e-6, 1e-12))
    assert_allclose(strong, stronger, atol=1e-4)
    assert np.abs(stronger).max() > 1.0


def test_a_vacuum_is_the_limit_of_thermal_states():
    X, _ = petz_channel((1 + 1e-6) * np.eye(2), 0.3)
    assert_allclose(X, np.eye(2), atol=1e-5)
    drift, diffusion = petz_reverse((1 + 1e-6) * np.eye(2))
    assert_allclose(drift, 0.0, atol=1e-5)
    assert_allclose(diffusion, 0.0, atol=1e-5)
    assert petz_cost(1.0, 0.0) == 0.0
    assert petz_cost(1.0, 0.1) == np.inf


def test_the_price_of_a_stack_of_reverses_is_a_stack():
    covs = squeezed_thermal(2.0, np.array([0.1, 0.6]))
    prices = reversal_price(covs, *bayes_reverse(covs))
    assert_allclose(prices, np.cosh(2 * np.array([0.1, 0.6])))
