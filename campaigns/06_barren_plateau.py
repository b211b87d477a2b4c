"""The trainings of notebook 06: what a gradient is estimated from, the remedies, the curricula.

A task is one call of `train_denoiser`. Tasks of one size and part share scramblers, initial angles
and, where they draw the same kind and number of them, states, run by run.
"""

from dataclasses import replace
from itertools import product

import numpy as np

from qdm_utils.qubits.circuits import training_seconds
from qdm_utils.qubits.denoising import DenoiserConfig, train_denoiser

LAYERS = {4: 6, 6: 6, 8: 8, 10: 8}
DEEP, SHALLOW = 12, 2  # depths of the scramblers, in half-layers
SMALL, SHORT = 2, 20  # runs and steps that a reader waits for
MANY = 100  # states of a step, where more than ten are asked for

TOLERANCE = {
    "probe": 1e-5,
    "result": 1.0,
    "why": "Training is in single precision, and where a run may find the way to a shallow "
    "scrambler or not, another rounding is another run. Compared are averages over the runs of a "
    "task of the binary logarithm of each fidelity in units of chance.",
}

# What the gradient is taken from.
INPUTS = {"haar": {}, "product": {"states": "product"}}
COSTS = {"global": {}, "local": {"cost": "marginal"}}
BATCHES = {"fixed": {}, "fresh": {"fresh_batch": True}}
FRESH, EXACT = BATCHES["fresh"], {"cost": "average"}


def grid(
    n_states: int,
    epochs: int,
    long_epochs: int,
    rate: float,
    other_rate: float,
    wall_sizes: list,
    wall_runs: list,
    part_runs: int,
    parts: int,
    stage_epochs: int,
    curriculum_sizes: list,
    curriculum_runs: list,
    falling: list,
    n_eval: int,
    **others: object,
) -> dict[str, dict]:
    """All trainings of the notebook, by study; `config` is what differs from the defaults."""
    tasks = {}
    many = {"n_states": MANY}
    sources = {
        "ten-fixed": {},
        "ten-fresh": FRESH,
        "hundred-fixed": many,
        "hundred-fresh": many | FRESH,
        "all": EXACT,
    }

    def training(n: int, part: int, runs: int, **config: object) -> dict:
        named = {"n": n, "layers": LAYERS[n], "n_states": n_states, "learning_rate": rate}
        return {
            "config": named | {"n_eval": n_eval} | config,
            "runs": runs,
            "epochs": epochs,
            "looks": 30,
            "seeds": ["wall", n, part],
        }

    # What the gradient is estimated from, behind the deepest scrambler of the research log.
    for n, runs in zip(wall_sizes, wall_runs, strict=True):
        for name, change in sources.items():
            tasks[f"wall-{n}-{name}"] = training(n, 0, runs, depths=[DEEP], **change) | {
                "study": "wall",
                "source": name,
            }
    # The same at the other rate; with ten states a step it stands among the remedies.
    for name in ("hundred-fresh", "all"):
        slow = sources[name] | {"learning_rate": other_rate}
        tasks[f"rate-{name}"] = training(8, 0, part_runs, depths=[DEEP], **slow) | {
            "study": "wall at the other rate",
            "source": name,
        }
    for name, value in (("fast", rate), ("slow", other_rate)):
        long = training(8, 0, part_runs, depths=[DEEP], **FRESH | {"learning_rate": value})
        tasks[f"long-{name}"] = long | {"study": "long", "pace": name, "epochs": long_epochs}

    # Every input with every cost, fixed and fresh, behind both scramblers and for both entanglers.
    for depth in (SHALLOW, DEEP):
        for entangler in ("chain", "brick"):
            ground = {"depths": [depth], "entangler": entangler}
            place = {"study": "remedies", "depth": depth, "entangler": entangler}
            for inputs, cost, batch in product(INPUTS, COSTS, BATCHES):
                config = ground | INPUTS[inputs] | COSTS[cost] | BATCHES[batch]
                way = place | {"way": f"{inputs}, {cost}, {batch}"}
                name = f"{depth}-{entangler}-{inputs}-{cost}-{batch}"
                for part in range(parts):
                    tasks[f"{name}-part{part}"] = training(8, part, part_runs, **config) | way
                slow = config | {"learning_rate": other_rate}
                way |= {"study": "remedies at the other rate"}
                tasks[f"{name}-slow"] = training(8, 0, part_runs, **slow) | way
            ways = {
                "hundred": many | FRESH,
                "all": EXACT,
                "layerwise": FRESH | {"start": "layerwise"},
                "small": {"start": "small"},
            }
            if depth == SHALLOW:
                ways["local-all"] = {"cost": "average local"}
            for name, change in ways.items():
                if (depth, entangler) == (DEEP, "chain") and name in ("hundred", "all"):
                    continue  # these stand above, with the wall
                tasks[f"{depth}-{entangler}-{name}"] = training(
                    8, 0, part_runs, **ground | change
                ) | {**place, "way": name}

    # The research log's curriculum, at the rate of all others and at the falling one of 05.
    first, factor, within = falling
    paces = {
        "constant": {"learning_rate": rate},
        "falling": {"learning_rate": first, "stage_factor": factor, "decay_epochs": within},
    }
    for n, runs in zip(curriculum_sizes, curriculum_runs, strict=True):
        for pace, change in paces.items():
            config = {"n": n, "layers": LAYERS[n], "n_states": n_states, "n_eval": 50}
            tasks[f"curriculum-{n}-{pace}"] = {
                "study": "curricula",
                "n": n,
                "pace": pace,
                "config": config | change,
                "runs": runs,
                "epochs": stage_epochs,
                "looks": 1,
                "seeds": ["curriculum", n],
            }
    return tasks


