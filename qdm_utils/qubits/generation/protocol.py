"""The protocol by which an ensemble of states is judged, whoever generated it.

`score` asks one question: can these states be told from fresh data of a task, at their own number?
It takes several measures of the ensemble, and the same measures of a few hundred fresh data sets of
the same number of states. A band around each measure is set so that a fresh data set lies inside
*all* bands with a probability of 95 %.

The band is exact, not approximate. All data sets are compared with one reference set, which is
drawn once. Given that reference, the measures of the ensemble and of the fresh data sets are
independent and, if the ensemble is data, equally distributed, so that each of them is as likely as
any other to be the most extreme one (a Monte Carlo test). The reference need not be large for that:
its own scatter shifts all of them alike. It costs power only.

Source of the test: M. Dwass, Ann. Math. Stat. 28, 181 (1957). One threshold for several measures
at once, scaled by the quantiles of each: M. Myllymäki et al., J. R. Stat. Soc. B 79, 381 (2017).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.mmd import unbiased_mean
from qdm_utils.qubits.generation.ensemble_distances import FidelityKernel, overlaps, wasserstein
from qdm_utils.qubits.generation.ensembles import (
    bloch_vectors,
    empty_share,
    inferred_probability,
    magnetisation,
)
from qdm_utils.qubits.generation.scores import NARROW, POOR
from qdm_utils.qubits.generation.tasks import TASKS
from qdm_utils.qubits.states import haar_states, squared_norms
from qdm_utils.randomness import Seed, generator, spawn
from qdm_utils.statistics import share_interval

LEVEL = 0.95  # of the bands together, and of each interval
FEWEST = 20  # states below which an interval from the spread between states means nothing
MOST = 1000  # states that are scored; a larger ensemble is represented by so many of its states
TRANSPORTED = 200  # states of either ensemble in the Wasserstein distance
REFERENCE = 1000  # states of the reference data
DRAWS = 399  # fresh data sets: with the ensemble 400, of which 5 % are 20
TAIL = 0.02  # quantiles by which the two sides of a measure are scaled
NORM_TOLERANCE = 1e-4  # what single precision leaves of a norm after a long circuit
LARGEST = 8  # qubits of the Haar task: at 256 amplitudes a score takes minutes
# Differences below this are rounding in a quantity that is exactly zero in the data.
ROUNDING = 1e-6
BLOCK = 32  # rows of overlaps at a time, so that they stay in the processor's cache
NORMAL = 1.959963984540054  # 97.5 % quantile of the standard normal distribution

# The kernels, each seeing what the one before cannot: the mean density matrix, the state of two
# copies, and detail as fine as an infidelity of 0.02.
KERNELS = {
    "MMD² (F)": FidelityKernel(),
    "MMD² (F and F²)": FidelityKernel((1, 2)),
    "MMD² (narrow)": NARROW,
}
TRANSPORT, NEAREST = "Wasserstein", "nearest neighbour"


@dataclass(frozen=True)
class Quantity:
    """A mean over states that a task is known by.

    Args:
        name: in the report.
        of_states: from states (S, 2ⁿ) to one number each, shape (S,), whose mean it is.
        share: whether these are zeros and ones.
        two_sided: whether too little tells a difference as well as too much.
        resolution: a difference that is rounding.
    """

    name: str
    of_states: Callable[[Tensor], Tensor]
    share: bool = False
    two_sided: bool = True
    resolution: float = 0.0


@dataclass(frozen=True)
class ScoredTask:
    """A task that ensembles are scored on.

    Args:
        name: short, as on the command line.
        key: its name in `TASKS`, or what the data are.
        qubits: n; None where it is read off the states.
        data: from a number of states, n and a seed to data, shape (count, 2ⁿ).
        quantities: the task's own.
    """

    name: str
    key: str
    qubits: int | None
    data: Callable[[int, int, Seed], Tensor]
    quantities: tuple[Quantity, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of all measures, in the order of the report."""
        return (*KERNELS, TRANSPORT, NEAREST, *(each.name for each in self.quantities))

    @property
    def two_sided(self) -> np.ndarray:
        """Which measures tell a difference on either side; a distance does above only."""
        own = [each.two_sided for each in self.quantities]
        return np.array([False] * len(KERNELS) + [False, True, *own])

    @property
    def resolutions(self) -> np.ndarray:
        """The difference in each measure that is rounding."""
        return np.array([0.0] * (len(KERNELS) + 2) + [each.resolution for each in self.quantities])


