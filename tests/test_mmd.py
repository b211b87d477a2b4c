"""The one estimator of MMD²: against sums written out, and unbiased for samples of few points."""

import pytest
import torch

from qdm_utils.mmd import mean_over_pairs, mmd_squared_from_kernels, unbiased_mean


def likeness(x, y):
    return torch.exp(-(x[..., :, None] - y[..., None, :]).square())


def test_it_is_the_sum_over_pairs_of_different_points():
    source = torch.Generator().manual_seed(1)
    x = torch.randn(4, generator=source, dtype=torch.float64)
    y = torch.randn(3, generator=source, dtype=torch.float64) + 1
    k = lambda a, b: likeness(a[None], b[None]).item()  # noqa: E731
    within = sum(k(a, b) for i, a in enumerate(x) for j, b in enumerate(x) if i != j) / 12
    others = sum(k(a, b) for i, a in enumerate(y) for j, b in enumerate(y) if i != j) / 6
    between = sum(k(a, b) for a in x for b in y) / 12
    found = mmd_squared_from_kernels(likeness(x, x), likeness(y, y), likeness(x, y))
    assert found.item() == pytest.approx(within - 2 * between + others, abs=1e-14)
    assert mean_over_pairs(likeness(x, x)).item() == pytest.approx(within, abs=1e-14)
    assert unbiased_mean(torch.tensor(7.0), 3.0, 4).item() == pytest.approx(1 / 3)


def test_its_mean_is_zero_for_equal_ensembles_of_few_points():
    source = torch.Generator().manual_seed(2)
    x, y = torch.randn(4000, 3, generator=source), torch.randn(4000, 5, generator=source)
    values = mmd_squared_from_kernels(likeness(x, x), likeness(y, y), likeness(x, y))
    assert values.shape == (4000,)
    # with the pairs of a point with itself the mean would be (1 − k̄)(1/3 + 1/5) ≈ 0.3
    assert abs(values.mean()) < 4 * values.std() / 4000**0.5 < 0.02


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: mean_over_pairs(torch.ones(1, 1)), "kernel"),
        (lambda: mean_over_pairs(torch.ones(3, 4)), "kernel"),
        (lambda: unbiased_mean(torch.ones(3), 1.0, 1), "count"),
        (
            lambda: mmd_squared_from_kernels(torch.ones(2, 2), torch.ones(3, 3), torch.ones(3, 2)),
            "between",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, name):
    with pytest.raises(ValueError, match=f"^Argument `{name}` must"):
        call()
