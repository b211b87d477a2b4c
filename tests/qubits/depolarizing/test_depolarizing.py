import numpy as np
import pytest
import torch
from qiskit.quantum_info import PTM, DensityMatrix, Kraus, SuperOp, state_fidelity

from qdm_utils.diffusion import linear_schedule, survival
from qdm_utils.qubits import (
    Ansatz,
    density_matrix,
    entropy,
    haar_states,
    haar_unitaries,
    purity,
    trace_out,
)
from qdm_utils.qubits.depolarizing import (
    apply_kraus,
    depolarize,
    depolarized,
    depolarizing_kraus,
    depolarizing_path,
    holevo_information,
    loss_gradients,
    path_fidelity,
    path_holevo,
    path_purity,
    postselect,
    postselection_law,
    reset_fidelity,
    reverse_loss,
    single_copy_law,
    slope_ratio,
    subspace_projector,
    subspace_reset,
    swap_test_law,
    swap_test_purify,
    trace_distance_law,
    train_unitary,
)
from qdm_utils.qubits.depolarizing.qiskit_channels import (
    depolarizing_to_qiskit,
    reset_by_qiskit,
    swap_test_by_qiskit,
)
from qdm_utils.qubits.states import (
    fidelity,
    trace_distance,
    uhlmann_fidelity,
    unitary_trace_distance,
)

PSI = haar_states(5, 4, seed=1)
RHO = density_matrix(PSI)
MIXED = torch.eye(16, dtype=torch.complex128) / 16
SCHEDULE = linear_schedule(7, 0.05, 0.4)
EXACT = {"rel": 0, "abs": 1e-10}


def wishart(count, d, seed):
    """Full-rank random density matrices."""
    draws = torch.randn(
        count, d, d, dtype=torch.complex128, generator=torch.Generator().manual_seed(seed)
    )
    squares = draws @ draws.mH
    return squares / torch.einsum("kii->k", squares)[:, None, None]


def overlap(states, rho):
    return torch.einsum("...i,...ij,...j->...", states.conj(), rho, states).real


def test_the_numbers_of_the_specification():
    assert path_fidelity(0.5, 16).item() == 0.53125
    assert reset_fidelity(0.5, 4).item() == 0.625
    assert [x.item() for x in postselection_law(0.5, 16, 4)] == pytest.approx(
        [0.85, 0.625], abs=1e-14
    )
    assert swap_test_law(0.5, 16)[0].item() == pytest.approx(0.6273, abs=5e-5)


@pytest.mark.parametrize("p", [0.0, 0.07, 0.5, 1.0])
def test_one_step_is_the_pauli_channel_and_qiskits(p):
    kraus = depolarizing_kraus(4, p)
    assert (torch.einsum("kji,kjl->il", kraus.conj(), kraus) - torch.eye(16)).abs().max() < 1e-12
    ours = depolarize(RHO, p)
    assert (apply_kraus(kraus, RHO) - ours).abs().max() < 1e-12
    channel = depolarizing_to_qiskit(4, p)
    assert channel.is_cptp()
    for before, after in zip(RHO[:2], ours, strict=False):
        assert abs(DensityMatrix(before.numpy()).evolve(channel).data - after.numpy()).max() < 1e-12
    two = depolarizing_kraus(2, p)
    diagonal = np.diag(PTM(SuperOp(Kraus([k.numpy() for k in two]))).data)
    assert np.allclose(diagonal, [1.0] + [1.0 - p] * 15, atol=1e-12)


def test_complete_positivity_ends_at_d2_over_d2_minus_1():
    edge = 16 / 15
    assert (depolarizing_kraus(2, edge)[0] == 0).all()
    assert depolarizing_to_qiskit(2, edge - 1e-9).is_cptp()
    assert not PTM(np.diag([1.0] + [1.0 - edge - 0.01] * 15)).is_cptp()
    with pytest.raises(ValueError, match="Argument `p`"):
        depolarizing_kraus(2, edge + 1e-6)


def test_steps_compose_to_the_closed_form():
    alpha = survival(SCHEDULE)
    assert alpha[0] == 1
    assert alpha[3].item() == pytest.approx(
        np.prod([1 - p for p in SCHEDULE.tolist()[:3]]), abs=1e-14
    )
    path = depolarizing_path(RHO, SCHEDULE)
    assert path.shape == (8, 5, 16, 16)
    for step, a in zip(path, alpha, strict=True):
        assert (step - depolarized(RHO, a)).abs().max() < 1e-12
        assert overlap(PSI, step).numpy() == pytest.approx(path_fidelity(a, 16).item(), **EXACT)
        assert purity(step).numpy() == pytest.approx(path_purity(a, 16).item(), **EXACT)
        assert entropy(step).numpy() == pytest.approx(4 - path_holevo(a, 16).item(), **EXACT)
        assert trace_distance(step, MIXED).numpy() == pytest.approx(a.item() * 15 / 16, **EXACT)
    assert (depolarized(RHO[:, None], alpha) - path.transpose(0, 1)).abs().max() < 1e-12


