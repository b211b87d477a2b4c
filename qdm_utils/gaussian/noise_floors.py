r"""What keeping the drift costs a repaired decoder: infidelity, injected information and the floor between them.

The source states −2 ln F ≥ c_geom(ν_min)·I_dec^wc(S) and no definitions; those used here are a reconstruction under which the
inequality can be proved. Along the decoder Γ̇ = K_rev Γ + ΓK_revᵀ + 1 + ΔD*, Γ(0) = γ(T), the excess covariance Δ = Γ − γ_s
over the reference γ_s = γ(T − s) is positive: the output is the reference displaced at random by ξ ~ N(0, Δ). Fidelity and
relative entropy of a displaced copy are −2 ln F = ¼ ξᵀγ⁻¹ξ (root fidelity F) and D(ρ‖ρ_ξ) = ½ ξᵀJξ, and both are read at the
worst ξ on the one-sigma ellipse of Δ. So the floor bounds one displaced copy. The averaged output is not bounded by it and
mostly lies below, and the exact reversal of `exact`, which has another drift, reaches every mixed target. Depth s runs from 0
(noise) to T (data); time is in units of 1/damping rate.
"""

import warnings
from dataclasses import dataclass

import numpy as np

from qdm_utils.arguments import at_least, positive, scalar, whole_number
from qdm_utils.gaussian.covariance import squeezed_thermal
from qdm_utils.gaussian.information import c_geom, information_weight, kmb_information
from qdm_utils.gaussian.reversals import bayes_reverse, formal_reverse, minimal_repair
from qdm_utils.gaussian.semigroup import Generator, attenuate, cp_margin, evolve, transmissivity

# Gauss–Legendre nodes in every interval between two depths.
QUADRATURE_NODES = 8


@dataclass(frozen=True)
class NoiseFloor:
    """The repaired decoder along its depth; arrays over n depths, entropies in nats, rates per damping rate.

    Attributes:
        depth: s from 0 (noise) to T (data), shape (n,).
        reference: γ_s, shape (n, 2, 2).
        decoder: Γ(s), shape (n, 2, 2).
        infidelity: −2 ln F = ¼ λ_max(γ_s⁻¹Δ) of one copy, displaced by one sigma in the worst direction, with the root
            fidelity F, shape (n,).
        mean_infidelity: E[−2 ln F] = ¼ tr(γ_s⁻¹Δ), the mean over the displacements ξ ~ N(0, Δ), shape (n,). Never below
            `infidelity`, which is the worst of one-sigma displacements only.
        information: worst case I_dec = ½ λ_max(J(γ_s)Δ), shape (n,); infinite at a pure γ_s with Δ ≠ 0.
        bound: c_geom(ν_min)·I_dec, shape (n,); at a pure γ_s its limit, which is the infidelity.
        nu_min: the smallest thermal parameter of γ met up to s, shape (n,).
        cp_margin: λ_min(M) of the unrepaired Bayes reverse, shape (n,).
        averaged_infidelity: −ln of the squared fidelity of γ_s and Γ(s), shape (n,), for the state that comes out, the mixture
            of all displaced copies. The theorem does not bound it.
        onset: the depth s* from which the unrepaired reverse is not CP; NaN when it always is.
    """

    depth: np.ndarray
    reference: np.ndarray
    decoder: np.ndarray
    infidelity: np.ndarray
    mean_infidelity: np.ndarray
    information: np.ndarray
    bound: np.ndarray
    nu_min: np.ndarray
    cp_margin: np.ndarray
    averaged_infidelity: np.ndarray
    onset: float


