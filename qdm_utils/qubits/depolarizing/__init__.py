"""Depolarizing diffusion of quantum states: what is lost on the way, and what can bring it back.

Along the path ρ_t = α_t ρ_0 + (1 − α_t) 1/d only the survival α_t = Π(1 − p_s) counts; `survival`
and schedules are those of `qdm_utils.diffusion`. Density matrices are complex128, shape
(..., 2ⁿ, 2ⁿ), and checked; leading axes broadcast with those of α and p. Entropies are in bits.

- `channel`: the channel, its Kraus operators, and closed forms of fidelity, purity and Holevo
  information along the path (QAMP 2025, eqs 7 and 8). No unitary raises the fidelity.
- `purification`: what does: a known subspace, post-selection, a second copy, with success
  probabilities and closed forms.
- `unitary_reversal`: a reverse step that is a unitary circuit, trained by overlap (eq. 10) or by
  trace distance, and how the gradients of the two are related.

Source: QAMP 2025. Side doors: `plots`, and `qiskit_channels`, the same channels by Qiskit.
"""

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
