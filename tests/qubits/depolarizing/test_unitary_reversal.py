"""Unitary reverse steps: no gain, trainings at the bound, two losses of one overlap."""

from math import cos, pi

import pytest
import torch

from qdm_utils.diffusion import survival
from qdm_utils.qubits import (
    Ansatz,
    density_matrix,
    haar_states,
    haar_unitaries,
)
from qdm_utils.qubits.depolarizing import (
    depolarized,
    depolarizing_path,
    loss_gradients,
    path_fidelity,
    reverse_loss,
    slope_ratio,
    trace_distance_law,
    train_unitary,
)
from qdm_utils.qubits.states import (
    fidelity,
    trace_distance,
    unitary_trace_distance,
)
from tests.qubits.depolarizing.draws import EXACT, MIXED, PSI, RHO, SCHEDULE, overlap, wishart


def test_no_unitary_beats_the_distance_of_the_ordered_spectra():
    a = wishart(3, 8, 7)
    b = wishart(3, 8, 8)
    least = unitary_trace_distance(a, b)
    random = haar_unitaries(300, 8, seed=9)[:, None]
    assert (trace_distance(random @ a @ random.mH, b) >= least - 1e-12).all()
    _, va = torch.linalg.eigh(a)
    _, vb = torch.linalg.eigh(b)
    turn = vb @ va.mH
    assert trace_distance(turn @ a @ turn.mH, b).numpy() == pytest.approx(least.numpy(), **EXACT)
    path = depolarizing_path(RHO, SCHEDULE)
    alpha = survival(SCHEDULE)
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


@pytest.mark.slow
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
    noisy = wishart(4, 4, 21)
    target = wishart(4, 4, 22)
    run = train_unitary(Ansatz(2, 2), noisy, target, "trace distance", steps, 0.1, 3, seed=4)
    assert run.loss.shape == run.overlap.shape == (steps + 1, 3)
    moved = run.unitaries[:, None] @ noisy @ run.unitaries[:, None].mH
    reached = torch.einsum("akij,kji->ak", moved, target).real.mean(-1)
    torch.testing.assert_close(run.overlap[-1], reached, atol=1e-12, rtol=0)
    torch.testing.assert_close(
        run.loss[-1], trace_distance(moved, target.expand_as(moved)).mean(-1), atol=1e-12, rtol=0
    )


@pytest.mark.parametrize("shape", [(2, 5, 4, 4), (5, 4, 4), (4, 4)])
def test_targets_belong_to_settings_to_states_or_to_all(shape):
    noisy = wishart(10, 4, 21).view(2, 5, 4, 4)
    target = wishart(10, 4, 22)[: torch.Size(shape[:-2]).numel()].view(shape)
    run = train_unitary(Ansatz(2, 2), noisy, target, "infidelity", 0, 0.1, 3, seed=4)
    unitary = run.unitaries[:, :, None]
    moved = unitary @ noisy[:, None] @ unitary.mH
    wanted = target.expand_as(noisy)
    reached = torch.einsum("laxij,lxji->la", moved, wanted).real / 5
    torch.testing.assert_close(run.overlap[0], reached)


def test_both_losses_are_functions_of_one_overlap():
    first = haar_states(6, 4, seed=7)
    second = haar_states(6, 4, seed=8)
    c = fidelity(first, second)
    for a in (0.2, 0.9, 1.0):
        noisy = depolarized(density_matrix(first), a)
        law = trace_distance_law(c, a, 16)
        assert reverse_loss(
            noisy, density_matrix(second), "trace distance"
        ).numpy() == pytest.approx(law.numpy(), **EXACT)
    ansatz = Ansatz(4, 2)
    theta = ansatz.random_angles(6, seed=9)
    noisy = depolarized(density_matrix(first), 0.7)
    c = fidelity(second, torch.einsum("bij,bj->bi", ansatz.unitary(theta), first))
    lengths = [
        loss_gradients(ansatz, theta, noisy, density_matrix(second), k)
        for k in ("trace distance", "infidelity")
    ]
    assert (lengths[0] / lengths[1]).numpy() == pytest.approx(slope_ratio(c, 0.7).numpy(), rel=1e-9)


def test_the_rate_of_a_unitary_falls_to_zero(monkeypatch):
    rates = []
    step = torch.optim.Adam.step

    def watched(self, *args, **kwargs):
        rates.append(self.param_groups[0]["lr"])
        return step(self, *args, **kwargs)

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    rho = wishart(2, 4, 21)
    train_unitary(Ansatz(2, 1), rho, rho, "infidelity", 4, 0.1, 1, seed=1)
    assert rates == pytest.approx([0.1 * (0.5 + 0.5 * cos(pi * k / 4)) for k in range(4)])
