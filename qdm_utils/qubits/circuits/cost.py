"""What a training step of a circuit costs by its size: the law that `make bench` fits, for
estimates before a long computation is started.

A step is the loss, all gradients and the update. The law counts what the engine does; what each of
these takes was measured on one core and is in `cost.json` beside this module, which only
`benchmarks` writes.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np

from qdm_utils.arguments import whole_number
from qdm_utils.qubits.circuits.ansatz import LayeredCircuit
from qdm_utils.qubits.circuits.engine import GROUP

TERMS = ("step", "qubit", "group of a layer", "multiplication", "matrix element", "amplitude")
FILE = Path(__file__).with_name("cost.json")


def work(circuit: LayeredCircuit, batch: int, draws: int = 1) -> np.ndarray:
    """How often a step does what `TERMS` name, for a batch of B states under each of D draws.

    1; n; groups of all layers, each with a few calls; complex multiplications of states by
    matrices; elements of the matrices; amplitudes that these products read and write.

    Raises:
        ValueError: B < 1 or D < 1.

    >>> from qdm_utils.qubits.circuits.ansatz import Ansatz
    >>> work(Ansatz(4, 6), batch=10).astype(int).tolist()
    [1, 4, 7, 17920, 1792, 1120]
    """
    batch, draws = whole_number("batch", batch, 1), whole_number("draws", draws, 1)
    n, layers, dimension = circuit.n, circuit.shape[0], 2**circuit.n
    groups = -(-n // GROUP)
    widths = [2.0 ** ((g + 1) * n // groups - g * n // groups) for g in range(groups)]
    # Two groups have a second matrix for the last one, see the engine; `apply` sends a large batch
    # through the matrix of the circuit.
    choices = 2 if groups == 2 else 1
    whole = batch >= 2 * dimension
    states = dimension if whole else batch
    amplitudes = draws * layers * states * dimension
    products = amplitudes * sum(widths) + whole * draws * batch * dimension**2
    elements = draws * layers * choices * sum(width**2 for width in widths)
    return np.array([1, n, groups * layers, products, elements, amplitudes * groups])


def training_seconds(
    circuit: LayeredCircuit, batch: int, draws: int = 1, updates: int = 1
) -> float:
    """About how many seconds of one core that many updates of so many draws together take.

    On the machine of `benchmarks/README.md`, which also says how far the law is off there; another
    one is faster or slower by some factor.

    Raises:
        ValueError: B < 1, D < 1 or updates < 0.
    """
    return whole_number("updates", updates, 0) * float(
        work(circuit, batch, draws) @ _coefficients()
    )


@cache
def _coefficients() -> np.ndarray:
    known = json.loads(FILE.read_text(encoding="utf-8"))["coefficients"]
    return np.array([known[name] for name in TERMS])
