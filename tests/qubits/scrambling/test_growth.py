"""Purity by its recursion, and the entropies that go with it."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from qdm_utils.qubits.scrambling import brickwork_purity, entanglement_growth, purity_by_depth
from qdm_utils.qubits.states import page_entropy, page_purity


def test_the_purity_recursion_is_exact():
    assert_allclose(
        [brickwork_purity(4, 2 * k, 2) for k in range(8)],
        8 / 17 + 9 / 17 * 0.32 ** np.arange(8),
        rtol=1e-13,
    )
    assert brickwork_purity(2, 1, 1) == page_purity(2, 2)
    assert_allclose(
        purity_by_depth(5, 300)[-1, 1:-1],
        [page_purity(2**x, 2 ** (5 - x)) for x in range(1, 5)],
        rtol=1e-9,
    )
    bits, purity = entanglement_growth(5, 7, cut=2, count=2000, seed=1)
    expected = purity_by_depth(5, 7)[:, 2]
    error = purity.std(0) / 2000**0.5
    assert (np.abs(purity.mean(0) - expected) <= 4 * error + 1e-12).all()
    assert not bits[:, 0].any()
    assert (np.diff(bits.mean(0)) >= -1e-9).all()


def test_entropies_grow_to_pages_value_in_bits():
    bits, purity = entanglement_growth(4, 30, cut=2, count=300, seed=2)
    last = bits[:, -1]
    assert abs(last.mean() - page_entropy(4, 4)) < 4 * last.std() / 300**0.5
    # Rényi entropies fall with their order, and two qubits hold two bits.
    assert (bits >= -np.log2(purity) - 1e-12).all()
    assert bits.max() < 2.0
    # Before the first gate across the cut, which is in the second half-layer, nothing is shared.
    assert np.abs(bits[:, :2]).max() < 1e-12
    assert bits[:, 2].min() > 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: brickwork_purity(4, 2, 4), "Argument `cut` must lie in 1 … 3, but got 4"),
        (lambda: entanglement_growth(4, 3, 4, 2, 1), "Argument `cut` must lie in 1 … 3, but got 4"),
        (lambda: purity_by_depth(1, 2), "Argument `n` must be a whole number ≥ 2"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
