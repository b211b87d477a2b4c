r"""What keeping the drift costs a repaired decoder: infidelity, injected information, their floor.

The source states −2 ln F ≥ c_geom(ν_min)·I_dec^wc(S) and no definitions; those used here are a
reconstruction under which the inequality can be proved. Along the decoder
Γ̇ = K_rev Γ + ΓK_revᵀ + 1 + ΔD*, Γ(0) = γ(T), the excess covariance Δ = Γ − γ_s over the reference
γ_s = γ(T − s) is positive: the output is the reference displaced at random by ξ ~ N(0, Δ). Fidelity
and relative entropy of a displaced copy are −2 ln F = ¼ ξᵀγ⁻¹ξ (root fidelity F) and
D(ρ‖ρ_ξ) = ½ ξᵀJξ, and both are read at the worst ξ on the one-sigma ellipse of Δ. So the floor
bounds one displaced copy. The averaged output is not bounded by it and mostly lies below, and the
exact reversal of `reversals.exact_law`, which has another drift, reaches every mixed target. Depth
s runs from 0 (noise) to T (data); time is in units of 1/damping rate.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from qdm_utils.arguments import at_least, positive, scalar, whole_number
from qdm_utils.gaussian.covariance import check_one_mode, check_squeezing, squeezed_thermal
from qdm_utils.gaussian.reversals import bayes_reverse, formal_reverse, minimal_repair
from qdm_utils.gaussian.semigroup import Generator, attenuate, cp_margin, evolve, transmissivity

# Gauss–Legendre nodes in every interval between two depths.
QUADRATURE_NODES = 8


def _information_weight(nu: np.ndarray) -> np.ndarray:
    """ν arcoth ν ≥ 1 for ν ≥ 1 of any shape, infinite at ν = 1."""
    mixed = nu > 1.0
    # log1p keeps its digits both near ν = 1 and for ν → ∞.
    return np.where(mixed, 0.5 * nu * np.log1p(2.0 / np.where(mixed, nu - 1.0, 1.0)), np.inf)


def c_geom(nu: ArrayLike) -> np.ndarray | float:
    """What fidelity can see of the information in a displacement: c_geom(ν) = 1/(2ν arcoth ν).

    Displacement tangents of a one-mode Gaussian state couple neighbouring levels only, whose
    weights have the one ratio (ν − 1)/(ν + 1); so the metrics of fidelity and of relative entropy
    are multiples of each other, −2 ln F = c_geom·D.

    Args:
        nu: thermal parameter (symplectic eigenvalue) ν ≥ 1; scalar or array.

    Returns:
        Dimensionless, of the shape of `nu`, increasing from 0 at ν = 1 (pure) to ½ for ν → ∞.

    Raises:
        ValueError: ν < 1, or not finite.

    Source: the geometric constant of Theorem 2, arXiv:2603.06488v1; this expression is derived
    here.

    >>> np.round(c_geom(np.array([1.0, 1.5, 2.0])), 5)
    array([0.     , 0.41422, 0.45512])
    """
    return (0.5 / _information_weight(at_least("nu", nu, 1.0)))[()]


def kmb_information(cov: ArrayLike) -> np.ndarray:
    """Kubo–Mori–Bogoliubov information J = ν arcoth(ν)·γ⁻¹ in displacements.

    It gives the relative entropy D(ρ‖ρ_ξ) = ½ ξᵀJξ, in nats, for any ξ and not only for small ones.

    Args:
        cov: covariance γ of one mode, shape (..., 2, 2), vacuum = identity.

    Returns:
        J, shape (..., 2, 2). A pure state (ν = 1 within rounding) has no finite relative entropy
        to a displaced copy: its entries are ±inf with the signs of γ⁻¹, and zeros stay zero.

    Raises:
        ValueError: not the covariance of one mode.

    Warns:
        UserWarning: once, if one of the states is pure.

    Source: the Gaussian de Bruijn identity behind Theorem 2, arXiv:2603.06488v1; this expression is
    derived here.

    >>> np.round(kmb_information(2.0 * np.eye(2)), 6)
    array([[0.549306, 0.      ],
           [0.      , 0.549306]])
    """
    cov = check_one_mode(cov)
    determinant = np.linalg.det(cov)
    # det γ of a pure state is 1 up to rounding of this size, and arcoth would turn the rounding
    # into a finite number.
    rounding = 16.0 * np.finfo(float).eps * np.abs(cov).max((-1, -2)) ** 2
    mixed = determinant - 1.0 > rounding
    weight = _information_weight(np.where(mixed, np.sqrt(np.maximum(determinant, 1.0)), 1.0))
    if np.isinf(weight).any():
        warnings.warn("The displacement information of a pure state is infinite.", stacklevel=2)
    inverse = np.linalg.inv(cov)
    # 0·inf would be NaN where γ⁻¹ has a zero.
    return np.multiply(
        inverse, weight[..., None, None], where=inverse != 0.0, out=np.zeros_like(inverse)
    )


@dataclass(frozen=True)
class NoiseFloor:
    """The repaired decoder along its depth; arrays over n depths, entropies in nats.

    Attributes:
        depth: s from 0 (noise) to T (data), in units of 1/damping rate, shape (n,).
        reference: γ_s, shape (n, 2, 2).
        decoder: Γ(s), shape (n, 2, 2).
        infidelity: −2 ln F = ¼ λ_max(γ_s⁻¹Δ) of one copy, displaced by one sigma in the worst
            direction, with the root fidelity F, shape (n,).
        mean_infidelity: E[−2 ln F] = ¼ tr(γ_s⁻¹Δ), the mean over the displacements ξ ~ N(0, Δ),
            shape (n,). Never below `infidelity`, which is the worst of one-sigma displacements
            only.
        information: worst case I_dec = ½ λ_max(J(γ_s)Δ), shape (n,); infinite at a pure γ_s, Δ ≠ 0.
        bound: c_geom(ν_min)·I_dec, shape (n,); at a pure γ_s its limit, which is the infidelity.
        nu_min: the smallest thermal parameter of γ met up to s, shape (n,).
        cp_margin: λ_min(M) of the unrepaired Bayes reverse, in damping rates, shape (n,).
        averaged_infidelity: −ln of the squared fidelity of γ_s and Γ(s), shape (n,), for the state
            that comes out, the mixture of all displaced copies. The theorem does not bound it.
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
    """Run the repaired decoder back to a squeezed thermal state, and hold it against the floor.

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
        UserWarning: the data state is pure and squeezed, so the information is infinite at s = T.

    Source: Theorem 2 and Fig. 2 of arXiv:2603.06488v1, with the definitions of this module.

    >>> floor = noise_floor(1.5, 1.0, 2.0, n_depths=11)
    >>> round(floor.onset, 5)
    1.45142
    >>> round(float(floor.infidelity[-1]), 5), round(float(floor.bound[-1]), 5)
    (0.29256, 0.28771)
    """
    nu0, r0, depth = _setting(nu0, r0, time, n_depths)
    time = depth[-1]
    eta = transmissivity(time - depth)
    reference = attenuate(squeezed_thermal(nu0, r0), eta)
    onset = _onset(nu0, r0, time)
    excess = _excess(nu0, r0, time, onset, depth)
    nu = _thermal_parameter(nu0, r0, eta)
    nu_min = np.minimum.accumulate(nu)
    # γ⁻¹Δ is similar to a symmetric positive matrix: its spectrum is real, negative by rounding
    # only.
    seen = np.linalg.solve(reference, excess)
    spread = np.maximum(0.0, np.linalg.eigvals(seen).real.max(-1))
    infidelity = 0.25 * spread
    information = _worst_case_information(nu, spread)
    # At a pure reference c_geom·J tends to ½γ⁻¹ although J has no limit.
    pure = nu == 1.0
    bound = np.where(pure, infidelity, c_geom(nu_min) * np.where(pure, 0.0, information))
    return NoiseFloor(
        depth=depth,
        reference=reference,
        decoder=reference + excess,
        infidelity=infidelity,
        mean_infidelity=0.25 * np.trace(seen, axis1=-2, axis2=-1),
        information=information,
        bound=bound,
        nu_min=nu_min,
        cp_margin=np.asarray(cp_margin(*bayes_reverse(reference))),
        averaged_infidelity=_averaged_infidelity(reference, excess),
        onset=float(onset),
    )


