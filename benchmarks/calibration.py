"""How often `score` lets fresh data pass, and how often it sees what is not data.

    .venv/bin/python -m benchmarks.calibration 20 100
    .venv/bin/python -m benchmarks.calibration intervals

print the tables of `docs/scoring.md`. The first: for each task and number of states, the share of
fresh data sets that stay inside their band, and the share of altered ensembles that do not. Every
score is that of a user: states in, verdict out. Floors and bands are drawn anew for every few of
them, with another seed, so that the share is that of the protocol and not of one band. The second:
how often an interval holds the mean of its measure over many ensembles.
"""

import sys
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import (
    SCORED,
    cluster_states,
    ising_ground_states,
    score,
)
from qdm_utils.randomness import Seed, generator, spawn
from qdm_utils.statistics import share_interval

COUNTS = (20, 100)
BANDS, EACH = 25, 40  # bands for each task, and fresh data sets held against each of them
HAAR_QUBITS = 2
INTERVALS, INTERVAL_STATES = 150, 200  # ensembles, and states of each, for the intervals
SEED = 20260401


def half_angle(count: int, seed: Seed) -> Tensor:
    """Correlated noise turned by half the angle: exp(−iδXX/2) and exp(−iδZZ/2)."""
    which, angle = spawn(seed, 2)
    lengths = torch.tensor([0.1, 0.55, 0.0, 0.35]).double().sqrt()
    start = torch.polar(lengths, torch.tensor([0.8, 1.7, 0.0, 2.4]).double())
    flips = torch.rand(count, 1, generator=generator(which)) < 0.8
    half = torch.pi / 3 * (torch.rand(count, 1, generator=generator(angle)).double() - 0.5)
    turned = torch.where(flips, start.flip(-1), torch.tensor([1, -1, -1, 1]) * start)
    return half.cos() * start - 1j * half.sin() * turned


def basis(n: int, count: int, seed: Seed) -> Tensor:
    """Basis states, all equally likely: the mean density matrix of Haar states."""
    rows = torch.randint(2**n, (count,), generator=generator(seed))
    return torch.eye(2**n, dtype=torch.complex128)[rows]


def collapsed(task: str, count: int, seed: Seed) -> Tensor:
    """One state of the data, again and again."""
    return drawn(task, 1, seed).expand(count, -1)


def half_repeated(task: str, count: int, seed: Seed) -> Tensor:
    """Data of which every state occurs twice."""
    return drawn(task, (count + 1) // 2, seed).repeat(2, 1)[:count]


def blurred(task: str, count: int, seed: Seed) -> Tensor:
    """Data, each state displaced by Haar noise of amplitude 0.2."""
    data_seed, noise_seed = spawn(seed, 2)
    data = drawn(task, count, data_seed)
    n = data.shape[-1].bit_length() - 1
    moved = data + 0.2 * haar_states(count, n, noise_seed)
    return moved / torch.linalg.vector_norm(moved, dim=-1, keepdim=True)


def drawn(task: str, count: int, seed: Seed) -> Tensor:
    """Fresh data."""
    known = SCORED[task]
    return known.data(count, known.qubits or HAAR_QUBITS, seed)


def altered(task: str) -> dict[str, Callable[[int, Seed], Tensor]]:
    """Ensembles that are not the data of a task."""
    found: dict[str, Callable[[int, Seed], Tensor]] = {
        "one state": partial(collapsed, task),
        "every state twice": partial(half_repeated, task),
    }
    if task != "haar":  # whose blurred states are Haar states
        found["blurred by 0.2"] = partial(blurred, task)
    if task == "cluster-1":
        found["half the width"] = lambda count, seed: cluster_states(count, 1, 0.04, seed)
    if task == "cluster-2":
        found["half the width"] = lambda count, seed: cluster_states(count, 2, 0.03, seed)
    if task == "circle":
        found["another circle"] = lambda count, seed: (
            drawn(task, count, seed) * torch.tensor([1, 1j])
        )
    if task == "noise":
        found["half the angle"] = half_angle
        found["conjugated"] = lambda count, seed: drawn(task, count, seed).conj()
    if task == "ising":
        found["field 0.2 … 0.35"] = lambda count, seed: ising_ground_states(
            count, 4, seed, 0.2, 0.35
        )
    if task == "haar":
        found["basis states"] = partial(basis, HAAR_QUBITS)
    return found


def coverage(task: str, count: int, seed: Seed) -> tuple[int, int]:
    """Fresh data sets inside their band, and how many there were."""
    inside = 0
    for band, child in enumerate(spawn(seed, BANDS)):
        for fresh in spawn(child, EACH):
            inside += score(drawn(task, count, fresh), task, seed=band).passes
    return inside, BANDS * EACH


def power(task: str, count: int, seed: Seed) -> dict[str, str]:
    """How many of `EACH` altered ensembles are told from data."""
    told = {}
    for kind, child in zip(altered(task), spawn(seed, len(altered(task))), strict=True):
        make = altered(task)[kind]
        seen = sum(not score(make(count, each), task).passes for each in spawn(child, EACH))
        told[kind] = f"{seen} of {EACH}"
    return told


def intervals() -> None:
    """Print how often the interval of each measure holds its mean, for data and blurred data."""
    print("| task | ensemble | share of intervals that hold the mean, by measure |\n|---|---|---|")
    for task, child in zip(SCORED, spawn(SEED, len(SCORED)), strict=True):
        kinds = {"data": partial(drawn, task)}
        if "blurred by 0.2" in altered(task):
            kinds["blurred by 0.2"] = altered(task)["blurred by 0.2"]
        for kind, make in kinds.items():
            seeds = spawn(child, INTERVALS)
            found = [score(make(INTERVAL_STATES, seed), task).measures for seed in seeds]
            told = []
            for each in zip(*found, strict=True):
                mean = sum(one.value for one in each) / len(each)
                held = sum(one.interval[0] <= mean <= one.interval[1] for one in each)
                told.append(f"{each[0].name} {held / len(each):.2f}")
            print(f"| `{task}` | {kind} | {'; '.join(told)} |", flush=True)


def main(counts: list[int]) -> None:
    """Print how often data pass and other ensembles do not, row by row as they come."""
    print("| task | states | fresh data inside | 95 % interval | altered ensembles that are told |")
    print("|---|---|---|---|---|", flush=True)
    for count in counts:
        for task, child in zip(SCORED, spawn(SEED + count, len(SCORED)), strict=True):
            fresh_seed, altered_seed = spawn(child, 2)
            inside, total = coverage(task, count, fresh_seed)
            low, high = share_interval(inside, total)
            told = power(task, count, altered_seed)
            seen = "; ".join(f"{kind} {number}" for kind, number in told.items())
            share = f"{inside / total:.1%} of {total}".replace("%", " %")
            print(f"| `{task}` | {count} | {share} | {low:.3f} … {high:.3f} | {seen} |", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    if sys.argv[1:] == ["intervals"]:
        intervals()
    else:
        main([int(text) for text in sys.argv[1:]] or list(COUNTS))