def _zero_fidelity(states: Tensor) -> Tensor:
    return states[:, 0].abs().square()


def _poor(states: Tensor) -> Tensor:
    return (_zero_fidelity(states) < POOR).double()


def _off_circle(states: Tensor) -> Tensor:
    return bloch_vectors(states)[:, 1].abs()


def _empty(states: Tensor) -> Tensor:
    return empty_share(states[:, None])


def _inferred(states: Tensor) -> Tensor:
    return inferred_probability(states[:, None])


def _participation(states: Tensor) -> Tensor:
    return states.abs().square().square().sum(-1)


def _published(key: str, name: str, *quantities: Quantity) -> ScoredTask:
    task = TASKS[key]
    return ScoredTask(
        name, key, task.step.n, lambda count, n, seed: task.data(count, seed), quantities
    )


_CLUSTER = (
    Quantity("mean F₀", _zero_fidelity),
    Quantity(f"share with F₀ < {POOR}", _poor, share=True, two_sided=False),
)
SCORED = {
    task.name: task
    for task in (
        _published("cluster, 1 qubit", "cluster-1", *_CLUSTER),
        _published("cluster, 2 qubits", "cluster-2", *_CLUSTER),
        _published(
            "circle",
            "circle",
            Quantity("mean |⟨Y⟩|", _off_circle, two_sided=False, resolution=ROUNDING),
        ),
        _published(
            "correlated noise",
            "noise",
            Quantity("inferred p", _inferred),
            Quantity("share without |10⟩", _empty, share=True),
        ),
        _published("Ising ground states", "ising", Quantity("magnetisation", magnetisation)),
        ScoredTask(
            "haar", "Haar-random states", None, haar_states, (Quantity("Σ|ψ|⁴", _participation),)
        ),
    )
}


@dataclass(frozen=True)
class Measure:
    """One measure of an ensemble beside what fresh data give.

    Args:
        name: see `ScoredTask.measures`.
        value: of the ensemble.
        interval: 95 %, over the generated states, with the reference held fixed.
        floor, deviation: mean and standard deviation over fresh data sets of the same number.
        centre: their median.
        reach: how far the joint band extends below and above the centre.
        two_sided: whether the band has a lower end.
        inside: whether the value lies in the band.
    """

    name: str
    value: float
    interval: tuple[float, float]
    floor: float
    deviation: float
    centre: float
    reach: tuple[float, float]
    two_sided: bool
    inside: bool

    @property
    def band(self) -> tuple[float, float]:
        """Where fresh data lie, in all measures at once, in 95 % of all cases."""
        low = self.centre - self.reach[0] if self.two_sided else -np.inf
        return low, self.centre + self.reach[1]

    def position(self, value: float) -> float:
        """A value on the scale where the centre is 0 and the ends of the band are −1 and 1.

        >>> Measure("", 3.0, (2.0, 4.0), 1.0, 0.5, 1.0, (0.5, 2.0), True, True).position(3.0)
        1.0
        """
        away = value - self.centre
        reach = self.reach[0] if away < 0 else self.reach[1]
        if away == 0:
            return 0.0
        return away / reach if reach > 0 else float(np.copysign(np.inf, away))


