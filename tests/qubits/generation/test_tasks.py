"""The published tasks and their trainings: whose data, whose noise."""

from dataclasses import replace

import pytest
import torch

from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import (
    TASKS,
    FidelityKernel,
    Training,
    direct_config,
    haar_mmd_squared,
    mmd_squared,
    published_config,
    published_trainings,
    reachable_fidelity,
    train_task,
)
from qdm_utils.qubits.generation import chain as generation
from qdm_utils.qubits.generation import tasks as quddpm
from qdm_utils.qubits.generation.tasks import thinned
from qdm_utils.randomness import spawn
from tests.seeds import watch_seeds

FIRST = FidelityKernel()
SECOND = FidelityKernel((1, 2))


def test_a_thinned_path_keeps_both_ends():
    path = TASKS["cluster, 1 qubit"].path(2, seed=1)
    assert torch.equal(thinned(path, 4), path[[0, 5, 10, 15, 20]])
    with pytest.raises(ValueError, match="Argument `steps` must divide T = 20, but got 3"):
        thinned(path, 3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cluster, 1 qubit", "cluster, 2 qubits"])
def test_the_chain_beats_haar_and_the_direct_generator_where_its_ancilla_is_too_few(name):
    """A short training of three runs; the direct way has as many angles and updates."""
    config = published_config(name, loss=SECOND, iterations=20, rate=0.05, batch=60, inputs=200)
    training = Training(name, config, runs=3, seed=1, samples=600)
    same = {"loss": SECOND, "rate": 0.02, "iterations": 400, "batch": 60, "inputs": 200}
    chain, direct = (
        train_task(each).generated[0]
        for each in (training, replace(training, config=direct_config(name, **same), steps=1))
    )
    test = TASKS[name].data(600, 99)
    haar = haar_mmd_squared(test, SECOND)
    distance, straight = (
        torch.stack([mmd_squared(run, test, SECOND) for run in each]) for each in (chain, direct)
    )
    fidelities, reached = (each[..., 0].abs().square().mean(-1) for each in (chain, direct))
    # Over three seeds: 0.7 % of the Haar value at most, mean fidelities of 0.93 and
    # more, and where one step is too few the direct way at 46 % of the Haar value at least.
    assert (distance < 0.1 * haar).all()
    assert (fidelities > 0.8).all()
    if name == "cluster, 2 qubits":
        assert (straight > 0.25 * haar).all()
        error = direct[..., 0].abs().square().std(-1) / 600**0.5
        assert (reached < reachable_fidelity(2, 1, 1) + 5 * error).all()
    else:  # one ancilla is enough for one qubit, and then a single large step does as well
        assert reachable_fidelity(1, 1, 1) == 1
        assert (straight < 0.1 * haar).all()


def least_distance(states: torch.Tensor, others: torch.Tensor) -> float:
    """Between amplitudes of any two states of two ensembles."""
    flat = [
        torch.view_as_real(each.to(torch.complex128).flatten(0, -2)).flatten(1)
        for each in (states, others)
    ]
    return torch.cdist(*flat).min().item()


def test_what_is_generated_starts_from_noise_that_training_has_not_seen(monkeypatch):
    drawn = {}

    def watch(module):
        def states(*args):
            drawn[module] = haar_states(*args)
            return drawn[module]

        monkeypatch.setattr(module, "haar_states", states)

    watch(generation)
    watch(quddpm)
    config = published_config("cluster, 2 qubits", iterations=1, batch=5, inputs=40)
    outcome = train_task(Training("cluster, 2 qubits", config, runs=2, seed=3, steps=2, samples=30))
    assert len(drawn[generation]) == 2 * 40
    assert len(drawn[quddpm]) == 2 * 30
    # Two of 4,800 pairs of Haar states in four dimensions come this close once in 10¹⁰ trainings.
    assert least_distance(drawn[generation], drawn[quddpm]) > 1e-3
    assert torch.equal(outcome.generated[-1].flatten(0, 1), drawn[quddpm])
    first, second = outcome.generated[-1]
    assert least_distance(first, second) > 1e-3


def test_data_training_noise_and_outcomes_come_from_streams_of_their_own(monkeypatch):
    here = watch_seeds(monkeypatch, quddpm, "train_chain", "haar_states")
    there = watch_seeds(monkeypatch, quddpm.Task, "path")
    last = watch_seeds(monkeypatch, generation.Chain, "generate")
    config = published_config("cluster, 1 qubit", iterations=1, batch=5, inputs=5)
    train_task(Training("cluster, 1 qubit", config, runs=1, seed=3, steps=1, samples=5))
    assert len({*here, *there, *last}) == len(here + there + last) == 4


def test_runs_have_data_of_their_own_and_all_ways_of_a_task_have_the_same():
    path = TASKS["correlated noise"].path(2, seed=1)
    assert least_distance(path[0, 0], path[0, 1]) > 1e-9
    changes = {name: {"iterations": 1, "inputs": 100} for name in TASKS}
    direct = {"circle": {"iterations": 7, "inputs": 100}}
    trainings = published_trainings(2, 10, 5, changes, direct)
    assert set(trainings) == {("chain", name) for name in TASKS} | {("direct", "circle")}
    chain = trainings["chain", "circle"]
    straight = trainings["direct", "circle"]
    assert (chain.steps, straight.steps) == (None, 1)
    assert (chain.config.iterations, straight.config.iterations) == (1, 7)
    assert (chain.runs, chain.samples) == (straight.runs, straight.samples) == (2, 10)
    data = [
        TASKS["circle"].path(training.runs, spawn(training.seed, 4)[0])[0]
        for training in (chain, straight)
    ]
    assert torch.equal(*data)
    seeds = [
        (training.seed.entropy, training.seed.spawn_key)
        for (way, _), training in trainings.items()
        if way == "chain"
    ]
    assert len(set(seeds)) == len(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_the_direct_way_has_as_many_angles_as_the_chain(task):
    direct = direct_config(task, inputs=500).step
    assert direct.circuit.parameter_count == TASKS[task].parameter_count
    assert (direct.n, direct.ancillas) == (TASKS[task].step.n, TASKS[task].step.ancillas)


def test_a_training_is_repeatable():
    config = published_config("circle", iterations=3, batch=10, inputs=20)
    training = Training("circle", config, runs=2, seed=3, steps=4, samples=30)
    one = train_task(training)
    two = train_task(training)
    assert torch.equal(one.generated, two.generated)
    assert one.losses.shape == (4, 3, 2)
    assert one.generated.shape == (5, 2, 30, 2)
    assert one.forward.shape == (5, 2, 500, 2)
    assert one.outcomes.shape == (4, 2, 30)
    assert set(one.outcomes.unique().tolist()) == {0, 1, 2, 3}


def test_the_tasks_are_the_published_ones():
    found = {
        name: (
            task.step.n,
            task.step.ancillas,
            len(task.schedule),
            task.step.layers,
            task.count,
            task.schedule[0],
            task.schedule[-1],
        )
        for name, task in TASKS.items()
    }
    assert found == {
        "cluster, 1 qubit": (1, 1, 20, 4, 100, 1.0, 4.0),
        "cluster, 2 qubits": (2, 1, 20, 6, 100, 0.5, 4.0),
        "circle": (1, 2, 40, 6, 500, 1e-3, 1.6),
        "correlated noise": (2, 2, 20, 6, 500, 0.05, 4.0),
        "Ising ground states": (4, 2, 30, 12, 100, 0.1, 2.0),
    }
