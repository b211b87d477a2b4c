"""Checks on arguments, all in one grammar: "Argument `x` must …, but got …"."""

import os

import numpy as np


def demand(condition: bool, name: str, requirement: str, got: object) -> None:
    """Raise `ValueError` in the house grammar unless `condition` holds.

    >>> demand(False, "nu", "be ≥ 1", 0.3)
    Traceback (most recent call last):
    ValueError: Argument `nu` must be ≥ 1, but got 0.3
    """
    if not condition:
        raise ValueError(f"Argument `{name}` must {requirement}, but got {got}")


def real_array(name: str, value: object) -> np.ndarray:
    """`value` as a float64 array, refused when it is not numeric, not real or not finite."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.empty(0, object)  # of different lengths, say: refused like a text
    if array.dtype.kind not in "biuf":
        # Not by `demand`, which would spell out the value of every argument: that is slow.
        raise ValueError(f"Argument `{name}` must be real numbers, but got {value!r}")
    array = array.astype(np.float64)
    bad = ~np.isfinite(array)
    demand(not bad.any(), name, "be finite", array[bad].flat[0] if bad.any() else None)
    return array


def at_least(name: str, value: object, bound: float) -> np.ndarray:
    """`value` as a finite float64 array with every entry ≥ `bound`."""
    array = real_array(name, value)
    demand(
        bool((array >= bound).all()),
        name,
        f"be ≥ {bound:g}",
        f"{array.min():g}" if array.size else "nothing",
    )
    return array


def scalar(name: str, value: object) -> float:
    """`value` as one finite float; an array is refused."""
    array = real_array(name, value)
    demand(array.ndim == 0, name, "be a single number", f"shape {array.shape}")
    return float(array)


def positive(name: str, value: object) -> float:
    """`value` as one finite float > 0."""
    number = scalar(name, value)
    demand(number > 0.0, name, "be > 0", f"{number:g}")
    return number


def broadcast(**arrays: np.ndarray) -> list[np.ndarray]:
    """The named arrays at their common shape; refused by name where there is none."""
    try:
        return list(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        first, *others = arrays
        names = ", ".join(f"`{name}`" for name in others)
        shapes = ", ".join(str(np.shape(arrays[name])) for name in others)
        wanted = f"broadcast with {names} of shape {shapes}"
        got = f"shape {np.shape(arrays[first])}"
        raise ValueError(f"Argument `{first}` must {wanted}, but got {got}") from None


def between(name: str, value: object, low: float, high: float) -> np.ndarray:
    """`value` as a finite float64 array with every entry in [`low`, `high`]."""
    array = real_array(name, value)
    outside = array[(array < low) | (array > high)]
    demand(
        outside.size == 0,
        name,
        f"lie in [{low:g}, {high:g}]",
        f"{outside.flat[0]:g}" if outside.size else None,
    )
    return array


def phase_space_matrix(name: str, value: object) -> np.ndarray:
    """`value` as a finite float64 array of shape (..., 2N, 2N), N ≥ 1."""
    array = real_array(name, value)
    square = array.ndim >= 2 and array.shape[-1] == array.shape[-2] and array.shape[-1] % 2 == 0
    demand(square and array.shape[-1] > 0, name, "have shape (..., 2N, 2N)", f"shape {array.shape}")
    return array


def whole_number(name: str, value: object, bound: int) -> int:
    """`value` as an int ≥ `bound`; a float or a bool is refused rather than rounded."""
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= bound:
        return int(value)
    raise ValueError(f"Argument `{name}` must be a whole number ≥ {bound}, but got {value!r}")


def within_memory(name: str, value: object, needed: float) -> None:
    """Refuse at once what needs more bytes than this machine has, where it says what it has.

    `needed` is a lower bound, so that nothing is refused that would run.

    >>> within_memory("depth", 10**12, 1e18)
    Traceback (most recent call last):
    ValueError: Argument `depth` must leave room in memory, but got 1000000000000, at least 1e+09 GB
    """
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", {}):
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        got = f"{value}, at least {needed / 1e9:.3g} GB"
        demand(needed <= memory, name, "leave room in memory", got)
