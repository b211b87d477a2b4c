import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.linalg import expm

from qdm_utils.gaussian import (
    c_geom,
    cp_margin,
    fidelity,
    kmb_information,
    noise_floor,
    squeezed_thermal,
)
from qdm_utils.gaussian.second_opinions.fock import choi_margin, quadratures
from qdm_utils.gaussian.second_opinions.fock_decoder import (
    decode_in_fock_space,
    decode_in_phase_space,
    frozen_generators,
)
from qdm_utils.gaussian.second_opinions.fock_states import (
    displacement_information,
    displacement_tangents,
    gaussian_density_matrix,
    relative_entropy,
    second_moments,
    uhlmann_fidelity,
)

STATES = [(1.05, 0.0), (1.5, 0.0), (1.5, 0.4), (2.0, 0.4)]
CUTOFF = 50


@pytest.fixture(params=STATES, ids=str)
def cov(request):
    return squeezed_thermal(*request.param, 0.3)


def test_matrix_elements_against_operators_on_a_longer_ladder():
    """D(ξ)·R(φ)·S(r)·thermal as matrix exponentials of quadratures on 120 levels, then cut."""
    x, p = quadratures(120)
    occupation, phi, mean = 0.15, 0.3, np.array([0.4, -0.7])
    thermal = np.diag((occupation / (1 + occupation)) ** np.arange(120) / (1 + occupation))
    turn = np.diag(np.exp(1j * phi * np.arange(120)))
    unitary = expm(-0.5j * (mean[0] * p - mean[1] * x)) @ turn @ expm(-0.1j * (x @ p + p @ x))
    built = unitary @ thermal @ unitary.conj().T
    direct = gaussian_density_matrix(squeezed_thermal(1.3, 0.4, phi), 40, mean)
    assert_allclose(direct, built[:40, :40], atol=1e-12)
    assert_allclose([np.trace(r @ direct).real for r in quadratures(40)], mean, atol=1e-9)


def test_a_density_matrix_has_its_covariance_its_positivity_and_its_trace_deficit(cov):
    rho = gaussian_density_matrix(cov, CUTOFF)
    assert_allclose(rho, rho.conj().T, atol=1e-15)
    assert np.linalg.eigvalsh(rho)[0] > -1e-12
    assert abs(1 - np.trace(rho).real) < 1e-10
    assert_allclose(second_moments(rho), cov, atol=1e-8)


@pytest.mark.parametrize(("cutoff", "deficit"), [(5, 0.6**5), (20, 0.6**20)])
def test_the_trace_deficit_of_a_thermal_state_is_the_weight_above_the_cutoff(cutoff, deficit):
    assert_allclose(
        1 - np.trace(gaussian_density_matrix(4.0 * np.eye(2), cutoff)).real, deficit, rtol=1e-9
    )


def test_fidelity_of_density_matrices_is_the_gaussian_one():
    first, second = squeezed_thermal(1.3, 0.4, 0.3), squeezed_thermal(1.8, 0.1)
    mean = np.array([0.5, -0.2])
    ours = uhlmann_fidelity(
        gaussian_density_matrix(first, CUTOFF), gaussian_density_matrix(second, CUTOFF, mean)
    )
    assert_allclose(ours, fidelity(first, second, mean2=mean), atol=1e-7)


def test_relative_entropy_of_thermal_states_and_of_disjoint_supports():
    nu = np.array([1.5, 2.0])
    ratio = ((nu - 1) / (nu + 1))[:, None]
    first, second = (1 - ratio) * ratio ** np.arange(60)
    exact = np.sum(first * np.log(first / second))
    rho1, rho2 = (gaussian_density_matrix(value * np.eye(2), CUTOFF) for value in nu)
    assert_allclose(relative_entropy(rho1, rho2), exact, atol=1e-10)
    assert relative_entropy(rho1, rho1) == pytest.approx(0.0, abs=1e-12)
    assert np.isposinf(relative_entropy(rho1, gaussian_density_matrix(np.eye(2), CUTOFF)))


def test_displacement_tangents_are_derivatives(cov):
    rho, step = gaussian_density_matrix(cov, CUTOFF), 1e-5
    for tangent, direction in zip(displacement_tangents(rho), np.eye(2), strict=True):
        ahead, behind = (
            gaussian_density_matrix(cov, CUTOFF, sign * step * direction) for sign in (1, -1)
        )
        assert_allclose(tangent[:40, :40], ((ahead - behind) / (2 * step))[:40, :40], atol=1e-8)


@pytest.mark.parametrize(("nu", "r"), [(1.5, 0.0), (1.8, 0.3)])
def test_lemma_2_tangents_couple_neighbouring_levels_only(nu, r):
    """In the eigenbasis, which for a squeezed state is the squeezed ladder, with the one ratio (ν − 1)/(ν + 1) of weights."""
    rho = gaussian_density_matrix(squeezed_thermal(nu, r), CUTOFF)
    spectrum, vectors = np.linalg.eigh(rho)
    levels = np.argsort(-spectrum)[:12]
    assert_allclose(spectrum[levels][1:] / spectrum[levels][:-1], (nu - 1) / (nu + 1), rtol=1e-6)
    basis = vectors[:, levels]
    distance = np.abs(np.arange(12)[:, None] - np.arange(12))
    for tangent in displacement_tangents(rho):
        element = np.abs(basis.conj().T @ tangent @ basis)
        assert element[distance != 1].max() < 1e-9
        assert element[distance == 1].min() > 1e-7


