"""What a notebook measured for a claim, reduced to the five numbers that its criterion needs."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qdm_utils import statistics
from qdm_utils.companion.ledger.claims import STATISTICAL, Claim, Criterion, LedgerError

SAMPLED = ("predictive", "difference", "share")


@dataclass(frozen=True)
class Measured:
    """A value with its standard error and an interval, from `count` single results.

    | rule | value | from low to high |
    |---|---|---|
    | equals | the number, or the mean of a sample | its 95 % interval |
    | bound | the one closest to breaking the bound | all values, or the 95 % interval of one |
    | predictive | the mean of single runs | the central 95 % of single runs |
    | difference | the mean of paired differences | its 95 % interval |
    | exists, share | the share of successes | its exact 95 % interval |

    `error` is 0 for a number without scatter.
    """

    value: float
    error: float
    low: float
    high: float
    count: int

    @property
    def estimate(self) -> statistics.Estimate:
        """The value as a mean; that of a single number has an error known from elsewhere."""
        return statistics.Estimate(
            self.value, self.error, self.count if self.count > 1 else math.inf
        )

    @property
    def successes(self) -> int:
        return round(self.value * self.count)


def measure(claim: Claim, values: ArrayLike, error: float = 0.0) -> Measured:
    """The five numbers that a claim is judged by.

    Args:
        claim: with a criterion.
        values: of the criterion's kind: one number or a sample (equals), numbers (bound), single
            runs (predictive), paired differences (difference), successes as booleans (exists,
            share).
        error: standard error of a single number; a sample brings its own.

    Raises:
        LedgerError: not finite, of the wrong kind, or a single value where a sample is asked for.
    """
    criterion = claim.criterion
    if criterion is None:
        raise LedgerError(f"{claim.id}: it is {claim.verdict} and has no criterion to measure by.")
    array = np.asarray(values)
    if array.ndim == 0 and criterion.rule in SAMPLED:
        raise LedgerError(f"{claim.id}: {criterion.rule} asks for a sample, but got {array[()]!r}.")
    counted = criterion.rule in ("exists", "share")
    if counted != (array.dtype == bool) or array.size == 0 or array.dtype.kind not in "biuf":
        wanted = "successes as booleans" if counted else "numbers"
        raise LedgerError(f"{claim.id}: {criterion.rule} asks for {wanted}, but got {values!r}.")
    if not (np.isfinite(array).all() and math.isfinite(error)):
        raise LedgerError(f"{claim.id}: a measurement is not finite.")
    if error < 0 or (error and array.ndim):
        raise LedgerError(f"{claim.id}: an error ≥ 0 belongs to a single number, but got {error}.")
    if counted:
        return _of_successes(array.ravel())
    if criterion.rule == "bound":
        return _of_bound(criterion, array.astype(float).ravel(), error)
    if array.ndim == 0:
        if claim.band == STATISTICAL and not error:
            raise LedgerError(
                f"{claim.id}: a statistical band asks for a sample or an `error`, "
                f"but got {array[()]!r} alone."
            )
        single = statistics.Estimate(float(array), float(error), math.inf)
        return Measured(single.mean, single.error, *single.interval(), 1)
    if array.ndim != 1 or array.size < 2:
        raise LedgerError(
            f"{claim.id}: {criterion.rule} asks for a list of two values or more, "
            f"but got shape {array.shape}."
        )
    sample = statistics.estimate(array)
    interval = (
        statistics.predictive_interval(array)
        if criterion.rule == "predictive"
        else sample.interval()
    )
    return Measured(sample.mean, sample.error, *interval, array.size)


def _of_successes(successes: np.ndarray) -> Measured:
    count, made = successes.size, int(successes.sum())
    share = made / count
    return Measured(
        share, (share * (1 - share) / count) ** 0.5, *statistics.share_interval(made, count), count
    )


def _of_bound(criterion: Criterion, values: np.ndarray, error: float) -> Measured:
    if values.size == 1:
        single = statistics.Estimate(float(values[0]), float(error), math.inf)
        return Measured(single.mean, single.error, *single.interval(), 1)
    low, high = float(values.min()), float(values.max())
    return Measured(low if criterion.side == "at least" else high, 0.0, low, high, values.size)
