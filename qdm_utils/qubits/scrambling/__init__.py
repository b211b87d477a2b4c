"""How brickworks of Haar gates scramble: spreading of operators and growth of entanglement.

- `exact_chain`: OTOCs averaged over all brickworks, exactly, their saturation depth, the front.
- `otoc`: OTOCs of single circuits, exactly and estimated from Haar states.
- `growth`: purity (exactly, by recursion) and entropy (sampled) of |0…0⟩ against depth.

OTOC here is the *decay* C = 1 − F, which is 0 before anything has spread and tends to 1; W starts
on site 0 unless said otherwise, and correlators are averaged over the Paulis X, Y, Z of a site.
Depth counts half-layers, entropies are in bits. Side door: `plots` draws, and nothing else here
needs it.
"""

from qdm_utils.qubits.scrambling.exact_chain import (
    BUTTERFLY_VELOCITY,
    front_distribution,
    mean_otoc_by_depth,
    otoc_by_depth,
    otoc_exact,
    otoc_saturation_depth,
    saturation_schedule,
)
from qdm_utils.qubits.scrambling.growth import (
    brickwork_purity,
    entanglement_growth,
    purity_by_depth,
)
from qdm_utils.qubits.scrambling.otoc import (
    circuit_correlators,
    circuit_otoc,
    pauli_otoc,
    sampled_otoc,
    sign_otoc,
)