def injected_information(nu0: float, r0: float, time: float, n_depths: int = 401) -> np.ndarray:
    """All the information that the repair injects on its way, ½∫₀ˢ tr(J(Γ) ΔD*) ds' in nats.

    By de Bruijn's identity the repair raises the entropy of the decoder's state Γ at the rate
    ½ tr(J(Γ) ΔD*). That is no floor for the *averaged* output: its infidelity is of second order in
    the noise for a mixed target and falls below c_geom(ν_min) times this integral.

    Args:
        nu0, r0, time, n_depths: as in `noise_floor`.

    Returns:
        At the depths of `noise_floor`, shape (n,); zero up to the onset and finite also for pure
        data, since Γ is mixed wherever the repair acts. (Pure data squeezed by less than about 1e−7
        cannot be told from vacuum: the warning of `kmb_information`, and ∞.)

    Raises:
        ValueError: an argument out of range.

    >>> floor = noise_floor(1.5, 1.0, 2.0, n_depths=41)
    >>> injected = injected_information(1.5, 1.0, 2.0, n_depths=41)
    >>> round(float(c_geom(floor.nu_min[-1]) * injected[-1]), 4)
    0.2576
    >>> round(float(floor.averaged_infidelity[-1]), 4)
    0.0845
    """
    nu0, r0, depth = _setting(nu0, r0, time, n_depths)
    onset = _onset(nu0, r0, depth[-1])
    injected = np.zeros(len(depth))
    late = depth > onset  # nowhere if the onset is NaN
    if not late.any():
        return injected
    nodes, weights = np.polynomial.legendre.leggauss(QUADRATURE_NODES)
    knots = np.r_[onset, depth[late]]
    width = np.diff(knots)[:, None]
    s = (knots[:-1, None] + width * (nodes + 1.0) / 2.0).ravel()
    reference = attenuate(squeezed_thermal(nu0, r0), transmissivity(depth[-1] - s))
    decoder = reference + _excess(nu0, r0, depth[-1], onset, s)
    repair = minimal_repair(bayes_reverse(reference)[0])
    rate = np.zeros(len(s))
    active = repair.any((-2, -1))
    if active.any():
        information = kmb_information(decoder[active])
        rate[active] = 0.5 * np.einsum("nij,nji->n", information, repair[active])
    rates = rate.reshape(width.size, QUADRATURE_NODES)
    injected[late] = np.cumsum((rates * weights * width).sum(-1) / 2.0)
    return injected


