"""The trainings of notebook 05: curricula at many learning rates, more data, repairs, more qubits.

A task is one call of `train_denoiser`: some runs at once, each with its own scramblers, states and
initial angles. Curricula that differ in the learning rate alone share all of these, run by run. A
task of the study "map" is one call for each point of a small grid of rates.
"""

from dataclasses import replace

import numpy as np

from qdm_utils.qubits.circuits import training_seconds
from qdm_utils.qubits.denoising import DenoiserConfig, train_denoiser
from qdm_utils.qubits.scrambling import saturation_schedule

DEPTHS = [2, 4, 6, 8, 10, 12]
# Children of the root seed: tasks of one study share one, or one for each part of 50 runs.
CURRICULUM, STATES, REACH, REPAIRS, SIZES, TRANSFER, MAP = 0, 2, 3, 4, 5, 7, 12
LAYERS = {4: 6, 6: 6, 8: 8, 10: 8}
SMALL, SMALL_MAP = 4, 12  # runs that a reader waits for; a map needs more runs than numbers

TOLERANCE = {
    "probe": 1e-5,
    "result": 0.05,
    "why": "Training is in single precision. With another processor's rounding (imitated by "
    "ATEN_CPU_CAPABILITY=default, MKL_CBWR=COMPATIBLE) the first five updates came out the same to "
    "1e-7, single runs of 600 differed by up to 0.2, their averages over a task by up to 0.02.",
}


