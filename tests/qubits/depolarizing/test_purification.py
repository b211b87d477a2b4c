"""Subspaces, post-selection and two copies, against closed forms and Qiskit."""

import numpy as np
import pytest
import torch
from qiskit.quantum_info import DensityMatrix

from qdm_utils.qubits import (
    density_matrix,
    haar_states,
)
from qdm_utils.qubits.depolarizing import (
    apply_kraus,
    depolarized,
    depolarizing_kraus,
    path_fidelity,
    postselect,
    postselection_law,
    reset_fidelity,
    single_copy_law,
    subspace_projector,
    subspace_reset,
    swap_test_law,
    swap_test_purify,
)
from qdm_utils.qubits.depolarizing.qiskit_channels import (
    reset_by_qiskit,
    swap_test_by_qiskit,
)
from tests.qubits.depolarizing.draws import EXACT, overlap, wishart


def test_what_helps_does_so_by_the_closed_forms():
    projector = subspace_projector(4, 4)
    inside = torch.zeros(6, 16, dtype=torch.complex128)
    inside[:, :4] = haar_states(6, 2, seed=5)
    for a in (0.0, 0.35, 1.0):
        noisy = depolarized(density_matrix(inside), a)
        whole = subspace_reset(noisy, projector)
        assert torch.einsum("kii->k", whole).real.numpy() == pytest.approx(1.0, **EXACT)
        assert overlap(inside, whole).numpy() == pytest.approx(reset_fidelity(a, 4).item(), **EXACT)
        for (state, p), law in (
            (postselect(noisy, projector), postselection_law(a, 16, 4)),
            (swap_test_purify(noisy), swap_test_law(a, 16)),
        ):
            assert torch.einsum("kii->k", state).real.numpy() == pytest.approx(1.0, **EXACT)
            assert overlap(inside, state).numpy() == pytest.approx(law[0].item(), **EXACT)
            assert p.numpy() == pytest.approx(law[1].item(), **EXACT)
        state, p = (x[0] for x in postselect(noisy, projector))
        kept = DensityMatrix(noisy[0].numpy()).evolve(np.diag(projector.diagonal().real.numpy()))
        assert p.item() == pytest.approx(kept.trace().real, **EXACT)
        assert abs(kept.data / kept.trace() - state.numpy()).max() < 1e-12


def test_a_subspace_may_have_complex_amplitudes():
    rho = wishart(5, 4, 3)
    state = haar_states(1, 2, seed=4)
    kept, p = postselect(rho, density_matrix(state)[0])
    torch.testing.assert_close(kept, density_matrix(state).expand(5, -1, -1))
    torch.testing.assert_close(p, overlap(state.expand(5, -1), rho))


def test_the_swap_test_is_that_of_two_real_copies_and_of_qiskits_circuit():
    rho = wishart(1, 4, 11)[0]
    swap = torch.eye(16, dtype=torch.complex128).view(4, 4, 4, 4).transpose(0, 1).reshape(16, 16)
    copies = torch.kron(rho, rho)
    state, p = swap_test_purify(rho)
    halves = []
    for sign in (1, -1):
        projector = (torch.eye(16) + sign * swap) / 2
        kept = (projector @ copies @ projector).view(4, 4, 4, 4)
        halves.append(kept.diagonal(dim1=1, dim2=3).sum(-1))
    assert (halves[0] / halves[0].trace() - state).abs().max() < 1e-12
    assert halves[0].trace().real.item() == pytest.approx(p.item(), **EXACT)
    assert (halves[0] + halves[1] - rho).abs().max() < 1e-12  # without looking, nothing is gained
    seen, probability = swap_test_by_qiskit(rho)
    assert abs(seen - state.numpy()).max() < 1e-12
    assert probability == pytest.approx(p.item(), **EXACT)


def test_the_reset_of_a_product_subspace_is_qiskits():
    inside = torch.zeros(16, dtype=torch.complex128)
    inside[:4] = haar_states(1, 2, seed=5)[0]
    noisy = depolarized(density_matrix(inside), 0.4)
    assert (
        abs(
            reset_by_qiskit(noisy, 2) - subspace_reset(noisy, subspace_projector(4, 4)).numpy()
        ).max()
        < 1e-12
    )


def test_no_measurement_of_one_copy_of_a_haar_state_helps():
    draws = torch.randn(
        50, 3, 4, 4, dtype=torch.complex128, generator=torch.Generator().manual_seed(1)
    ) / 4 + torch.eye(4)
    for a in (0.1, 0.9):
        found, p = single_copy_law(draws, a)
        assert (found <= path_fidelity(a, 4) + 1e-12).all()
        states = haar_states(20000, 2, seed=6)
        kept = apply_kraus(draws[0], depolarized(density_matrix(states), a))
        weight = torch.einsum("kii->k", kept).real
        score = (overlap(states, kept) - found[0] * weight) / p[0]
        assert abs(score.mean()) < 5 * score.std() / 20000**0.5
        assert weight.mean().item() == pytest.approx(p[0].item(), rel=0.02)
    channel, p = single_copy_law(depolarizing_kraus(2, 0.4), 0.5)
    assert p.item() == pytest.approx(1.0, **EXACT)
    assert channel.item() == pytest.approx(path_fidelity(0.5 * 0.6, 4).item(), **EXACT)
