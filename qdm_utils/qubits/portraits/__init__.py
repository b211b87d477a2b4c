"""TODO face."""

from qdm_utils.qubits.portraits.correlations import (
    haar_mutual_information,
    information_of,
    leading_pair,
    mutual_information,
    pair_information,
)
from qdm_utils.qubits.portraits.portraits import (
    chance_states,
    half_gain,
    likeness,
    modulus_correlation,
    modulus_spread,
    phase_error,
    restoration,
    state_portrait,
)
from qdm_utils.qubits.portraits.training import first_reaching, train_on_scrambled
from qdm_utils.qubits.portraits.wigner import (
    discrete_wigner,
    haar_negativity,
    negative_fraction,
    product_negativity,
    wigner_norm,
)

__all__ = [
    "chance_states",
    "discrete_wigner",
    "first_reaching",
    "haar_mutual_information",
    "haar_negativity",
    "half_gain",
    "information_of",
    "leading_pair",
    "likeness",
    "modulus_correlation",
    "modulus_spread",
    "mutual_information",
    "negative_fraction",
    "pair_information",
    "phase_error",
    "product_negativity",
    "restoration",
    "state_portrait",
    "train_on_scrambled",
    "wigner_norm",
]
