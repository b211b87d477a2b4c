"""Portraits: what one pure state of qubits looks like, and how far a portrait resembles another.

Four pictures of a state: its density matrix (moduli and phases), its discrete Wigner function, the
mutual information of its pairs of qubits, and its Schmidt spectrum. The room holds their numbers,
what Haar states have of each on average, and the comparison of a denoised state with its original,
with `chance_states` of equal fidelity as the control.

Amplitudes have shape (..., 2ⁿ), qubit 0 is the most significant bit, information is in bits, phases
are in radians, fidelity is the squared overlap. Side door: `plots` draws the portraits.
"""

from qdm_utils.qubits.portraits.comparison import (
    chance_states,
    likeness,
    pictures,
    restoration,
    state_portrait,
)
from qdm_utils.qubits.portraits.correlations import (
    haar_mutual_information,
    leading_pair,
    mutual_information,
    pair_information,
)
from qdm_utils.qubits.portraits.moduli_and_phases import (
    modulus_correlation,
    modulus_spread,
    phase_error,
)
from qdm_utils.qubits.portraits.wigner import (
    discrete_wigner,
    haar_negativity,
    negative_fraction,
    product_negativity,
    wigner_norm,
)
