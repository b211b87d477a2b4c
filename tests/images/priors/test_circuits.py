"""Measured chains: what they learn, in which order, and the no-go for unitary ones."""

import pytest
import torch

from qdm_utils.images.geometry import States
from qdm_utils.images.priors import (
    ChainPrior,
    FitConfig,
    circuits,
    fit_chain,
    fit_likelihood,
)
from qdm_utils.images.priors.simple import draw_batch
from qdm_utils.optimise import DivergenceError
from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import (
    MeasuredStep,
    chained_kraus,
    log_density,
    measure,
)
from qdm_utils.randomness import generator, spawn
from tests.images.priors.examples import CLUSTER, QUICK, zero


@pytest.mark.slow
def test_a_measured_chain_learns_a_cluster_and_a_unitary_one_stays_haar():
    measured, unitary = (
        fit_chain(CLUSTER, MeasuredStep(2, ancillas, 4), (2.0, 4.0), QUICK, 5)
        for ancillas in (1, 0)
    )
    assert zero(measured.sample(2000, 1)) > 0.6
    assert zero(unitary.sample(2000, 1)) == pytest.approx(0.25, abs=0.03)
    assert States(2).penalty(unitary.sample(2000, 1)).item() == pytest.approx(0, abs=3e-3)
    assert (measured.parameter_count, unitary.parameter_count) == (2 * 2 * 3 * 4, 2 * 2 * 2 * 4)
    assert measured.sample(7, 1).dtype == torch.complex64
    assert torch.equal(measured.sample(7, 1), measured.sample(7, 1))


@pytest.mark.slow
def test_the_last_step_of_a_chain_aims_at_the_data_themselves():
    """Not at what they have diffused to, which is nearly Haar here."""
    chain = fit_chain(CLUSTER, MeasuredStep(2, 2, 4), (6.0,), QUICK, 5)
    assert zero(chain.sample(2000, 1)) > 0.4  # Haar: a quarter


def test_likelihood_trains_all_steps_together_within_the_entropy_budget():
    config = FitConfig(updates=60, start=1.0)
    chains = [fit_likelihood(CLUSTER, MeasuredStep(2, 1, 5), steps, config, 6) for steps in (1, 2)]
    assert (
        0.38 < zero(chains[0].sample(2000, 1)) < 0.53
    )  # one ancilla carries off one bit of two; Haar: a quarter
    likely = [
        log_density(chained_kraus(chain.step, chain.theta), CLUSTER).mean().item()
        for chain in chains
    ]
    assert likely[1] > likely[0] + 0.5 > 3
    path = chains[1].path(States(2).plain(50, 1), 2)
    assert len(path) == 3


def test_the_likeliest_angles_are_those_behind_the_states():
    """A circuit fitted to what another of its kind made is as likely on fresh states as that
    one."""
    step = MeasuredStep(2, 1, 6)
    truth = ChainPrior(step, torch.randn(1, *step.circuit.shape, generator=generator(8)))
    fitted = fit_likelihood(truth.sample(3000, 1), step, 1, FitConfig(updates=80, start=1.0), 3)
    fresh = truth.sample(4000, 2)
    likely = [
        log_density(chained_kraus(step, chain.theta), fresh).mean().item()
        for chain in (truth, fitted)
    ]
    assert likely[0] > 1  # Haar: zero
    assert likely[1] == pytest.approx(likely[0], abs=0.03)


def test_a_chain_takes_the_noise_through_its_last_set_of_angles_first():
    """[0] makes data: with one set that does nothing and one that turns, the order shows on the
    way, not only at the end."""
    step = MeasuredStep(2, 0, 1)
    still, turning = (
        torch.zeros(step.circuit.shape),
        torch.rand(step.circuit.shape, generator=generator(2)) + 0.5,
    )
    noise = haar_states(5, 2, 3, torch.complex64)
    path = ChainPrior(step, torch.stack((still, turning))).path(noise, 4)
    source = generator(4)
    first = measure(step.branches(turning, noise), source)[0]
    second = measure(step.branches(still, first), source)[0]
    assert torch.equal(path[0], noise)
    assert torch.allclose(path[1], first)
    assert torch.allclose(path[2], second)
    assert not torch.allclose(path[1], measure(step.branches(still, noise), source)[0], atol=1e-2)


def test_a_sample_is_what_the_chain_makes_of_haar_states():
    step = MeasuredStep(2, 1, 2)
    chain = ChainPrior(step, torch.randn(2, *step.circuit.shape, generator=generator(1)))
    noise_seed, outcome_seed = spawn(7, 2)
    noise = haar_states(9, 2, noise_seed, torch.complex64)
    assert torch.equal(chain.sample(9, 7), chain.path(noise, outcome_seed)[-1])


def test_an_update_of_a_chain_takes_one_batch_of_noise_and_four_of_states(monkeypatch):
    drawn = []

    def watched(table, count, source):
        drawn.append((len(table), count))
        return draw_batch(table, count, source)

    monkeypatch.setattr(circuits, "draw_batch", watched)
    config = FitConfig(updates=1, batch=5)
    fit_chain(States(2).plain(50, 1), MeasuredStep(2, 1, 1), (1.0,), config, 2)
    assert drawn == [(20 * 5, 5), (50, 4 * 5)]


def test_a_short_search_for_likely_angles_stays_what_it_is():
    """Its start, its updates and how often each may look at the likelihood."""
    step = MeasuredStep(2, 1, 2)
    fitted = fit_likelihood(CLUSTER, step, 1, FitConfig(updates=4, start=0.5), 6)
    expected = [-0.9329, -0.5581, 0.3592, -0.3492, -0.7358, 0.0889]
    expected += [1.006, 0.3792, -0.2892, 0.0943, -0.0828, 0.196]
    assert torch.allclose(fitted.theta.flatten(), torch.tensor(expected), atol=1e-4)


def test_a_likelihood_that_is_no_number_stops_the_fit():
    with pytest.raises(DivergenceError, match="The likelihood of a chain diverged"):
        fit_likelihood(torch.nan * CLUSTER, MeasuredStep(2, 1, 1), 1, FitConfig(updates=1), 6)


def test_a_chain_wants_two_states():
    with pytest.raises(ValueError, match="Argument `states` must be two or more, but got 1"):
        fit_chain(CLUSTER[:1], MeasuredStep(2, 1, 1), (1.0,), QUICK, 1)


def test_the_angles_trained_last_are_those_that_make_data():
    """The step T is trained first and starts from angles of the seed; each later one starts where
    the one before ended."""
    seen = []

    class Stepping(FitConfig):
        def descend(self, weights, loss):
            seen.append(weights.clone())
            return weights + 1.0

    step = MeasuredStep(2, 0, 1)
    states = States(2).plain(30, 1)
    chain = fit_chain(states, step, (1.0, 1.0, 1.0), Stepping(updates=1, batch=5, start=0.3), 2)
    start = torch.randn(step.circuit.shape, generator=generator(spawn(2, 4)[1]))
    assert torch.allclose(seen[0], 0.3 * start)
    assert [(later - seen[0]).mean().round().item() for later in seen] == [0, 1, 2]
    assert torch.allclose(chain.theta, seen[0] + torch.tensor([3.0, 2.0, 1.0])[:, None, None, None])
