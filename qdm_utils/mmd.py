"""The squared maximum mean discrepancy, estimated without bias: one estimator for states, latents,
strings and points.

MMD²(P, Q) = E k(x, x′) − 2 E k(x, y) + E k(y, y′), with x, x′ drawn from P and y, y′ from Q, all
independent. A sample of N holds N² pairs, and in N of them a point meets itself. These N are no
independent draws: with them every mean within a sample is too large by (k(x, x) − k̄)/N, and two
samples of the same ensemble seem to differ. So the means within leave them out, and the estimate
has the mean 0 for equal ensembles, below which single values therefore fall.

What a kernel is, and whether a mean is taken over pairs or known in closed form, the callers know.
Source: A. Gretton et al., J. Mach. Learn. Res. 13, 723 (2012), eq. 3.
"""

from torch import Tensor

from qdm_utils.arguments import demand, whole_number


def unbiased_mean(total: Tensor, selves: Tensor | float, count: int) -> Tensor:
    """Mean of k over the pairs of two different points of one sample, from sums: a U-statistic.

    Args:
        total: sum of k over all N² ordered pairs.
        selves: the part of it in which a point meets itself; 0 where it was left out of the sum.
        count: N ≥ 2.

    Returns:
        Shape of `total`.

    >>> import torch
    >>> unbiased_mean(torch.tensor(5.0), 2.0, 2).item()
    1.5
    """
    return (total - selves) / (count * (whole_number("count", count, 2) - 1))


def mean_over_pairs(kernel: Tensor) -> Tensor:
    """Mean of k over the pairs of two different points of one sample.

    Args:
        kernel: k(x_i, x_j) within the sample, shape (..., N, N), N ≥ 2.

    Returns:
        Shape (...): the mean without the diagonal.

    Raises:
        ValueError: no square matrices, or fewer than two points.

    >>> import torch
    >>> mean_over_pairs(torch.tensor([[1.0, 0.25], [0.25, 1.0]])).item()
    0.25
    """
    shape = tuple(kernel.shape)
    square = len(shape) > 1 and shape[-1] == shape[-2] > 1
    demand(square, "kernel", "have shape (..., N, N) with N ≥ 2", f"shape {shape}")
    selves = kernel.diagonal(dim1=-2, dim2=-1).sum(-1)
    return unbiased_mean(kernel.sum((-2, -1)), selves, shape[-1])


def mmd_squared_from_kernels(within: Tensor, others_within: Tensor, between: Tensor) -> Tensor:
    """Unbiased estimate of MMD² from the kernel of all pairs.

    Args:
        within: k(x_i, x_j) of one sample, shape (..., N, N), N ≥ 2.
        others_within: k(y_i, y_j) of the other, shape (..., M, M), M ≥ 2.
        between: k(x_i, y_j), shape (..., N, M).

    Returns:
        Shape (...). With k(x, y) = −|x − y| it is the squared energy distance.

    Raises:
        ValueError: shapes that do not fit, or fewer than two points.

    >>> import torch
    >>> x, y = torch.tensor([0.0, 0.0]), torch.tensor([1.0, 1.0, 1.0])
    >>> k = lambda a, b: -(a[:, None] - b).abs()
    >>> mmd_squared_from_kernels(k(x, x), k(y, y), k(x, y)).item()
    2.0
    """
    wanted = (within.shape[-1], others_within.shape[-1])
    fits = tuple(between.shape[-2:]) == wanted
    demand(fits, "between", f"have shape (..., {wanted[0]}, {wanted[1]})", tuple(between.shape))
    crossed = between.mean((-2, -1))
    return mean_over_pairs(within) - 2 * crossed + mean_over_pairs(others_within)
