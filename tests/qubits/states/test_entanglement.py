import numpy as np
import pytest
import torch
from qiskit.quantum_info import Statevector
from qiskit.quantum_info import entropy as qiskit_entropy
from qiskit.quantum_info import partial_trace as qiskit_partial_trace
from qiskit.quantum_info import purity as qiskit_purity

from qdm_utils.qubits import (
    entanglement_entropy,
    entropy,
    haar_states,
    page_entropy,
    page_purity,
    partial_trace,
    purity,
    schmidt_spectrum,
)

STATES = haar_states(3, 5, seed=1)
BELL = torch.tensor([1, 0, 0, 1]) / 2**0.5 + 0j


@pytest.mark.parametrize("keep", [[0], [4], [1, 3], [0, 1, 2], [3, 0]])
def test_reduced_states_entropies_and_purities_agree_with_qiskit(keep):
    n = 5
    ours = partial_trace(STATES, keep)
    gone = [n - 1 - q for q in range(n) if q not in keep]
    for state, rho in zip(STATES, ours, strict=True):
        if keep != sorted(keep):  # Qiskit keeps the order of the qubits
            assert (
                rho.view(2, 2, 2, 2).permute(1, 0, 3, 2).reshape(4, 4)
                - partial_trace(state, sorted(keep))
            ).abs().max() < 1e-14
            continue
        reference = qiskit_partial_trace(Statevector(state.numpy()), gone)
        assert abs(rho.numpy() - reference.data).max() < 1e-13
        assert entropy(rho).item() == pytest.approx(qiskit_entropy(reference, base=2), abs=1e-10)
        assert purity(rho).item() == pytest.approx(qiskit_purity(reference).real, abs=1e-12)


def test_qubits_may_be_named_by_any_whole_numbers():
    for keep in (np.array([1, 3]), (np.int64(1), 3), torch.tensor([1, 3])):
        assert torch.equal(partial_trace(STATES, keep), partial_trace(STATES, [1, 3]))
    assert torch.equal(partial_trace(STATES, np.int64(2)), partial_trace(STATES, 2))
    for keep in ([0.0, 1.0], [True], None):
        with pytest.raises((ValueError, TypeError)):
            partial_trace(STATES, keep)


def test_schmidt_spectra_are_the_spectra_of_the_reduced_states():
    for cut in range(1, 5):
        spectrum = schmidt_spectrum(STATES, cut)
        assert spectrum.shape == (3, 2 ** min(cut, 5 - cut))
        assert torch.allclose(spectrum.sum(-1), torch.ones(3, dtype=torch.float64))
        assert (spectrum.diff(dim=-1) <= 0).all()
        rho = partial_trace(STATES, list(range(cut)) if cut < 3 else list(range(cut, 5)))
        assert torch.allclose(spectrum, torch.linalg.eigvalsh(rho).flip(-1), atol=1e-14)
        assert torch.allclose(entanglement_entropy(STATES, cut), entropy(rho), atol=1e-10)
    assert entanglement_entropy(BELL, 1).item() == pytest.approx(1.0)


def test_pages_values_are_what_haar_states_have():
    assert [round(page_entropy(2**k, 2**k), 6) for k in (1, 2, 3, 4)] == [
        0.480898,
        1.330736,
        2.29177,
        3.281938,
    ]
    assert page_entropy(2, 8) == page_entropy(8, 2)
    assert page_entropy(1, 8) == 0.0
    for cut, n in [(2, 4), (1, 4)]:
        states = haar_states(4000, n, seed=cut)
        spectrum = schmidt_spectrum(states, cut)
        for found, expected in [
            (entanglement_entropy(states, cut), page_entropy(2**cut, 2 ** (n - cut))),
            (spectrum.square().sum(-1), page_purity(2**cut, 2 ** (n - cut))),
        ]:
            assert abs(found.mean() - expected) < 4 * found.std() / 4000**0.5


def test_pages_textbook_approximation_is_another_number_and_the_limit_of_large_parts():
    found = [page_entropy(2**k, 2**k, approximate=True) for k in (1, 2, 3, 4)]
    # log₂m − 1/(2 ln 2) for equal parts
    assert found == pytest.approx([0.278652, 1.278652, 2.278652, 3.278652], abs=5e-7)
    assert page_entropy(4, 16, approximate=True) == pytest.approx(
        2 - 4 / (2 * 16 * np.log(2)), abs=1e-12
    )
    assert page_entropy(16, 4, approximate=True) == page_entropy(4, 16, approximate=True)
    for m, k in [(8, 8), (4, 16), (8, 32)]:
        # the next terms of the harmonic sum, in nats
        rest = 1 / (2 * m * k) + (1 - 1 / m**2) / (12 * k**2)
        short = page_entropy(m, k) - page_entropy(m, k, approximate=True)
        assert short * np.log(2) == pytest.approx(rest, rel=2e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: partial_trace(STATES, [0, 0]),
            r"Argument `keep` must be different qubits among 0 … 4, but got \[0, 0\]",
        ),
        (
            lambda: partial_trace(STATES, 5),
            "Argument `keep` must be different qubits among 0 … 4, but got 5",
        ),
        (
            lambda: partial_trace(STATES.real, 0),
            "Argument `states` must be complex64 or complex128, but got torch.float64",
        ),
        (
            lambda: partial_trace(STATES[:, :5], 0),
            "Argument `states` must have 2ⁿ amplitudes along its last axis",
        ),
        (lambda: schmidt_spectrum(STATES, 5), "Argument `cut` must lie in 1 … 4, but got 5"),
        (lambda: schmidt_spectrum(STATES, 0), "Argument `cut` must be a whole number ≥ 1"),
        (lambda: page_entropy(0, 2), "Argument `d_a` must be a whole number ≥ 1"),
        (lambda: purity(STATES), r"Argument `rho` must have shape \(..., 2ⁿ, 2ⁿ\)"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
