"""Ways to undo the attenuator, and what each of them costs.

- `bayes`: the Bayes reverse, which keeps the diffusion and corrects the drift by the Wigner score.
  It is completely positive iff cosh 2r ≤ ν (Theorem 1); several witnesses of that threshold.
- `repair`: the least extra diffusion that makes the Bayes drift completely positive.
- `petz`: Petz recovery, completely positive and exact for any channel.
- `exact_law`: the least diffusion with which any drift retraces the path exactly.
- `paths`: any of them along the whole path that the loss took.
- `certified_sdp`: the semidefinite programs behind both, each answer certified by weak duality.

A reverse is a generator (K, D) in the convention of `qdm_utils.gaussian`. Costs are rates in units
of the damping rate.
"""

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
from qdm_utils.gaussian.reversals.certified_sdp import CERTIFIED_GAP, SOLVER, SOLVER_TOLERANCE
from qdm_utils.gaussian.reversals.exact_law import (
    exact_reversal,
    exact_reversal_cost,
    exact_reversal_sdp,
    normal_mode_costs,
    repaired_cost,
    reversal_price,
)
from qdm_utils.gaussian.reversals.paths import along_path
from qdm_utils.gaussian.reversals.petz import petz_channel, petz_cost, petz_reverse
from qdm_utils.gaussian.reversals.repair import (
    bayes_repair_trace,
    minimal_repair,
    minimal_repair_sdp,
    repaired_reverse,
    sdp_repair_traces,
)