def noise_floor(nu0: float, r0: float, time: float, n_depths: int = 401) -> NoiseFloor:
    """Run the repaired decoder back to a squeezed thermal state and hold its infidelity against the noise floor.

    Args:
        nu0: thermal parameter of the data, ν₀ ≥ 1.
        r0: squeezing of the data, dimensionless.
        time: T > 0, how long the attenuator acted.
        n_depths: number of depths, equally spaced from 0 to T, at least 2.

    Returns:
        A `NoiseFloor`.

    Raises:
        ValueError: an argument out of range.

    Warns:
        UserWarning: the data state is pure and squeezed, so that the information is infinite at s = T.

    Source: Theorem 2 and Fig. 2 of arXiv:2603.06488v1, with the definitions of this module.

    >>> floor = noise_floor(1.5, 1.0, 2.0, n_depths=11)
    >>> round(floor.onset, 5), round(float(floor.infidelity[-1]), 5), round(float(floor.bound[-1]), 5)
    (1.45142, 0.29256, 0.28771)
    """
    nu0, r0, depth = _setting(nu0, r0, time, n_depths)
    time = depth[-1]
    eta = transmissivity(time - depth)
    reference = attenuate(squeezed_thermal(nu0, r0), eta)
    onset = _onset(nu0, r0, time)
    excess = _excess(nu0, r0, time, onset, depth)
    nu = _thermal_parameter(nu0, r0, eta)
    nu_min = np.minimum.accumulate(nu)
    # γ⁻¹Δ is similar to a symmetric positive matrix: its spectrum is real, and below zero by rounding only.
    seen = np.linalg.solve(reference, excess)
    spread = np.maximum(0.0, np.linalg.eigvals(seen).real.max(-1))
    mean = 0.25 * np.trace(seen, axis1=-2, axis2=-1)
    infidelity, information = 0.25 * spread, _worst_case_information(nu, spread)
    # At a pure reference c_geom·J tends to ½γ⁻¹ although J has no limit.
    pure = nu == 1.0
    bound = np.where(pure, infidelity, c_geom(nu_min) * np.where(pure, 0.0, information))
    averaged = _averaged_infidelity(reference, excess)
    margin = cp_margin(*bayes_reverse(reference))
    return NoiseFloor(
        depth=depth,
        reference=reference,
        decoder=reference + excess,
        infidelity=infidelity,
        mean_infidelity=mean,
        information=information,
        bound=bound,
        nu_min=nu_min,
        cp_margin=margin,
        averaged_infidelity=averaged,
        onset=float(onset),
    )


def injected_information(nu0: float, r0: float, time: float, n_depths: int = 401) -> np.ndarray:
    """All the information that the repair injects on its way, ½∫₀ˢ tr(J(Γ) ΔD*) ds' in nats, at the depths of `noise_floor`.

    By de Bruijn's identity the repair raises the entropy of the decoder's state Γ at the rate ½ tr(J(Γ) ΔD*). That is no floor
    for the *averaged* output: its infidelity is of second order in the noise for a mixed target and falls below
    c_geom(ν_min) times this integral.

    Args:
        nu0, r0, time, n_depths: as in `noise_floor`.

    Returns:
        Shape (n,), zero up to the onset and finite also for pure data, since Γ is mixed wherever the repair acts. (Pure data
        squeezed by less than about 1e−7 cannot be told from vacuum: the warning of `kmb_information`, and ∞.)

    Raises:
        ValueError: an argument out of range.

    >>> floor = noise_floor(1.5, 1.0, 2.0, n_depths=41)
    >>> injected = injected_information(1.5, 1.0, 2.0, n_depths=41)
    >>> round(float(floor.averaged_infidelity[-1]), 4), round(float(c_geom(floor.nu_min[-1]) * injected[-1]), 4)
    (0.0845, 0.2576)
    """
    nu0, r0, depth = _setting(nu0, r0, time, n_depths)
    onset = _onset(nu0, r0, depth[-1])
    injected = np.zeros(len(depth))
    late = depth > onset
    if late.any():
        nodes, weights = np.polynomial.legendre.leggauss(QUADRATURE_NODES)
        knots = np.r_[onset, depth[late]]
        width = np.diff(knots)[:, None]
        s = (knots[:-1, None] + width * (nodes + 1.0) / 2.0).ravel()
        reference = attenuate(squeezed_thermal(nu0, r0), transmissivity(depth[-1] - s))
        decoder = reference + _excess(nu0, r0, depth[-1], onset, s)
        repair = minimal_repair(bayes_reverse(reference)[0])
        rate, active = np.zeros(len(s)), repair.any((-2, -1))
        if active.any():
            rate[active] = 0.5 * np.einsum(
                "nij,nji->n", kmb_information(decoder[active]), repair[active]
            )
        rate = rate.reshape(width.size, QUADRATURE_NODES)
        injected[late] = np.cumsum((rate * weights * width).sum(-1) / 2.0)
    return injected


