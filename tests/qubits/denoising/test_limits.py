import numpy as np
import pytest
from scipy.stats import beta, kstest

from qdm_utils.qubits import (
    chance_fidelities,
    chance_maximum,
    no_free_lunch_bound,
)


def test_the_no_free_lunch_bound():
    assert no_free_lunch_bound(10, 16) == pytest.approx(117 / 272)
    assert no_free_lunch_bound(0, 16) == pytest.approx(1 / 16)
    assert no_free_lunch_bound(np.array([16, 40]), 16).tolist() == [1.0, 1.0]
    assert no_free_lunch_bound(10, 256) == pytest.approx(0.0054, abs=5e-5)


@pytest.mark.parametrize("n", [2, 4, 6])
def test_chance_is_the_beta_law(n):
    overlaps = chance_fidelities(n, 4000, seed=n)
    assert kstest(overlaps, beta(1, 2**n - 1).cdf).pvalue > 1e-3
    # Told from d − 2 at n = 2, and from a quarter more at any n.
    wrong = beta(1, 2**n - 2) if n == 2 else beta(1, 1.25 * (2**n - 1))
    assert kstest(overlaps, wrong.cdf).pvalue < 1e-9
    best = chance_maximum(n, 50, 6, 2000, seed=1)
    from_states = chance_fidelities(n, 50 * 6 * 40, seed=2).reshape(40, 6, 50).mean(-1).max(-1)
    assert abs(from_states.mean() - best.mean()) < 4 * best.std() / 40**0.5


def test_the_logs_maxima_are_what_chance_gives():
    for n, stated in ((4, 0.072), (6, 0.020), (8, 0.004), (10, 0.0012)):
        best = chance_maximum(n, 50, 6, 5000, seed=n)
        assert abs(best.mean() - stated) < 2 * best.std() + (5e-5 if n == 10 else 5e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: no_free_lunch_bound(-1, 16), "Argument `n_states` must be ≥ 0"),
        (lambda: no_free_lunch_bound(np.nan, 16), "Argument `n_states` must be finite"),
        (lambda: no_free_lunch_bound(3, 1), "Argument `d` must be a whole number ≥ 2"),
        (lambda: chance_fidelities(3, 0, 1), "Argument `count` must be a whole number ≥ 1"),
        (lambda: chance_fidelities(0, 3, 1), "Argument `n` must be a whole number ≥ 1"),
        (lambda: chance_maximum(0, 50, 6, 5, 1), "Argument `n` must be a whole number ≥ 1"),
        (lambda: chance_maximum(3, 0, 6, 5, 1), "Argument `n_states` must be a whole number ≥ 1"),
        (lambda: chance_maximum(3, 9, 0, 5, 1), "Argument `evaluations` must be a whole number"),
        (lambda: chance_maximum(3, 9, 6, 5, -1), "Argument `seed` must be a whole number ≥ 0 or"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
