"""TODO face."""

from qdm_utils.gaussian.reversals.bayes import (
    bayes_cp_margin,
    bayes_reverse,
    critical_squeezing,
    critical_transmissivity,
    entanglement_witness,
    formal_reverse,
    margin_zero,
    vacuum_area_rate,
)
from qdm_utils.gaussian.reversals.exact import (
    exact_reversal,
    exact_reversal_cost,
    exact_reversal_sdp,
    normal_mode_costs,
    repaired_cost,
)
from qdm_utils.gaussian.reversals.repair import (
    CERTIFIED_GAP,
    SOLVER,
    SOLVER_TOLERANCE,
    bayes_repair_trace,
    minimal_repair,
    minimal_repair_sdp,
    repaired_reverse,
    sdp_repair_traces,
)

__all__ = [
    "CERTIFIED_GAP",
    "SOLVER",
    "SOLVER_TOLERANCE",
    "bayes_cp_margin",
    "bayes_repair_trace",
    "bayes_reverse",
    "critical_squeezing",
    "critical_transmissivity",
    "entanglement_witness",
    "exact_reversal",
    "exact_reversal_cost",
    "exact_reversal_sdp",
    "formal_reverse",
    "margin_zero",
    "minimal_repair",
    "minimal_repair_sdp",
    "normal_mode_costs",
    "repaired_cost",
    "repaired_reverse",
    "sdp_repair_traces",
    "vacuum_area_rate",
]