def grid(
    n_seeds: int,
    n_scan: int,
    n_few: int,
    epochs: int,
    rate: float,
    slow_rate: float,
    rates: list,
    halving: list,
    falling: list,
    state_counts: list,
    layer_counts: list,
    sizes: list,
    few_by_size: list,
    n_map: int,
    map_rates: list,
    map_within: list,
    map_between: list,
    seed: int,
) -> dict[str, dict]:
    """All trainings of the notebook, by study; `config` is what differs from the defaults."""
    tasks = {}
    parts = [len(part) for part in np.array_split(range(n_seeds), max(1, round(n_seeds / n_scan)))]
    fast, slow = {"learning_rate": rate}, {"learning_rate": slow_rate}
    fall = dict(zip(("learning_rate", "stage_factor", "decay_epochs"), falling[0], strict=True))

    # The two learning rates that verdicts rest on, and depth 12 without the stages before it.
    judged = {"epochs": epochs, "eval_every": 5, "curves": True}
    alone = {"epochs": epochs, "eval_every": epochs, "config": fast | {"depths": [12]}}
    for k, runs in enumerate(parts):
        curriculum = {"study": "rates", "runs": runs, "seeds": [CURRICULUM, k], **judged}
        tasks[f"rate-{rate:g}-part{k}"] = curriculum | {"config": fast}
        tasks[f"fall-{told(falling[0])}-part{k}"] = curriculum | {"config": fall}
        tasks[f"alone-part{k}"] = {
            "study": "alone",
            "runs": runs,
            "seeds": [TRANSFER, k],
            **alone,
        }

    # All other learning rates.
    scan = {
        f"rate-{value:g}": {"learning_rate": value}
        for value in sorted({*rates, slow_rate} - {rate})
    }
    for first, half in halving:
        scan[f"halving-{told([first, half])}"] = {"learning_rate": first, "half_life": half}
    for first, factor, within in falling[1:]:
        scan[f"fall-{told([first, factor, within])}"] = {
            "learning_rate": first,
            "stage_factor": factor,
            "decay_epochs": within,
        }
    for name, config in (("rate", fast), ("slow", slow), ("fall", fall)):
        scan[f"{name}-brick"] = config | {"entangler": "brick"}
    scan["fall-ring"] = fall | {"entangler": "ring"}
    scan["fall-small-angles"] = fall | {"start": "small"}
    for name, config in scan.items():
        tasks[name] = {
            "study": "rates",
            "config": config,
            "runs": n_scan,
            "epochs": epochs,
            "eval_every": epochs,
            "seeds": [CURRICULUM, 0],
        }

    few = {"runs": n_few, "epochs": epochs, "eval_every": epochs}
    deep = {"runs": n_few, "epochs": 3 * epochs, "eval_every": 3 * epochs}
    slowing = fast | {"rate": "cosine"}
    for count in state_counts:
        config = slowing | {"depths": [12], "n_states": count}
        tasks[f"states-{count}"] = deep | {
            "study": "states",
            "config": config,
            "seeds": [STATES],
        }
    for layers in layer_counts:
        for entangler in ("chain", "ring", "brick"):
            for depth in (1, 2, 4, 8, 12):
                ansatz = {"layers": layers, "entangler": entangler}
                config = slowing | ansatz | {"depths": [depth], "cost": "average"}
                tasks[f"reach-{entangler}-{layers}-depth{depth}"] = deep | {
                    "study": "reach",
                    "config": config,
                    "seeds": [REACH],
                }

    total = epochs * len(DEPTHS)
    adaptive = saturation_schedule(4)
    short = {"epochs": total // len(adaptive), "eval_every": total}
    at_last = {"epochs": total, "eval_every": total}
    repairs = {
        "curriculum": ({}, {}),
        "adam-reset": ({"carry_adam": False}, {}),
        "nested": ({"nested": True}, {}),
        "depth12": ({"depths": [12]}, at_last),
        "84-states": ({"n_states": 84}, {}),
        "fresh-batch": ({"fresh_batch": True}, {}),
        "all-states": ({"cost": "average"}, {}),
        "local-all": ({"cost": "average local"}, {}),
        "local-10": ({"cost": "marginal", "states": "product"}, {}),
        "fresh-depth12": ({"depths": [12], "fresh_batch": True}, at_last),
    }
    for name, (change, length) in repairs.items():
        tasks[f"repair-{name}"] = (
            few
            | length
            | {
                "study": "repairs",
                "variant": name,
                "config": fast | change,
                "seeds": [REPAIRS],
            }
        )
    # These differ by little, so they get as many runs as the two learning rates.
    contest = {
        "adaptive-last": ({"depths": adaptive[-1:]}, at_last),
        "adaptive": ({"depths": adaptive}, short),
        "adaptive-nested": ({"depths": adaptive, "nested": True}, short),
    }
    for name, (change, length) in contest.items():
        for k, runs in enumerate(parts):
            tasks[f"repair-{name}-part{k}"] = length | {
                "study": "repairs",
                "variant": name,
                "config": fast | change,
                "runs": runs,
                "seeds": [REPAIRS, k],
            }

    # Everything the research log leaves open of a falling rate, with every entangler and start.
    circuits = [(entangler, "uniform") for entangler in ("chain", "ring", "brick")]
    for entangler, start in [*circuits, ("chain", "small")]:
        for factor in map_between:
            tasks[f"map-{entangler}-{start}-{factor:g}"] = {
                "study": "map",
                "config": {"entangler": entangler, "start": start, "stage_factor": factor},
                "learning_rates": map_rates,
                "decay_epochs": map_within,
                "runs": n_map,
                "epochs": epochs,
                "eval_every": epochs,
                "seeds": [MAP],
            }

    for n, runs in zip(sizes, few_by_size, strict=True):
        tasks[f"size-{n}"] = few | {
            "study": "sizes",
            "config": fast | {"n": n, "layers": LAYERS[n]},
            "runs": runs,
            "seeds": [SIZES],
        }
    return tasks


def told(values: list[float]) -> str:
    """Numbers as part of the name of a task."""
    return "-".join(f"{value:g}" for value in values)


def run(task: dict, seed: np.random.SeedSequence) -> dict:
    """Train, and keep what is judged: fidelities of each run and stage.

    `first`, `last`, `best` and `at_30` (epoch 30 of a stage) are of the training states, `held` and
    `other` of held-out states under the same and under another scrambler, `all_first` and
    `all_last` averages over all states. `curve` is the mean over runs and stages, by epoch, shape
    (1, epochs).

    A map has these, but for the curve and the averages, at every point: shape (rates, decays, runs,
    stages).
    """
    if task["study"] == "map":
        return _map(task, seed)
    record = train_denoiser(configuration(task, seed))
    epochs = record.config.epochs
    by_stage = record.train_fidelity.reshape(record.config.seeds, -1, epochs)
    kept = {
        "first": record.first(),
        "last": record.last(),
        "best": record.best(),
        "at_30": by_stage[..., min(30, epochs - 1)],
        "held": record.last("eval_fidelity"),
        "other": record.last("fresh_fidelity"),
        "all_first": record.first("average_fidelity"),
        "all_last": record.last("average_fidelity"),
    }
    if task.get("curves"):
        for name in ("train_fidelity", "average_fidelity", "fresh_fidelity"):
            kept[name] = getattr(record, name)
    # Single precision loses nothing: that is what training computes in.
    stored = {name: values.astype(np.float32) for name, values in kept.items()}
    return stored | {"curve": by_stage.mean((0, 1))[None]}


def _map(task: dict, seed: np.random.SeedSequence) -> dict:
    names = ("first", "at_30", "last", "best", "held", "other")
    points = [
        [run(point, seed) for point in _points(task, learning_rate)]
        for learning_rate in task["learning_rates"]
    ]
    return {name: np.array([[point[name] for point in row] for row in points]) for name in names}


def _points(task: dict, learning_rate: float) -> list[dict]:
    """The curricula of a map at one first rate, by the decay within a stage."""
    return [
        task
        | {
            "study": "rates",
            "config": task["config"] | {"learning_rate": learning_rate, "decay_epochs": decay},
        }
        for decay in task["decay_epochs"]
    ]


def probe(task: dict, seed: np.random.SeedSequence) -> dict:
    """The first five updates of the first stage, on the same scramblers, states and angles."""
    if task["study"] == "map":
        task = _points(task, task["learning_rates"][0])[0]
    config = configuration(task, seed)
    short = replace(config, depths=config.depths[:1], epochs=6, eval_every=6)
    record = train_denoiser(short)
    return {
        "fidelity before": record.train_fidelity[:, 0].mean(),
        "fidelity after five updates": record.train_fidelity[:, -1].mean(),
        "gradient norm": record.gradient_norm[:, -1].mean(),
    }


def configuration(task: dict, seed: np.random.SeedSequence) -> DenoiserConfig:
    """What `train_denoiser` is asked for."""
    return DenoiserConfig(
        **task["config"],
        epochs=task["epochs"],
        eval_every=task["eval_every"],
        seeds=task["runs"],
        seed=seed,
    )


def summary(result: dict) -> dict:
    """What another run of the same distribution has in common with it: the averages over runs."""
    return {name: values.mean(axis=-2) for name, values in result.items()}


def small(task: dict) -> dict:
    """A few runs of each."""
    least = SMALL_MAP if task["study"] == "map" else SMALL
    return task | {"runs": min(task["runs"], least)}


def seconds(task: dict) -> float:
    """Of its updates; scramblers and what is looked at in between come on top."""
    if task["study"] == "map":
        points = [p for first in task["learning_rates"] for p in _points(task, first)]
        return sum(map(seconds, points))
    config = DenoiserConfig(**task["config"])
    # An average over all states takes the circuit's whole matrix.
    states = 2**config.n if config.cost.startswith("average") else config.n_states
    updates = task["epochs"] * len(config.depths)
    return training_seconds(config.ansatz, states, task["runs"], updates)
