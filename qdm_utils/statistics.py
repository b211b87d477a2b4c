"""What a sample of runs says: intervals, tests and their corrections, each of a textbook kind.

All functions take independent values. A *single* published number is held against
`predictive_interval`, where a further single run falls; a mean against `mean_interval`. That
something is roughly constant is a case for `equivalence`, with a margin: a test against exactly
zero only asks whether the sample was large.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest, multivariate_t, norm
from scipy.stats import f as fisher
from scipy.stats import t as student

from qdm_utils.arguments import demand, real_array

LEVEL = 0.95


class Estimate(NamedTuple):
    """A mean and its standard error from `size` values; infinite: the error is known."""

    mean: float
    error: float
    size: float

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Student's interval that holds the true mean with probability `level`."""
        reach = float(_quantile((1 + level) / 2, self.size)) * self.error
        return self.mean - reach, self.mean + reach


class Equivalence(NamedTuple):
    """Both answers to whether a mean lies within a margin: each is given at a level, or open."""

    within: bool
    outside: bool


def estimate(values: ArrayLike) -> Estimate:
    """The mean of a sample with its standard error.

    Args:
        values: at least two independent values, shape (n,).

    >>> estimate([1.0, 2.0, 3.0])
    Estimate(mean=2.0, error=0.5773502691896258, size=3)
    """
    sample = _sample("values", values, 2)
    return Estimate(float(sample.mean()), float(sample.std(ddof=1) / sample.size**0.5), sample.size)


def mean_interval(values: ArrayLike, level: float = LEVEL) -> tuple[float, float]:
    """Student's interval of the mean of independent normal values.

    Args:
        values: shape (n,), n ≥ 2.
        level: probability that the interval holds the mean, in (0, 1).

    >>> low, high = mean_interval([0.0, 1.0, 2.0])
    >>> round(low, 2), round(high, 2)
    (-1.48, 3.48)
    """
    demand(0 < level < 1, "level", "lie in (0, 1)", level)
    return estimate(values).interval(level)


def predictive_interval(values: ArrayLike, level: float = LEVEL) -> tuple[float, float]:
    """Where one further single value falls with probability `level`.

    From 40 values on these are quantiles of the sample (for a level of 0.95), whatever the
    distribution; for fewer, Student's prediction interval mean ± t·sd·√(1 + 1/n), which takes
    them for normal.

    Args:
        values: shape (n,), n ≥ 2.
        level: in (0, 1).

    >>> low, high = predictive_interval([9.0, 10.0, 11.0])
    >>> round(low, 2), round(high, 2)
    (5.03, 14.97)
    """
    demand(0 < level < 1, "level", "lie in (0, 1)", level)
    sample = _sample("values", values, 2)
    tail = (1 - level) / 2
    if round(sample.size * tail, 9) >= 1:  # so many that both ends lie inside the sample
        low, high = np.quantile(sample, [tail, 1 - tail])
        return float(low), float(high)
    deviation = sample.std(ddof=1) * (1 + 1 / sample.size) ** 0.5
    reach = _quantile(1 - tail, sample.size) * deviation
    return float(sample.mean() - reach), float(sample.mean() + reach)


def joint_predictive(values: ArrayLike, point: ArrayLike) -> tuple[float, float]:
    """How likely several numbers of one further run are, together, after a sample of runs.

    Hotelling's T² for one further value: the numbers are taken to be jointly normal with unknown
    mean and covariance, so that they are multivariate t with n − p degrees of freedom.

    Args:
        values: independent runs, shape (n, p), n > p.
        point: the p numbers of the further run, shape (p,).

    Returns:
        The logarithm of the predictive density (nats), and the share of further runs that would lie
        farther out.

    Raises:
        ValueError: no more runs than numbers, or shapes that do not fit.

    >>> density, share = joint_predictive([[1.0], [2.0], [3.0]], [2.0])
    >>> round(density, 4), share
    (-1.1836, 1.0)
    """
    sample, at = real_array("values", values), real_array("point", point)
    shape = tuple(sample.shape)
    demand(sample.ndim == 2 and shape[0] > shape[1] > 0, "values", "have n > p runs", shape)
    n, p = shape
    demand(at.shape == (p,), "point", f"have shape ({p},)", f"shape {at.shape}")
    covariance = np.atleast_2d(np.cov(sample.T))
    away = at - sample.mean(0)
    squared = float(away @ np.linalg.solve(covariance, away)) * n / (n + 1)
    share = float(fisher.sf(squared * (n - p) / (p * (n - 1)), p, n - p))
    spread = covariance * (n + 1) * (n - 1) / (n * (n - p))
    return float(multivariate_t.logpdf(at, sample.mean(0), spread, df=n - p)), share


