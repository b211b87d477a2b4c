"""TODO face."""

from qdm_utils.qubits.depolarizing.channel import (
    apply_kraus,
    depolarize,
    depolarized,
    depolarizing_kraus,
    depolarizing_path,
    holevo_information,
    path_fidelity,
    path_holevo,
    path_purity,
)
from qdm_utils.qubits.depolarizing.purification import (
    postselect,
    postselection_law,
    reset_fidelity,
    single_copy_law,
    subspace_projector,
    subspace_reset,
    swap_test_law,
    swap_test_purify,
)
from qdm_utils.qubits.depolarizing.unitary_reversal import (
    loss_gradients,
    reverse_loss,
    slope_ratio,
    trace_distance_law,
    train_unitary,
)

__all__ = [
    "apply_kraus",
    "depolarize",
    "depolarized",
    "depolarizing_kraus",
    "depolarizing_path",
    "holevo_information",
    "loss_gradients",
    "path_fidelity",
    "path_holevo",
    "path_purity",
    "postselect",
    "postselection_law",
    "reset_fidelity",
    "reverse_loss",
    "single_copy_law",
    "slope_ratio",
    "subspace_projector",
    "subspace_reset",
    "swap_test_law",
    "swap_test_purify",
    "trace_distance_law",
    "train_unitary",
]