@dataclass(frozen=True, eq=False)
class Score:
    """What `score` found.

    Args:
        task: on which the states were scored.
        qubits: n.
        given: states handed in.
        count: states scored.
        draws: fresh data sets behind floors and bands.
        seed: of reference, fresh data and choice of states.
        measures: see there.
        p_value: share of fresh data sets, the ensemble counted among them, that lie at least as far
            out as the ensemble does.
        states: those scored, in double precision and of norm 1, shape (count, 2ⁿ).
        data: the reference, shape (`REFERENCE`, 2ⁿ).
    """

    task: ScoredTask
    qubits: int
    given: int
    count: int
    draws: int
    seed: int
    measures: tuple[Measure, ...]
    p_value: float
    states: Tensor = field(repr=False)
    data: Tensor = field(repr=False)

    def __getitem__(self, name: str) -> Measure:
        """The measure of this name."""
        return {measure.name: measure for measure in self.measures}[name]

    @property
    def differing(self) -> tuple[str, ...]:
        """Names of the measures outside their bands."""
        return tuple(measure.name for measure in self.measures if not measure.inside)

    @property
    def passes(self) -> bool:
        """Whether all measures lie inside."""
        return not self.differing

    @property
    def verdict(self) -> str:
        """In words."""
        if self.passes:
            return f"cannot be told from data at {self.count} states"
        return f"differs from data in: {', '.join(self.differing)}"

    def report(self, source: str = "") -> str:
        """One page of Markdown.

        Args:
            source: a line that says where the states come from.
        """
        rows = [
            f"| {_cell(each.name)} | {each.value:.4g} | {each.interval[0]:.4g} … "
            f"{each.interval[1]:.4g} | {each.floor:.4g} ± {each.deviation:.2g} | {_band(each)} | "
            f"{'yes' if each.inside else '**no**'} |"
            for each in self.measures
        ]
        chosen = (
            f"all {self.count} states"
            if self.given == self.count
            else f"{self.count} of {self.given} states, chosen at random"
        )
        transported = min(self.count, TRANSPORTED)
        lines = [
            f"# Score on `{self.task.name}`: {self.task.key}",
            *([source] if source else []),
            f"**The ensemble {self.verdict}** (p = {self.p_value:.4g}).",
            "\n".join(
                (
                    "| measure | value | 95 % interval | fresh data | band | inside |",
                    "|---|---|---|---|---|---|",
                    *rows,
                )
            ),
            f"Scored: {chosen}, {self.qubits} {'qubit' if self.qubits == 1 else 'qubits'}, "
            f"seed {self.seed}. *Fresh data*: mean ± standard deviation over {self.draws} data "
            f"sets of {self.count} states each. They and the ensemble are compared with one "
            f"reference of {len(self.data)} data states. *Band*: a data set lies inside all bands "
            "with a probability of 95 %; distances have an upper end only. *p*: the share of data "
            "sets that lie at least as far out as the ensemble, which is counted among them, so "
            f"that {1 / (self.draws + 1):.4g} is the least. *Interval*: over the scored states, "
            "with the reference held fixed.",
            "*MMD²*: unbiased, of the fidelity F, of F and F², and of the narrow kernel, the mean "
            "of exp(−(1 − F)/w) for w = 0.1 and 0.02; it may be negative. *Wasserstein*: least "
            f"mean infidelity of a transport between {transported} states and {TRANSPORTED} of the "
            "reference. *Nearest neighbour*: mean distance √(1 − F) of a state to the nearest one "
            "of its own ensemble; too small where states repeat, too large where they keep apart.",
            "A score inside all bands says that these measures cannot tell so many states from "
            "data, and no more.",
        ]
        return "\n\n".join(lines) + "\n"


@dataclass(frozen=True, eq=False)
class _Yardstick:
    """The reference of a task, and the measures of fresh data sets against it.

    Args:
        data: the reference, shape (`REFERENCE`, 2ⁿ).
        within: mean of each kernel over its pairs, shape (3,).
        null: shape (draws, measures).
    """

    data: Tensor
    within: Tensor
    null: np.ndarray


