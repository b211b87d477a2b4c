"""A cluster of states, and a quick fit."""

import torch

from qdm_utils.images.geometry import fix_phase
from qdm_utils.images.priors import (
    FitConfig,
)
from qdm_utils.qubits.generation import (
    cluster_states,
)

QUICK = FitConfig(updates=120, rate=0.05, batch=64, start=0.5)


CLUSTER = fix_phase(cluster_states(600, 2, 0.15, 3).to(torch.complex64))


def zero(states: torch.Tensor) -> float:
    """Mean fidelity with |00⟩."""
    return states[:, 0].abs().square().mean().item()
