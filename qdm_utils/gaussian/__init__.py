"""Gaussian dynamics of light: states as covariances, photon loss, and what it takes to undo it.

NumPy in, NumPy out, float64. Quadratures are ordered (x₁, p₁, …, x_N, p_N) with [x, p] = 2i, so the
vacuum covariance is the identity; time is in units of the inverse damping rate. A generator is a
pair (drift K, diffusion D) with γ̇ = Kγ + γKᵀ + D.

- `covariance`: states, their symplectic eigenvalues and normal modes, fidelity.
- `semigroup`: generators, complete positivity, evolution.
- `reversals`: the Bayes reverse, its minimal repair, Petz recovery, the exact law, their SDPs.
- `noise_floors`: what the repair does to the state, and the information in a displacement.
- `phase_space`: Wigner functions, one-sigma ellipses, the Wigner score.

Two side doors load heavy packages and are entered by name: `plots` draws what the notebooks show,
and `second_opinions` computes some of it again by other means.
"""

from qdm_utils.gaussian.covariance import (
    NormalFrame,
    check_covariance,
    fidelity,
    normal_frame,
    random_covariance,
    squeezed_thermal,
    symplectic_eigenvalues,
    symplectic_form,
    two_mode_squeezed,
)
from qdm_utils.gaussian.noise_floors import (
    NoiseFloor,
    c_geom,
    injected_information,
    kmb_information,
    noise_floor,
)
from qdm_utils.gaussian.phase_space import one_sigma_ellipse, wigner, wigner_score
from qdm_utils.gaussian.reversals import (
    CERTIFIED_GAP,
    SOLVER,
    SOLVER_TOLERANCE,
    along_path,
    bayes_cp_margin,
    bayes_repair_trace,
    bayes_reverse,
    critical_squeezing,
    critical_transmissivity,
    entanglement_witness,
    exact_reversal,
    exact_reversal_cost,
    exact_reversal_sdp,
    formal_reverse,
    margin_zero,
    minimal_repair,
    minimal_repair_sdp,
    normal_mode_costs,
    petz_channel,
    petz_cost,
    petz_reverse,
    repaired_cost,
    repaired_reverse,
    reversal_price,
    sdp_repair_traces,
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