def score(states: Tensor | np.ndarray, task: str, seed: int = 0, draws: int = DRAWS) -> Score:
    """Whether an ensemble of states can be told from data of a task, and in what.

    The measures are MMD² with the kernels `KERNELS`, the Wasserstein distance of `TRANSPORTED`
    states, the mean distance of a state to its nearest neighbour in the ensemble, and the task's
    own quantities. Of more than `MOST` states so many are taken at random. Floors and bands are
    kept while Python runs, so that a second ensemble of equal number is scored at once.

    Args:
        states: shape (count, 2ⁿ), `FEWEST` or more, of norm 1; complex or real, of any precision.
            Global phases do not matter.
        task: a key of `SCORED`, or of `TASKS`.
        seed: of reference, fresh data and the choice of states. With the same seed two ensembles
            are compared with the same data.
        draws: fresh data sets, ≥ 99.

    Returns:
        See `Score`.

    Raises:
        ValueError: states that are no array of numbers, of another shape, not finite, not
            normalised, or too few; an unknown task; a number out of range.

    >>> found = score(haar_states(20, 1, seed=5), "haar", draws=99)
    >>> found.passes, found["Σ|ψ|⁴"].two_sided
    (True, True)
    """
    chosen = _scored_task(task)
    seed = whole_number("seed", seed, 0)
    draws = whole_number("draws", draws, 99)
    everything = _checked(states, chosen)
    choice_seed, _ = spawn(seed, 2)
    # Also of few states: the Wasserstein distance takes the first ones, and a file may be sorted.
    order = torch.randperm(len(everything), generator=generator(choice_seed))
    scored = everything[order[:MOST]]
    count, n = len(scored), scored.shape[-1].bit_length() - 1
    yardstick = _yardstick(chosen.name, n, count, seed, draws)
    values = _values(chosen, scored, yardstick)
    centre, reach, threshold, extremeness = _joint_band(
        values, yardstick.null, chosen.two_sided, chosen.resolutions
    )
    outside = _extremeness(values, centre, reach, chosen.two_sided) > threshold
    as_far = int((extremeness[1:] >= extremeness[0]).sum())
    measures = tuple(
        Measure(
            name,
            float(values[k]),
            interval,
            float(yardstick.null[:, k].mean()),
            float(yardstick.null[:, k].std(ddof=1)),
            float(centre[k]),
            (float(threshold * reach[0, k]), float(threshold * reach[1, k])),
            bool(chosen.two_sided[k]),
            not outside[k],
        )
        for k, (name, interval) in enumerate(
            zip(chosen.measures, _intervals(chosen, scored, yardstick, values), strict=True)
        )
    )
    p_value = (1 + as_far) / (1 + draws)
    return Score(
        chosen, n, len(everything), count, draws, seed, measures, p_value, scored, yardstick.data
    )


def _scored_task(task: str) -> ScoredTask:
    by_key = {each.key: each for each in SCORED.values()} | SCORED
    known = isinstance(task, str) and task in by_key
    demand(known, "task", f"be one of {', '.join(SCORED)}", repr(task))
    return by_key[task]


def _checked(states: Tensor | np.ndarray, task: ScoredTask) -> Tensor:
    """States of double precision and of norm 1, refused where they are none of the task's."""
    known = isinstance(states, Tensor | np.ndarray)
    demand(known, "states", "be a NumPy array or a torch tensor", type(states).__name__)
    array = states.detach().cpu().resolve_conj().numpy() if isinstance(states, Tensor) else states
    demand(array.dtype.kind in "iufc", "states", "be numbers", f"dtype {array.dtype}")
    size = array.shape[-1] if array.ndim == 2 else 0
    shape = f"shape {array.shape}"
    demand(size > 1 and size & (size - 1) == 0, "states", "have shape (count, 2ⁿ)", shape)
    n = size.bit_length() - 1
    if task.qubits is not None:
        wanted = f"have shape (count, {2**task.qubits}) for the task {task.name}"
        demand(n == task.qubits, "states", wanted, shape)
    demand(n <= LARGEST, "states", f"have at most {LARGEST} qubits", n)
    demand(len(array) >= FEWEST, "states", f"be at least {FEWEST} in number", len(array))
    demand(bool(np.isfinite(array).all()), "states", "be finite", "NaN or infinity")
    double = torch.from_numpy(array.astype(np.complex128))
    norms = squared_norms(double).sqrt()
    worst = norms[(norms - 1).abs().argmax()].item()
    close = abs(worst - 1) <= NORM_TOLERANCE
    demand(close, "states", f"have norm 1 within {NORM_TOLERANCE:g}", f"norm {worst:.6g}")
    return double / norms[:, None]


