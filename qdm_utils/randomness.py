"""Seeds: one root for everything random in a notebook, whose children are handed out explicitly."""

import numpy as np
import torch

from qdm_utils.arguments import demand, whole_number

Seed = int | np.random.SeedSequence


def generator(seed: Seed) -> torch.Generator:
    """A generator on the CPU: a seed gives the same draws on every device and in either precision.

    Args:
        seed: a whole number ≥ 0, or a child of a notebook's root `SeedSequence`.
    """
    if isinstance(seed, np.random.SeedSequence):
        seed = int(seed.generate_state(1, np.uint64)[0] >> np.uint64(1))
    seed = _whole(seed)
    demand(seed < 2**64, "seed", "be below 2⁶⁴", seed)
    return torch.Generator().manual_seed(seed)


def numpy_generator(seed: Seed) -> np.random.Generator:
    """numpy's generator, of the same seeds as `generator`."""
    return np.random.default_rng(seed if isinstance(seed, np.random.SeedSequence) else _whole(seed))


def spawn(seed: Seed, count: int) -> list[np.random.SeedSequence]:
    """`count` children of a seed, the same ones however often it is asked.

    A `SeedSequence` by itself counts the children it has had and never gives the same one twice;
    here a copy is asked, so that a child depends on its place alone.
    """
    count = whole_number("count", count, 0)
    if isinstance(seed, np.random.SeedSequence):
        parent = np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key)
    else:
        parent = np.random.SeedSequence(_whole(seed))
    return parent.spawn(count)


def _whole(seed: object) -> int:
    if isinstance(seed, int | np.integer) and not isinstance(seed, bool) and seed >= 0:
        return int(seed)
    wanted = "be a whole number ≥ 0 or a SeedSequence"
    raise ValueError(f"Argument `seed` must {wanted}, but got {seed!r}")
