"""The repaired decoder as a device would run it: a sequence of channels on density matrices.

Each step freezes the repaired generator at one depth and applies its exact exponential on the
lowest d Fock levels, where it is completely positive and trace preserving at any cutoff. So n
steps are n quantum channels, with an error of order 1/n or 1/n².
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import expm_multiply

from qdm_utils.arguments import at_least, demand, positive, scalar, whole_number
from qdm_utils.gaussian.covariance import check_squeezing, squeezed_thermal
from qdm_utils.gaussian.reversals import repaired_reverse
from qdm_utils.gaussian.second_opinions.fock import (
    fock_generator,
    gaussian_density_matrix,
    second_moments,
    uhlmann_fidelity,
)
from qdm_utils.gaussian.semigroup import Generator, attenuate, transmissivity

# Where in its step a generator is frozen, as a fraction of the step.
FROZEN_AT = {"start": 0.0, "midpoint": 0.5}


@dataclass(frozen=True)
class FockDecoding:
    """What n channels on d Fock levels made of the noise.

    Attributes:
        state: the final density matrix, shape (d, d).
        covariance: its second moments, shape (2, 2), vacuum = identity.
        fidelity: squared Uhlmann fidelity with the data state.
        leakage: population of the two highest levels at the end, a measure of the cutoff error.
    """

    state: np.ndarray
    covariance: np.ndarray
    fidelity: float
    leakage: float


def frozen_generators(
    nu0: float, r0: float, time: float, steps: int, rule: str = "midpoint"
) -> list[Generator]:
    """The repaired decoder's generators (K, D), frozen once a step.

    Args:
        nu0, r0: the data state, ν₀ ≥ 1 and its squeezing.
        time: T > 0, how long the attenuator acted, in units of 1/damping rate.
        steps: number n of equal steps from s = 0 to T.
        rule: "start" or "midpoint" of the step, of first and second order in 1/n.

    Returns:
        One generator for each step, shape (2, 2) twice.

    Raises:
        ValueError: an argument out of range.
    """
    nu0 = float(at_least("nu0", scalar("nu0", nu0), 1.0))
    r0 = float(check_squeezing("r0", scalar("r0", r0)))
    time = positive("time", time)
    steps = whole_number("steps", steps, 1)
    demand(rule in tuple(FROZEN_AT), "rule", "be 'start' or 'midpoint'", f"{rule!r}")
    decoder = repaired_reverse(squeezed_thermal(nu0, r0), time)
    return [decoder(time * (step + FROZEN_AT[rule]) / steps) for step in range(steps)]


def decode_in_fock_space(
    nu0: float, r0: float, time: float, steps: int, cutoff: int, rule: str = "midpoint"
) -> FockDecoding:
    """Send the noise γ(T) through n one-mode channels on density matrices, back towards γ(ν₀, r₀).

    Args:
        nu0, r0, time, steps, rule: as in `frozen_generators`.
        cutoff: number of Fock levels d ≥ 2.

    Returns:
        A `FockDecoding`.

    Raises:
        ValueError: an argument out of range.
    """
    generators = frozen_generators(nu0, r0, time, steps, rule)
    data = squeezed_thermal(nu0, r0)
    rho = gaussian_density_matrix(attenuate(data, transmissivity(time)), cutoff)
    vector = rho.ravel(order="F") / np.trace(rho)
    for generator in generators:
        vector = expm_multiply(time / steps * fock_generator(*generator, cutoff), vector)
    state = vector.reshape(rho.shape, order="F")
    state = (state + state.conj().T) / 2.0
    return FockDecoding(
        state=state,
        covariance=second_moments(state),
        fidelity=uhlmann_fidelity(state, gaussian_density_matrix(data, cutoff)),
        leakage=float(np.diag(state).real[-2:].sum()),
    )