def paired_difference(first: ArrayLike, second: ArrayLike) -> np.ndarray:
    """`first` − `second`, pair by pair; refused unless each value has its partner.

    >>> paired_difference([3.0, 5.0], [1.0, 2.0])
    array([2., 3.])
    """
    left, right = real_array("first", first), real_array("second", second)
    demand(left.ndim == 1, "first", "be a list of values", f"shape {left.shape}")
    demand(right.shape == left.shape, "second", f"have shape {left.shape}", right.shape)
    return left - right


def mean_test(sample: Estimate, against: float = 0.0) -> float:
    """Student's two-sided p-value of a mean against a number; for pairs, of their differences.

    Without any scatter it is 0, or 1 where the mean is that number.
    """
    distance = abs(sample.mean - against)
    if sample.error == 0:
        return float(distance == 0)
    return float(2 * _survival(distance / sample.error, sample.size))


def equivalence(sample: Estimate, centre: float, margin: float) -> Equivalence:
    """Whether a mean lies within `margin` of a centre: two one-sided tests at 5 %.

    It lies within if both reject being farther away, which is to say that the 90 % interval lies
    inside; and outside if the 95 % interval has no point in common with the margin. Without an
    error both follow from the value alone, whose distance may equal the margin.
    """
    demand(margin >= 0, "margin", "be ≥ 0", margin)
    distance = abs(sample.mean - centre)
    if sample.error == 0:
        return Equivalence(within=distance <= margin, outside=distance > margin)
    low, high = sample.interval(0.90)
    wide_low, wide_high = sample.interval(0.95)
    return Equivalence(
        within=centre - margin <= low and high <= centre + margin,
        outside=wide_low > centre + margin or wide_high < centre - margin,
    )


def holm(p_values: ArrayLike) -> np.ndarray:
    """Holm's adjusted p-values: below 0.05 where the family as a whole errs once in twenty.

    The smallest is multiplied by their number, the next by one less, and so on; none falls below
    its predecessor (Holm, Scand. J. Statist. 6, 65, 1979).

    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    values = real_array("p_values", p_values)
    order = np.argsort(values)
    scaled = values[order] * np.arange(values.size, 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return adjusted


def share_interval(successes: int, count: int, level: float = LEVEL) -> tuple[float, float]:
    """Clopper and Pearson's exact interval of a probability from `successes` of `count` trials.

    >>> low, high = share_interval(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.444, 0.975)
    """
    demand(0 <= successes <= count and count > 0, "successes", f"lie in 0 … {count}", successes)
    interval = binomtest(successes, count).proportion_ci(level, method="exact")
    return float(interval.low), float(interval.high)


def _sample(name: str, values: ArrayLike, least: int) -> np.ndarray:
    sample = real_array(name, values)
    demand(sample.ndim == 1, name, "be a list of values", f"shape {sample.shape}")
    demand(sample.size >= least, name, f"be at least {least} values", sample.size)
    return sample


def _quantile(probability: float, count: float) -> float:
    """Student's for the mean of `count` values; the normal one where their error is known."""
    return student.ppf(probability, count - 1) if np.isfinite(count) else norm.ppf(probability)


def _survival(score: float, count: float) -> float:
    return student.sf(score, count - 1) if np.isfinite(count) else norm.sf(score)
