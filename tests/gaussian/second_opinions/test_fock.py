import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose
from qiskit.quantum_info import Choi, SuperOp
from scipy.linalg import expm

from qdm_utils.gaussian import (
    bayes_cp_margin,
    bayes_reverse,
    c_geom,
    cp_matrix,
    fidelity,
    kmb_information,
    squeezed_thermal,
)
from qdm_utils.gaussian.second_opinions.fock import (
    SPECTRAL_FLOOR,
    choi_margin,
    displacement_information,
    displacement_tangents,
    fock_generator,
    gaussian_density_matrix,
    quadratures,
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


def relative_entropy(rho1, rho2):
    """tr ρ₁(ln ρ₁ − ln ρ₂) in nats, from spectra; ρ₁ must live where ρ₂ does."""
    p = np.linalg.eigvalsh(rho1)
    q, vectors = np.linalg.eigh(rho2)
    weights = np.einsum("ak,ab,bk->k", vectors.conj(), rho1, vectors, optimize=True).real
    seen = q > SPECTRAL_FLOOR
    assert weights[~seen].sum() < 1e-9
    p = p[p > SPECTRAL_FLOOR]
    return np.sum(p * np.log(p)) - np.sum(weights[seen] * np.log(q[seen]))


def test_relative_entropy_of_thermal_states():
    nu = np.array([1.5, 2.0])
    ratio = ((nu - 1) / (nu + 1))[:, None]
    first, second = (1 - ratio) * ratio ** np.arange(60)
    exact = np.sum(first * np.log(first / second))
    rho1, rho2 = (gaussian_density_matrix(value * np.eye(2), CUTOFF) for value in nu)
    assert_allclose(relative_entropy(rho1, rho2), exact, atol=1e-10)


def test_displacement_tangents_are_derivatives(cov):
    rho, step = gaussian_density_matrix(cov, CUTOFF), 1e-5
    for tangent, direction in zip(displacement_tangents(rho), np.eye(2), strict=True):
        ahead, behind = (
            gaussian_density_matrix(cov, CUTOFF, sign * step * direction) for sign in (1, -1)
        )
        assert_allclose(tangent[:40, :40], ((ahead - behind) / (2 * step))[:40, :40], atol=1e-8)


@pytest.mark.parametrize(("nu", "r"), [(1.5, 0.0), (1.8, 0.3)])
def test_lemma_2_tangents_couple_neighbouring_levels_only(nu, r):
    """In the eigenbasis (the squeezed ladder), with the one ratio (ν − 1)/(ν + 1) of weights."""
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


@pytest.mark.parametrize(("nu", "r"), [(1.5, 0.6), (1.5, 1.0), (1.0, 0.2), (4.0, 1.2)])
def test_the_choi_matrix_sees_the_same_margin(nu, r):
    generator = bayes_reverse(squeezed_thermal(nu, r, 0.4))
    assert_allclose(choi_margin(*generator, step=1e-5), bayes_cp_margin(nu, r), rtol=2e-3)


@pytest.mark.parametrize("cutoff", [2, 4, 8])
def test_the_choi_verdict_does_not_depend_on_the_cutoff(cutoff):
    for r, fails in [(0.40, False), (0.55, True)]:
        margin = choi_margin(*bayes_reverse(squeezed_thermal(1.5, r)), cutoff=cutoff, step=1e-4)
        assert (margin < -1e-6) == fails


def test_the_choi_test_does_not_use_the_cp_matrix(monkeypatch):
    def forbidden(*_):
        raise AssertionError("the Choi test asked for M")

    generator = bayes_reverse(squeezed_thermal(1.5, 0.6))
    # In every module that has taken the name, not only where it is defined.
    for name, module in list(sys.modules.items()):
        if name.startswith("qdm_utils.") and hasattr(module, "cp_matrix"):
            monkeypatch.setattr(module, "cp_matrix", forbidden)
    assert choi_margin(*generator) < 0


def test_the_kossakowski_matrix_of_the_fock_generator_is_m_turned_by_sigma():
    """Read off from the sandwich terms, by projecting L on R_j ⊗ R_k: ¼ σᵀMσ at any cutoff."""
    drift, diffusion = np.array([[-0.3, 0.8], [0.1, -0.6]]), np.array([[1.4, 0.2], [0.2, 0.9]])
    r, sigma = quadratures(5), np.array([[0.0, 1.0], [-1.0, 0.0]])
    choi = Choi(SuperOp(fock_generator(drift, diffusion, 5).toarray())).data
    vectors = (
        np.stack([matrix.ravel(order="F") for matrix in r], 1) / 20.0
    )  # tr x² = tr p² = d(d − 1)
    kossakowski = vectors.conj().T @ choi @ vectors
    assert_allclose(kossakowski, sigma.T @ cp_matrix(drift, diffusion) @ sigma / 4, atol=1e-12)


def test_the_fock_generator_moves_second_moments_like_the_covariance():
    """For a thermal state far below the cutoff: d⟨{R_j, R_k}⟩/dt from L against Kγ + γKᵀ + D."""
    drift, diffusion = np.array([[-0.3, 0.8], [0.1, -0.6]]), np.array([[1.4, 0.2], [0.2, 0.9]])
    cutoff, occupation = 40, 0.2
    rho = np.diag((occupation / (1 + occupation)) ** np.arange(cutoff) / (1 + occupation)).astype(
        complex
    )
    rate = (fock_generator(drift, diffusion, cutoff) @ rho.ravel(order="F")).reshape(
        cutoff, cutoff, order="F"
    )
    r = quadratures(cutoff)
    moments = np.einsum("jab,kbc,ca->jk", r, r, rate).real
    gamma = (1 + 2 * occupation) * np.eye(2)
    assert_allclose(
        (moments + moments.T) / 2, drift @ gamma + gamma @ drift.T + diffusion, atol=1e-8
    )
    assert_allclose(np.trace(rate), 0.0, atol=1e-12)


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
            lambda: fock_generator(np.eye(4), np.eye(4), 4),
            r"Argument `drift` must have shape \(2, 2\)",
        ),
        (
            lambda: choi_margin(np.eye(2), np.eye(2), cutoff=1),
            r"Argument `cutoff` must be a whole number ≥ 2, but got 1",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