def test_holevo_information_of_a_basis_is_the_closed_form_and_vanishes_quadratically():
    basis = density_matrix(haar_unitaries(1, 16, seed=3)[0])
    for a in (1.0, 0.6, 0.1, 0.0):
        assert holevo_information(depolarized(basis, a)).item() == pytest.approx(
            path_holevo(a, 16).item(), **EXACT
        )
    for a in (1e-3, 1e-5, 1e-7):
        assert path_holevo(a, 16).item() == pytest.approx(15 * a**2 / (2 * np.log(2)), rel=20 * a)


def test_distances_agree_with_other_ways_to_compute_them():
    a, b = wishart(4, 8, 5), wishart(4, 8, 6)
    for x, y, t, f in zip(
        a.numpy(), b.numpy(), trace_distance(a, b), uhlmann_fidelity(a, b), strict=True
    ):
        assert t.item() == pytest.approx(
            0.5 * np.linalg.svd(x - y, compute_uv=False).sum(), **EXACT
        )
        assert f.item() == pytest.approx(
            state_fidelity(DensityMatrix(x), DensityMatrix(y)), **EXACT
        )
        assert f.item() == pytest.approx(np.sqrt(np.linalg.eigvals(x @ y).real).sum() ** 2, **EXACT)
        assert 1 - f.sqrt() <= t <= (1 - f).sqrt()  # Fuchs and van de Graaf
    assert uhlmann_fidelity(a, a).numpy() == pytest.approx(1.0, **EXACT)
    noisy = depolarize(RHO, 0.3)
    assert uhlmann_fidelity(noisy, RHO).numpy() == pytest.approx(
        overlap(PSI, noisy).numpy(), **EXACT
    )
    assert uhlmann_fidelity(RHO[1:], RHO[:-1]).numpy() == pytest.approx(
        fidelity(PSI[1:], PSI[:-1]).numpy(), **EXACT
    )


def test_no_unitary_beats_the_distance_of_the_ordered_spectra():
    a, b = wishart(3, 8, 7), wishart(3, 8, 8)
    least = unitary_trace_distance(a, b)
    random = haar_unitaries(300, 8, seed=9)[:, None]
    assert (trace_distance(random @ a @ random.mH, b) >= least - 1e-12).all()
    (_, va), (_, vb) = torch.linalg.eigh(a), torch.linalg.eigh(b)
    turn = vb @ va.mH
    assert trace_distance(turn @ a @ turn.mH, b).numpy() == pytest.approx(least.numpy(), **EXACT)
    path, alpha = depolarizing_path(RHO, SCHEDULE), survival(SCHEDULE)
    law = (alpha[:-1] - alpha[1:]) * 15 / 16
    assert unitary_trace_distance(path[1:], path[:-1]).numpy() == pytest.approx(
        law[:, None].expand(7, 5).numpy(), **EXACT
    )


def test_no_unitary_improves_the_fidelity():
    unitaries = haar_unitaries(200, 16, seed=4)[:, None]
    for a in (0.2, 0.8):
        moved = unitaries @ depolarized(RHO, a) @ unitaries.mH
        found = overlap(PSI, moved)
        assert (found <= path_fidelity(a, 16)).all()
        law = a * fidelity(PSI, torch.einsum("uxij,xj->uxi", unitaries, PSI)) + (1 - a) / 16
        assert (found - law).abs().max() < 1e-12
    assert trace_distance(unitaries[:, 0] @ MIXED @ unitaries[:, 0].mH, MIXED).max() < 1e-12


def test_a_trained_unitary_lands_on_the_identity():
    rho = density_matrix(haar_states(4, 2, seed=2))
    noisy = torch.stack([depolarized(rho, a) for a in (0.3, 0.7)])
    ceiling = path_fidelity([0.3, 0.7], 4)
    run = train_unitary(Ansatz(2, 4), noisy, rho, "infidelity", 100, 0.1, 3, seed=3)
    assert run.loss.shape == (101, 2, 3)
    assert run.unitaries.shape == (2, 3, 4, 4)
    assert (run.overlap <= ceiling[:, None] + 1e-12).all()
    assert (ceiling - run.overlap[-1].max(1).values).max() < 1e-4
    assert torch.allclose(run.loss, 1 - run.overlap)
    back = train_unitary(
        Ansatz(2, 4), noisy[:1], depolarized(rho, 0.4), "trace distance", 100, 0.1, 3, seed=3
    )
    assert (back.loss >= 0.1 * 0.75 - 1e-12).all()
    assert back.loss[-1].min().item() == pytest.approx(0.1 * 0.75, abs=1e-3)