def test_both_metrics_are_the_closed_forms(cov):
    rho = gaussian_density_matrix(cov, CUTOFF)
    assert_allclose(displacement_information(rho, "kmb"), kmb_information(cov), atol=1e-7)
    assert_allclose(displacement_information(rho, "sld"), np.linalg.inv(cov), atol=1e-7)


@pytest.mark.parametrize("xi", [(0.3, -0.2), (0.7, 0.3)])
def test_infidelity_and_relative_entropy_of_a_displaced_copy(cov, xi):
    """At finite displacements too: ¼ξᵀγ⁻¹ξ, ½ξᵀJξ, and c_geom as their ratio."""
    rho, moved = gaussian_density_matrix(cov, CUTOFF), gaussian_density_matrix(cov, CUTOFF, xi)
    infidelity, entropy = -np.log(uhlmann_fidelity(rho, moved)), relative_entropy(rho, moved)
    assert_allclose(infidelity, 0.25 * np.array(xi) @ np.linalg.solve(cov, xi), atol=1e-8)
    assert_allclose(entropy, 0.5 * np.array(xi) @ kmb_information(cov) @ xi, atol=1e-8)
    assert_allclose(infidelity / entropy, c_geom(np.sqrt(np.linalg.det(cov))), rtol=1e-6)


@pytest.mark.parametrize("rule", ["start", "midpoint"])
def test_each_step_of_the_decoder_is_a_physical_channel(rule):
    generators = frozen_generators(1.2, 0.4, 1.0, 8, rule)
    assert min(cp_margin(*generator) for generator in generators) > -1e-12
    assert min(choi_margin(*generator, cutoff=6) for generator in generators) > -1e-8


@pytest.mark.parametrize(("rule", "order"), [("start", 1.0), ("midpoint", 2.0)])
@pytest.mark.parametrize("time", [0.2, 1.0])
def test_channels_on_density_matrices_land_on_the_differential_equation(rule, order, time):
    """T = 0.2 fails from the first depth; T = 1 crosses the kink at the onset, which blurs the midpoint rule's order a little."""
    floor = noise_floor(1.2, 0.4, time, n_depths=2)
    target = fidelity(floor.reference[-1], floor.decoder[-1])
    errors = []
    for steps in (8, 16, 32):
        decoded = decode_in_fock_space(1.2, 0.4, time, steps, 30, rule)
        errors.append(np.abs(decoded.covariance - floor.decoder[-1]).max())
        assert_allclose(
            decoded.covariance, decode_in_phase_space(1.2, 0.4, time, steps, rule), atol=1e-8
        )
        assert_allclose(np.trace(decoded.state), 1.0, atol=1e-12)
        assert decoded.leakage < 1e-9
    slopes = np.log2(np.array(errors[:-1]) / errors[1:])
    assert_allclose(slopes, order, atol=0.4 if time == 1.0 and order == 2.0 else 0.05)
    assert_allclose(decoded.fidelity, target, atol=1e-4 if rule == "start" else 1e-6)


def test_the_cutoff_error_falls_with_the_cutoff():
    exact = decode_in_phase_space(1.2, 0.4, 1.0, 4)
    errors = [
        np.abs(decode_in_fock_space(1.2, 0.4, 1.0, 4, cutoff).covariance - exact).max()
        for cutoff in (12, 20, 30)
    ]
    assert errors[0] > 100 * errors[1]
    assert errors[1] > 100 * errors[2]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gaussian_density_matrix(np.eye(4), 5), r"Argument `cov` must have shape \(2, 2\)"),
        (
            lambda: gaussian_density_matrix(np.eye(2), 1),
            r"Argument `cutoff` must be a whole number ≥ 2, but got 1",
        ),
        (
            lambda: gaussian_density_matrix(np.eye(2), 5, [0.1]),
            r"Argument `mean` must have shape \(2,\)",
        ),
        (
            lambda: displacement_information(np.eye(3) / 3, "bures"),
            r"Argument `metric` must be 'kmb' or 'sld', but got 'bures'",
        ),
        (
            lambda: decode_in_fock_space(0.9, 0.4, 1.0, 4, 10),
            r"Argument `nu0` must be ≥ 1, but got 0.9",
        ),
        (
            lambda: decode_in_fock_space(1.2, 0.4, 0.0, 4, 10),
            r"Argument `time` must be > 0, but got 0",
        ),
        (
            lambda: decode_in_fock_space(1.2, 0.4, 1.0, 0, 10),
            r"Argument `steps` must be a whole number ≥ 1, but got 0",
        ),
        (
            lambda: frozen_generators(1.2, 0.4, 1.0, 2, "end"),
            r"Argument `rule` must be 'start' or 'midpoint', but got 'end'",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