@lru_cache(maxsize=8)
def _yardstick(name: str, n: int, count: int, seed: int, draws: int) -> _Yardstick:
    task = SCORED[name]
    _, data_seed = spawn(seed, 2)
    reference_seed, *fresh_seeds = spawn(data_seed, 1 + draws)
    data = task.data(REFERENCE, n, reference_seed)
    totals, _ = _kernel_sums(data, data, itself=True)
    within = unbiased_mean(totals.sum(-1), 0.0, REFERENCE)
    yardstick = _Yardstick(data, within, np.empty((draws, len(task.measures))))
    for row, fresh_seed in zip(yardstick.null, fresh_seeds, strict=True):
        row[:] = _values(task, task.data(count, n, fresh_seed), yardstick)
    return yardstick


def _values(task: ScoredTask, states: Tensor, yardstick: _Yardstick) -> np.ndarray:
    """All measures of an ensemble against the reference, shape (measures,)."""
    within, nearest = _kernel_sums(states, states, itself=True)
    between, _ = _kernel_sums(states, yardstick.data)
    discrepancies = (
        unbiased_mean(within.sum(-1), 0.0, len(states))
        - 2 * between.mean(-1) / len(yardstick.data)
        + yardstick.within
    )
    carried = wasserstein(states[:TRANSPORTED], yardstick.data[:TRANSPORTED])
    own = [each.of_states(states).mean() for each in task.quantities]
    return torch.stack([*discrepancies, carried, _distance(nearest).mean(), *own]).numpy()


def _distance(fidelity: Tensor) -> Tensor:
    """√(1 − F), the trace distance of two pure states."""
    return (1 - fidelity).clamp_min(0).sqrt()


def _kernel_sums(states: Tensor, others: Tensor, itself: bool = False) -> tuple[Tensor, Tensor]:
    """Sums of each kernel over the others, shape (3, S), and the largest fidelity, shape (S,).

    With `itself` the others are the states themselves, and a state is not paired with itself.

    The same as the kernels applied to `overlaps`, several times as fast: a score evaluates them on
    hundreds of data sets. One exponential serves both widths, exp(x/.02) = exp(x/.1)⁵.
    """
    rows = torch.cat((states.real, states.imag), -1)
    real = torch.cat((others.real, others.imag), -1).mT.contiguous()
    imaginary = torch.cat((-others.imag, others.real), -1).mT.contiguous()
    sums, nearest = (
        torch.empty(len(KERNELS), len(states)).double(),
        torch.empty(len(states)).double(),
    )
    for start in range(0, len(states), BLOCK):
        block = slice(start, start + BLOCK)
        fidelity = (rows[block] @ real).square_().add_((rows[block] @ imaginary).square_())
        if itself:
            fidelity[:, block].fill_diagonal_(0.0)
        first, second = fidelity.sum(-1), fidelity.square().sum(-1)
        nearest[block] = fidelity.amax(-1)
        wide = fidelity.sub_(1).div_(NARROW.widths[0]).exp_()
        both = wide.square().square_().mul_(wide).add_(wide)
        sums[0, block], sums[1, block] = first, (first + second) / 2
        sums[2, block] = both.sum(-1) / 2
    if itself:  # what a fidelity of 0 put into the sums in the place of a state with itself
        sums[2] -= NARROW(torch.zeros((), dtype=torch.float64))
    return sums, nearest


def _joint_band(
    values: np.ndarray, null: np.ndarray, two_sided: np.ndarray, resolutions: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float, np.ndarray]:
    """The band that holds a data set in all measures with probability `LEVEL`.

    The ensemble is one of the rows from which centre and reach are taken: so all rows are treated
    alike, and the probability is exact. How far out a row lies is the largest of its distances from
    the centre, each in units of the reach on its side.

    Args:
        values: of the ensemble, shape (measures,).
        null: of the data sets, shape (draws, measures).

    Returns:
        Centre, shape (measures,); reach below and above before it is multiplied, shape (2,
        measures); the threshold by which it is; how far out each row lies, the ensemble first,
        shape (1 + draws,).
    """
    rows = np.vstack((values, null))
    low, centre, high = np.quantile(rows, [TAIL, 0.5, 1 - TAIL], axis=0)
    reach = np.maximum((centre - low, high - centre), resolutions)
    extremeness = _extremeness(rows, centre, reach, two_sided).max(-1)
    # 1e-9: 0.05 · 400 is 20.000000000000018, and might be less.
    rejected = int((1 - LEVEL) * len(rows) + 1e-9)
    threshold = float(np.sort(extremeness[1:])[-rejected])
    return centre, reach, threshold, extremeness


