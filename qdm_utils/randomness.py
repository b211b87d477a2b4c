"""Seeds: one root for everything random in a notebook, whose children are handed out explicitly."""

import numpy as np
import torch

from qdm_utils.arguments import demand

Seed = int | np.random.SeedSequence


def generator(seed: Seed) -> torch.Generator:
    """A generator on the CPU: a seed gives the same draws on every device and in either precision.

    Args:
        seed: a whole number ≥ 0, or a child of a notebook's root `SeedSequence`.
    """
    if isinstance(seed, np.random.SeedSequence):
        seed = int(seed.generate_state(1, np.uint64)[0] >> np.uint64(1))
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    demand(whole and seed >= 0, "seed", "be a whole number ≥ 0 or a SeedSequence", repr(seed))
    return torch.Generator().manual_seed(int(seed))


def spawn(seed: Seed, count: int) -> list[np.random.SeedSequence]:
    """`count` children of a seed, the same ones however often it is asked."""
    if not isinstance(seed, np.random.SeedSequence):
        return np.random.SeedSequence(seed).spawn(count)
    return np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key).spawn(count)
