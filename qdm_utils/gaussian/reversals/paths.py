"""A reverse followed along the path that the loss took, back from the noise to the data."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from qdm_utils.arguments import at_least, demand, scalar
from qdm_utils.gaussian.covariance import check_covariance
from qdm_utils.gaussian.semigroup import Generator, attenuate, transmissivity

Path = Callable[[float], Generator]


def along_path(reverse: Callable[[np.ndarray], Generator], cov: ArrayLike, time: float) -> Path:
    """A reverse at the running reference: s ↦ reverse(γ_s), with γ_s = γ(T − s).

    Args:
        reverse: reference γ ↦ generator (K, D), such as `bayes_reverse` or `petz_reverse`.
        cov: covariance γ(0) of the data, shape (..., 2N, 2N).
        time: T ≥ 0, how long the attenuator acted.

    Returns:
        A function of the depth s, from 0 (noise) to T (data), made for `evolve`.

    Raises:
        ValueError: γ is not a covariance, or T < 0; the function refuses a depth outside [0, T].

    >>> from qdm_utils.gaussian import bayes_reverse, squeezed_thermal
    >>> drift, diffusion = along_path(bayes_reverse, squeezed_thermal(2.0, 0.0), time=1.0)(1.0)
    >>> np.round(drift, 12)
    array([[0., 0.],
           [0., 0.]])
    """
    data = check_covariance(cov)
    length = float(at_least("time", scalar("time", time), 0.0))
    # The integrator's last stage may sit a rounding error beyond T.
    slack = 1e-9 * max(1.0, length)

    def generator(depth: float) -> Generator:
        depth = scalar("depth", depth)
        left = length - depth
        inside = -slack <= left <= length + slack
        demand(inside, "depth", f"lie in [0, {length:g}]", f"{depth:g}")
        return reverse(attenuate(data, transmissivity(max(0.0, left))))

    return generator