def run(task: dict, seed: np.random.SeedSequence) -> dict:
    """Train, and keep what is looked at, by run: fidelities in units of chance, 1/2ⁿ.

    `train`, `all` and `held` are those of the training states, over all states exactly and on
    held-out states, under the scrambler of the training, `new` on held-out states under another
    one: shape (runs, looks), `steps` says after how many updates. `steepest` is the largest norm of
    a gradient on the way, shape (runs,).
    """
    record = train_denoiser(configuration(task, seed))
    seen = np.flatnonzero(np.isfinite(record.average_fidelity[0]))
    dimension = 2**record.config.n
    kept = {
        "train": record.train_fidelity[:, seen] * dimension,
        "all": record.average_fidelity[:, seen] * dimension,
        "held": record.eval_fidelity[:, seen] * dimension,
        "new": record.fresh_fidelity[:, seen] * dimension,
        "steepest": record.gradient_norm.max(1),
    }
    # Single precision loses nothing: that is what training computes in.
    stored = {name: values.astype(np.float32) for name, values in kept.items()}
    return stored | {"steps": seen}


def probe(task: dict, seed: np.random.SeedSequence) -> dict:
    """The first updates of the first stage, on the same scramblers, states and angles."""
    config = configuration(task, seed)
    dimension = 2**config.n
    few = 3 if config.cost.startswith("average") or config.n == 10 else 6
    short = replace(config, depths=config.depths[:1], epochs=few, eval_every=few)
    record = train_denoiser(short)
    return {
        "fidelity before, of chance": (record.train_fidelity[:, 0] * dimension).mean(),
        "fidelity after, of chance": (record.train_fidelity[:, -1] * dimension).mean(),
        "gradient norm": record.gradient_norm[:, -1].mean(),
    }


def configuration(task: dict, seed: np.random.SeedSequence) -> DenoiserConfig:
    """What `train_denoiser` is asked for."""
    return DenoiserConfig(
        **task["config"],
        epochs=task["epochs"],
        eval_every=max(1, task["epochs"] // task["looks"]),
        seeds=task["runs"],
        seed=seed,
    )


def summary(result: dict) -> dict:
    """What another run of the same distribution has in common with it."""
    return {name: np.log2(result[name][:, -1]).mean() for name in ("train", "all")}


def small(task: dict) -> dict:
    """A few short runs of each."""
    return task | {"runs": min(task["runs"], SMALL), "epochs": min(task["epochs"], SHORT)}


def seconds(task: dict) -> float:
    """Of its updates; fresh states, scramblers and what is looked at come on top."""
    config = DenoiserConfig(**task["config"])
    # An average over all states takes the circuit's whole matrix.
    states = 2**config.n if config.cost.startswith("average") else config.n_states
    updates = task["epochs"] * len(config.depths)
    dearer = 1.0 if config.cost in ("global", "average") else 1.5
    return dearer * training_seconds(config.ansatz, states, task["runs"], updates)