def _setting(nu0: float, r0: float, time: float, n_depths: int) -> tuple[float, float, np.ndarray]:
    """The checked arguments, and the depths."""
    nu0, r0 = float(at_least("nu0", scalar("nu0", nu0), 1.0)), scalar("r0", r0)
    return nu0, r0, np.linspace(0.0, positive("time", time), whole_number("n_depths", n_depths, 2))


def _excess_sum(nu0: float, r0: float) -> float:
    """A + B ≥ 0 for the eigenvalues 1 + A, 1 + B of γ(0), without cancellation near the vacuum."""
    return 2.0 * (nu0 - 1.0) * np.cosh(2.0 * r0) + 4.0 * np.sinh(r0) ** 2


def _thermal_parameter(nu0: float, r0: float, eta: np.ndarray) -> np.ndarray:
    """ν after attenuation to η, from ν² − 1 = η(1 − η)(A + B) + η²(ν₀² − 1): exactly 1 for pure data at η = 1."""
    return np.sqrt(1.0 + eta * (1.0 - eta) * _excess_sum(nu0, r0) + eta**2 * (nu0**2 - 1.0))


def _onset(nu0: float, r0: float, time: float) -> float:
    """s* = T + ln η* with η* = −(A + B)/(2AB); 0 if the reverse fails at once, NaN if it never does."""
    negative_product = (
        4.0 * nu0 * np.sinh(r0) ** 2 - (nu0 - 1.0) ** 2
    )  # −AB, again without cancellation
    total = _excess_sum(nu0, r0)
    if total >= 2.0 * negative_product:
        return np.nan
    return max(0.0, time + np.log(total / (2.0 * negative_product)))


def _excess(nu0: float, r0: float, time: float, onset: float, depth: np.ndarray) -> np.ndarray:
    """Δ(s) by its own equation Δ̇ = K_rev Δ + ΔK_revᵀ + ΔD*: small, so not a difference of two integrated covariances."""
    excess = np.zeros((len(depth), 2, 2))
    late = depth > onset  # nowhere if the onset is NaN
    formal = formal_reverse(squeezed_thermal(nu0, r0), time)

    def generator(s: float) -> Generator:
        drift, _ = formal(s)
        return drift, minimal_repair(drift)

    if late.any():
        # ΔD* has a kink at the onset, which the integrator must not step across.
        excess[late] = evolve(np.zeros((2, 2)), generator, np.r_[onset, depth[late]])[1:]
    return excess


def _worst_case_information(nu: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """½ λ_max(JΔ) from λ_max(γ⁻¹Δ): zero without noise, infinite with noise on a pure reference."""
    information = np.multiply(
        0.5 * spread, information_weight(nu), where=spread > 0.0, out=np.zeros_like(spread)
    )
    if np.isinf(information).any():
        warnings.warn(
            "The decoder's information is infinite where the reference is pure.", stacklevel=3
        )
    return information


def _averaged_infidelity(reference: np.ndarray, excess: np.ndarray) -> np.ndarray:
    """−ln of the squared fidelity of γ and γ + Δ, by Scutaru's one-mode formula, J. Phys. A 31, 3659 (1998).

    `fidelity` goes through matrix square roots and keeps half of the digits near one; this keeps them all.
    """
    mixedness = [
        np.maximum(np.linalg.det(cov) - 1.0, 0.0) for cov in (reference, reference + excess)
    ]
    delta = mixedness[0] * mixedness[1]
    total = np.linalg.det(2.0 * reference + excess)
    return np.maximum(0.0, np.log((np.sqrt(total + delta) - np.sqrt(delta)) / 2.0))