def _setting(nu0: float, r0: float, time: float, n_depths: int) -> tuple[float, float, np.ndarray]:
    """The checked arguments, and the depths."""
    nu0 = float(at_least("nu0", scalar("nu0", nu0), 1.0))
    r0 = float(check_squeezing("r0", scalar("r0", r0)))
    time = positive("time", time)
    return nu0, r0, np.linspace(0.0, time, whole_number("n_depths", n_depths, 2))


def _excess_sum(nu0: float, r0: float) -> float:
    """A + B ≥ 0 for the eigenvalues 1 + A, 1 + B of γ(0), without cancellation near the vacuum."""
    return 2.0 * (nu0 - 1.0) * np.cosh(2.0 * r0) + 4.0 * np.sinh(r0) ** 2


def _thermal_parameter(nu0: float, r0: float, eta: np.ndarray) -> np.ndarray:
    """ν at η, from ν² − 1 = η(1 − η)(A + B) + η²(ν₀² − 1): exactly 1 for pure data at η = 1."""
    return np.sqrt(1.0 + eta * (1.0 - eta) * _excess_sum(nu0, r0) + eta**2 * (nu0**2 - 1.0))


def _onset(nu0: float, r0: float, time: float) -> float:
    """s* = T + ln η*, η* = −(A + B)/(2AB); 0 if the reverse fails at once, NaN if it never does."""
    # −AB, again without cancellation.
    negative_product = 4.0 * nu0 * np.sinh(r0) ** 2 - (nu0 - 1.0) ** 2
    total = _excess_sum(nu0, r0)
    if total >= 2.0 * negative_product:
        return np.nan
    return max(0.0, time + np.log(total / (2.0 * negative_product)))


def _excess(nu0: float, r0: float, time: float, onset: float, depth: np.ndarray) -> np.ndarray:
    """Δ(s) by its own equation Δ̇ = K_rev Δ + ΔK_revᵀ + ΔD*.

    It is small, so it is not taken as the difference of two integrated covariances.
    """
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
    weight = _information_weight(nu)
    nothing = np.zeros_like(spread)
    information = np.multiply(0.5 * spread, weight, where=spread > 0.0, out=nothing)
    if np.isinf(information).any():
        warnings.warn(
            "The decoder's information is infinite where the reference is pure.", stacklevel=3
        )
    return information


def _averaged_infidelity(reference: np.ndarray, excess: np.ndarray) -> np.ndarray:
    """−ln of the squared fidelity of γ and γ + Δ, by Scutaru's one-mode formula.

    J. Phys. A 31, 3659 (1998). `fidelity` goes through matrix square roots and keeps half of the
    digits near one; this keeps all.
    """
    mixedness = [
        np.maximum(np.linalg.det(cov) - 1.0, 0.0) for cov in (reference, reference + excess)
    ]
    delta = mixedness[0] * mixedness[1]
    total = np.linalg.det(2.0 * reference + excess)
    return np.maximum(0.0, np.log((np.sqrt(total + delta) - np.sqrt(delta)) / 2.0))