@pytest.mark.parametrize("steps", [0, 3])
def test_the_unitaries_handed_over_are_those_of_the_last_values(steps):
    # Targets unrelated to the states, so that U ρ U† and U† ρ U overlap differently with them.
    noisy, target = wishart(4, 4, 21), wishart(4, 4, 22)
    run = train_unitary(Ansatz(2, 2), noisy, target, "trace distance", steps, 0.1, 3, seed=4)
    assert run.loss.shape == run.overlap.shape == (steps + 1, 3)
    moved = run.unitaries[:, None] @ noisy @ run.unitaries[:, None].mH
    reached = torch.einsum("akij,kji->ak", moved, target).real.mean(-1)
    torch.testing.assert_close(run.overlap[-1], reached, atol=1e-12, rtol=0)
    torch.testing.assert_close(
        run.loss[-1], trace_distance(moved, target.expand_as(moved)).mean(-1), atol=1e-12, rtol=0
    )


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


def test_the_swap_test_is_that_of_two_real_copies_and_of_qiskits_circuit():
    rho = wishart(1, 4, 11)[0]
    swap = torch.eye(16, dtype=torch.complex128).view(4, 4, 4, 4).transpose(0, 1).reshape(16, 16)
    copies = torch.kron(rho, rho)
    state, p = swap_test_purify(rho)
    halves = []
    for sign in (1, -1):
        projector = (torch.eye(16) + sign * swap) / 2
        halves.append(trace_out(projector @ copies @ projector, [2, 3]))
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


def test_both_losses_are_functions_of_one_overlap():
    first, second = haar_states(6, 4, seed=7), haar_states(6, 4, seed=8)
    c = fidelity(first, second)
    for a in (0.2, 0.9, 1.0):
        noisy = depolarized(density_matrix(first), a)
        law = trace_distance_law(c, a, 16)
        assert reverse_loss(
            noisy, density_matrix(second), "trace distance"
        ).numpy() == pytest.approx(law.numpy(), **EXACT)
    ansatz = Ansatz(4, 2)
    theta, noisy = ansatz.random_angles(6, seed=9), depolarized(density_matrix(first), 0.7)
    c = fidelity(second, torch.einsum("bij,bj->bi", ansatz.unitary(theta), first))
    lengths = [
        loss_gradients(ansatz, theta, noisy, density_matrix(second), k)
        for k in ("trace distance", "infidelity")
    ]
    assert (lengths[0] / lengths[1]).numpy() == pytest.approx(slope_ratio(c, 0.7).numpy(), rel=1e-9)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: survival([0.1, 1.2]), "schedule"),
        (lambda: survival([-0.1]), "schedule"),
        (lambda: survival([float("nan")]), "schedule"),
        (lambda: survival([]), "schedule"),
        (lambda: survival(0.5), "schedule"),
        (lambda: linear_schedule(0, 0.1, 0.2), "steps"),
        (lambda: linear_schedule(3, 0.1, 1.1), "last"),
        (lambda: depolarizing_path(RHO, torch.empty(0)), "schedule"),
        (lambda: depolarize(RHO, -0.1), "p"),
        (lambda: depolarized(RHO, 1.1), "alpha"),
        (lambda: depolarize(2 * RHO, 0.1), "rho"),
        (lambda: depolarize(RHO * 1j, 0.1), "rho"),
        (lambda: depolarize(PSI, 0.1), "rho"),
        (lambda: depolarized(1.01 * RHO, 0.1), "rho"),
        (
            lambda: uhlmann_fidelity(
                MIXED, torch.diag(torch.tensor([2.0, -1.0] + [0.0] * 14) + 0j).to(MIXED.dtype)
            ),
            "sigma",
        ),
        (
            lambda: trace_distance(
                MIXED, depolarized(density_matrix(haar_states(1, 2, seed=1))[0], 0.5)
            ),
            "sigma",
        ),
        (lambda: postselect(MIXED, 0.5 * subspace_projector(4, 2)), "projector"),
        (lambda: postselect(MIXED, subspace_projector(3, 2)), "projector"),
        (lambda: subspace_projector(2, 5), "r"),
        (lambda: postselection_law(0.5, 4, 8), "r"),
        (lambda: single_copy_law(torch.zeros(1, 4, 4, dtype=torch.complex128), 0.5), "kraus"),
        (lambda: reverse_loss(MIXED, MIXED, "fidelity"), "loss"),
        (lambda: train_unitary(Ansatz(3, 1), RHO, RHO, "infidelity", 1, 0.1, 1, 1), "noisy"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, name):
    with pytest.raises(ValueError, match=f"^Argument `{name}` must"):
        call()


def test_an_impossible_postselection_is_refused_by_name():
    last = torch.zeros(16, 16, dtype=torch.complex128)
    last[-1, -1] = 1.0
    with pytest.raises(
        ValueError, match=r"^Argument `projector` must leave a probability > 0.* but got 0$"
    ):
        postselect(last, subspace_projector(4, 4))
    assert postselect(depolarize(last, 1e-6), subspace_projector(4, 4))[1].item() == pytest.approx(
        1e-6 / 4
    )