def _extremeness(
    values: np.ndarray, centre: np.ndarray, reach: np.ndarray, two_sided: np.ndarray
) -> np.ndarray:
    """Distance from the centre in units of the reach on that side, 0 on a side that is open."""
    away = values - centre
    side = np.where(away < 0, reach[0], reach[1])
    # A measure that never varies in data differs where it differs at all.
    ratio = np.divide(np.abs(away), side, out=np.full(away.shape, np.inf), where=side > 0)
    ratio[away == 0] = 0.0
    return np.where((away < 0) & ~two_sided, 0.0, ratio)


def _intervals(
    task: ScoredTask, states: Tensor, yardstick: _Yardstick, values: np.ndarray
) -> list[tuple[float, float]]:
    """95 % intervals over the generated states, with the reference held fixed.

    A bootstrap would repeat states, which the unbiased MMD² and the nearest neighbour both take for
    copies. So for MMD² each state is left out once (jackknife). For the Wasserstein distance the
    potentials of the optimal transport say what a state contributes; the distance to the nearest
    neighbour is a mean over states in which mutual neighbours count once. Shares have Clopper and
    Pearson's exact interval. No distance has an interval that extends below 0.
    """
    errors = [
        *_jackknife_errors(states, yardstick.data),
        _transport_error(states, yardstick.data),
        _nearest_error(states),
    ]
    own = [each.of_states(states).numpy() for each in task.quantities]
    errors += [each.std(ddof=1) / len(states) ** 0.5 for each in own]
    intervals = [
        (float(value - NORMAL * error), float(value + NORMAL * error))
        for value, error in zip(values, errors, strict=True)
    ]
    first = len(intervals) - len(own)
    for place in range(len(KERNELS), first):
        intervals[place] = (max(0.0, intervals[place][0]), intervals[place][1])
    for place, (quantity, each) in enumerate(zip(task.quantities, own, strict=True), start=first):
        if quantity.share:
            intervals[place] = share_interval(int(each.sum()), len(states))
    return intervals


def _jackknife_errors(states: Tensor, data: Tensor) -> list[float]:
    """Standard errors of MMD² with each kernel, from its values with each state left out once."""
    count = len(states)
    within, _ = _kernel_sums(states, states, itself=True)
    between, _ = _kernel_sums(states, data)
    # Without state i its row and its column are missing.
    pairs = unbiased_mean(within.sum(-1, keepdim=True) - 2 * within, 0.0, count - 1)
    crossed = (between.sum(-1, keepdim=True) - between) / ((count - 1) * len(data))
    spread = (pairs - 2 * crossed).var(-1, unbiased=False)
    return ((count - 1) * spread).sqrt().tolist()


def _transport_error(states: Tensor, data: Tensor) -> float:
    import ot  # loads slowly, and only some need it

    few, others = states[:TRANSPORTED], data[:TRANSPORTED]
    uniform = [np.full(len(each), 1 / len(each)) for each in (few, others)]
    _, told = ot.emd2(*uniform, (1 - overlaps(few, others)).numpy(), log=True)
    # How the distance changes with the weight of a state (del Barrio and Loubes, 2019).
    return float(np.std(told["u"], ddof=1) / len(few) ** 0.5)


def _nearest_error(states: Tensor) -> float:
    nearest, neighbour = overlaps(states, states).fill_diagonal_(0.0).max(-1)
    off = _distance(nearest) - _distance(nearest).mean()
    # Two states that are each other's nearest have one distance in common: it was drawn once.
    mutual = neighbour[neighbour] == torch.arange(len(states))
    return float((off.square() + mutual * off * off[neighbour]).sum().sqrt() / len(states))


def _band(measure: Measure) -> str:
    low, high = measure.band
    return f"{low:.4g} … {high:.4g}" if measure.two_sided else f"≤ {high:.4g}"


def _cell(name: str) -> str:
    """A name inside a table, where a bar would end the cell."""
    return name.replace("|", "\\|")
