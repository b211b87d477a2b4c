"""Gaussian dynamics: covariances, semigroups, the Bayes reverse and its repair. NumPy in, NumPy out, float64.

The second opinions live in modules of their own, imported where they are wanted: `optics` (Strawberry Fields),
`fock` (Qiskit), `fock_states` and `fock_decoder` (density matrices), `score` (torch).
"""

from qdm_utils.gaussian.covariance import (
    check_covariance,
    fidelity,
    random_covariance,
    squeezed_thermal,
    symplectic_eigenvalues,
    symplectic_form,
    two_mode_squeezed,
)
from qdm_utils.gaussian.exact import (
    exact_reversal,
    exact_reversal_cost,
    exact_reversal_sdp,
    normal_mode_costs,
    repaired_cost,
)
from qdm_utils.gaussian.floor import NoiseFloor, injected_information, noise_floor
from qdm_utils.gaussian.information import c_geom, kmb_information
from qdm_utils.gaussian.normal_modes import NormalFrame, normal_frame
from qdm_utils.gaussian.phase_space import one_sigma_ellipse, wigner, wigner_score
from qdm_utils.gaussian.repair import (
    bayes_repair_trace,
    minimal_repair,
    minimal_repair_sdp,
    repaired_reverse,
    sdp_repair_traces,
)
from qdm_utils.gaussian.reversal import (
    bayes_cp_margin,
    bayes_reverse,
    critical_squeezing,
    critical_transmissivity,
    entanglement_witness,
    formal_reverse,
    margin_zero,
    vacuum_area_rate,
)
from qdm_utils.gaussian.semigroup import (
    attenuate,
    attenuator,
    cp_margin,
    cp_matrix,
    entropy_rate,
    evolve,
    step_channel,
    transmissivity,
)

__all__ = [
    "NoiseFloor",
    "NormalFrame",
    "attenuate",
    "attenuator",
    "bayes_cp_margin",
    "bayes_repair_trace",
    "bayes_reverse",
    "c_geom",
    "check_covariance",
    "cp_margin",
    "cp_matrix",
    "critical_squeezing",
    "critical_transmissivity",
    "entanglement_witness",
    "entropy_rate",
    "evolve",
    "exact_reversal",
    "exact_reversal_cost",
    "exact_reversal_sdp",
    "fidelity",
    "formal_reverse",
    "injected_information",
    "kmb_information",
    "margin_zero",
    "minimal_repair",
    "minimal_repair_sdp",
    "noise_floor",
    "normal_frame",
    "normal_mode_costs",
    "one_sigma_ellipse",
    "random_covariance",
    "repaired_cost",
    "repaired_reverse",
    "sdp_repair_traces",
    "squeezed_thermal",
    "step_channel",
    "symplectic_eigenvalues",
    "symplectic_form",
    "transmissivity",
    "two_mode_squeezed",
    "vacuum_area_rate",
    "wigner",
    "wigner_score",
]
