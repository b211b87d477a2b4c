"""What a training step counts, and the seconds that follow."""

import json

import numpy as np
import pytest

from qdm_utils.qubits import Ansatz, HardwareEfficient
from qdm_utils.qubits.circuits.cost import FILE, TERMS, training_seconds, work


def test_two_groups_have_a_second_matrix_and_three_have_not():
    widths = {4: [16], 6: [8, 8], 11: [8, 16, 16]}
    for n, sizes in widths.items():
        layers, choices, amplitudes = 3, 2 if len(sizes) == 2 else 1, 3 * 5 * 2**n
        assert work(Ansatz(n, 2), 5).tolist() == [
            1,
            n,
            layers * len(sizes),
            amplitudes * sum(sizes),
            layers * choices * sum(size**2 for size in sizes),
            amplitudes * len(sizes),
        ]


def test_a_large_batch_costs_the_circuits_matrix_and_one_product():
    layers, d = 9, 16
    small, large = (work(Ansatz(4, layers - 1), batch)[3] for batch in (31, 32))
    assert small == layers * 31 * d * d
    assert large == layers * d * d * d + 32 * d * d


def test_what_grows_with_the_draws_is_not_the_calls():
    one, five = (work(HardwareEfficient(8, 4), 10, draws) for draws in (1, 5))
    np.testing.assert_array_equal(five / one, [1, 1, 1, 5, 5, 5])
    assert one[2] == 8


def test_seconds_are_counts_times_what_was_measured():
    known = json.loads(FILE.read_text(encoding="utf-8"))["coefficients"]
    assert list(known) == list(TERMS)
    assert all(value >= 0 for value in known.values())
    one = sum(
        known[name] * count for name, count in zip(TERMS, work(Ansatz(6, 6), 10, 3), strict=True)
    )
    assert one > 0
    assert training_seconds(Ansatz(6, 6), 10, 3) == pytest.approx(one)
    assert training_seconds(Ansatz(6, 6), 10, 3, updates=50) == pytest.approx(50 * one)
    assert training_seconds(Ansatz(6, 6), 10, updates=0) == 0


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("batch", (0, 1, 1)), ("draws", (1, 0, 1)), ("updates", (1, 1, -1))],
)
def test_sizes_that_are_none_are_refused(name, arguments):
    with pytest.raises(ValueError, match=f"Argument `{name}` must be"):
        training_seconds(Ansatz(4, 6), *arguments)
