"""What a few runs say: their spread, and Student's interval of a mean or of a mean difference of
pairs."""

import numpy as np
from scipy.stats import t as student


def spread(values: np.ndarray) -> float:
    """Standard deviation over runs, NaN for a single one.

    >>> spread(np.array([1.0, 3.0])), spread(np.array([1.0]))
    (1.4142135623730951, nan)
    """
    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def paired(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Two variants compared run by run under the same seeds.

    Args:
        first, second: one value for each run, in the same order of seeds, shape (runs,).

    Returns:
        Both means, mean and sd of the difference first − second, and "low" and "high", Student's 95
        % interval of the mean difference; sd and interval are NaN for a single run.

    >>> found = paired(np.array([1.0, 2.0, 6.0]), np.array([0.0, 1.0, 2.0]))
    >>> round(found["low"], 2), round(found["high"], 2)
    (-2.3, 6.3)
    """
    difference = first - second
    low, high = mean_interval(difference)
    return {
        "first": first.mean(),
        "second": second.mean(),
        "difference": difference.mean(),
        "sd of the difference": spread(difference),
        "low": low,
        "high": high,
    }


def mean_interval(values: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Student's interval of the mean of independent normal values; NaN for a single one.

    Args:
        values: one for each run, shape (runs,).
        level: probability that the interval holds the mean, in (0, 1).

    >>> low, high = mean_interval(np.array([0.0, 1.0, 2.0]))
    >>> round(low, 2), round(high, 2)
    (-1.48, 3.48)
    """
    count = len(values)
    if count < 2:
        return float("nan"), float("nan")
    reach = float(student.ppf((1 + level) / 2, count - 1)) * spread(values) / count**0.5
    middle = float(np.mean(values))
    return middle - reach, middle + reach
