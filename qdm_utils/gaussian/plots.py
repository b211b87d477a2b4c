"""Pictures of the Gaussian part: functions that take arrays and an Axes and draw on it."""

from typing import Any

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from qdm_utils.gaussian.noise_floors import NoiseFloor
from qdm_utils.gaussian.phase_space import one_sigma_ellipse, wigner
from qdm_utils.gaussian.reversals import (
    bayes_cp_margin,
    bayes_repair_trace,
    bayes_reverse,
    critical_squeezing,
    exact_reversal,
    exact_reversal_cost,
    minimal_repair,
    petz_cost,
    petz_reverse,
    repaired_cost,
)
from qdm_utils.gaussian.semigroup import attenuate, step_channel, transmissivity

_PALETTE = sns.color_palette("colorblind")
THEORY = "black"  # closed forms are black lines, measurements coloured markers
FORMAL = _PALETTE[3]
REPAIRED = _PALETTE[0]
LEARNED = _PALETTE[2]
# Where the Bayes reverse is not CP.
BAND: dict[str, Any] = {"color": _PALETTE[3], "alpha": 0.10, "linewidth": 0}
# The legal reverses: name for readers, and style.
LEGAL: dict[str, tuple[str, dict[str, Any]]] = {
    "repair": ("repaired score reversal", {"color": REPAIRED, "linestyle": "--"}),
    "Petz": ("Petz recovery", {"color": _PALETTE[4]}),
    "exact": ("exact law", {"color": THEORY}),
}
R_LABEL = "squeezing $r$"
NU_LABEL = r"thermal parameter $\nu$ (vacuum: 1)"


def cp_map(axes: Axes, nu: np.ndarray, r: np.ndarray, margin: np.ndarray) -> QuadMesh:
    """λ_min over (ν, r) with the measured zero contour; returns the mesh for a colour bar.

    The colours are symmetric about zero and end at ±1: the closed form never exceeds 1, and what
    lies below −1 keeps the last colour.

    Args:
        nu, r: grid axes, shapes (n,) and (m,).
        margin: λ_min, shape (m, n).
    """
    mesh = axes.pcolormesh(
        nu, r, margin, cmap="RdBu", vmin=-1.0, vmax=1.0, shading="gouraud", rasterized=True
    )
    # Wide enough to be seen on both sides of the dashed analytic curve drawn on top.
    axes.contour(nu, r, margin, levels=[0.0], colors="0.45", linewidths=3.2)
    axes.set(xlabel=NU_LABEL, ylabel=R_LABEL)
    return mesh


def repair_map(
    axes: Axes, nu: np.ndarray, r: np.ndarray, trace: np.ndarray, exact: np.ndarray
) -> QuadMesh:
    """tr ΔD* of the SDP as colours, level lines of the closed form on top.

    Args:
        nu, r: grid axes, shapes (n,) and (m,).
        trace, exact: of the SDP and of the closed form, shape (m, n).
    """
    mesh = axes.pcolormesh(nu, r, trace, cmap="Reds", vmin=0.0, shading="gouraud", rasterized=True)
    levels = axes.contour(nu, r, exact, levels=[0.2, 1.0, 3.0], colors=THEORY, linewidths=0.6)
    axes.clabel(levels, fmt="%g", fontsize=7)
    axes.set(xlabel=NU_LABEL, ylabel=R_LABEL)
    return mesh


def repair_cuts(
    axes: Axes, nu: np.ndarray, r: np.ndarray, trace: np.ndarray, columns: list[int]
) -> None:
    """tr ΔD* against squeezing: circles from the SDP, lines from the closed form, ν beside each.

    Args:
        nu, r, trace: as of `repair_map`.
        columns: indices into `nu`, ascending.
    """
    fine = np.linspace(0.0, r.max(), 300)
    every = max(1, len(r) // 15)
    for colour, column in zip(_ordered(len(columns)), columns, strict=True):
        line = np.asarray(bayes_repair_trace(nu[column], fine))
        axes.plot(fine, line, color=colour)
        axes.plot(r[::every], trace[::every, column], "o", color=colour, mfc="none", ms=3)
        axes.text(1.02 * r.max(), line[-1], rf"$\nu={nu[column]:g}$", color=colour, va="center")
    axes.set(xlabel=R_LABEL, ylabel=r"$\mathrm{tr}\,\Delta D^\star$ (damping rates)")


def decoder_payments(
    axes: Axes,
    depth: np.ndarray,
    tax: dict[tuple[float, float], np.ndarray],
    onset: dict[tuple[float, float], float],
) -> None:
    """tr ΔD* along decoders, from half the depth on, with the predicted onset of each.

    Args:
        depth: shape (n,), ascending from 0.
        tax: shape (n,), by (ν₀, r₀).
        onset: s*, by (ν₀, r₀).
    """
    for colour, (setting, path) in zip(_ordered(len(tax)), tax.items(), strict=True):
        label = rf"$\nu_0={setting[0]:g}$, $r_0={setting[1]:g}$"
        axes.plot(depth, path, color=colour, label=label)
        axes.plot(onset[setting], 0.0, "^", color=colour, clip_on=False, zorder=3)
    axes.set(
        xlabel="depth $s$ (1/damping rate)",
        ylabel=r"$\mathrm{tr}\,\Delta D^\star$ (damping rates)",
        xlim=(depth[-1] / 2, depth[-1]),
    )
    axes.legend(loc="upper left")


def _ordered(count: int) -> list[tuple[float, float, float]]:
    """Colours of an ordered quantity, all of them dark enough for lines."""
    return sns.color_palette("viridis", count + 1)[:count]


def boundary(axes: Axes, nu: np.ndarray, r: np.ndarray, sides: bool = True) -> None:
    """Theorem 1's curve through (ν, r), shape (n,) each; `sides` names where the reverse is CP."""
    axes.plot(nu, r, color=THEORY, linestyle="--", linewidth=1.0, label=r"$\cosh 2r = \nu$")
    axes.legend(
        loc="lower right", handlelength=2.2, frameon=True, framealpha=0.75, edgecolor="none"
    )
    if not sides:
        return
    box = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5}
    axes.text(0.05, 0.88, "not CP", transform=axes.transAxes, weight="bold", bbox=box)
    axes.text(0.66, 0.38, "CP", transform=axes.transAxes, weight="bold", bbox=box)


def witness_panel(
    axes: Axes, nu: float, r: np.ndarray, choi: np.ndarray, pair: np.ndarray, learned: np.ndarray
) -> None:
    """Independent witnesses of the threshold against squeezing, the closed form of λ_min as a line.

    Args:
        nu: thermal parameter of the cut.
        r: squeezings, shape (n,).
        choi, pair: Choi and entangled-pair witnesses, shape (n,).
        learned: λ_min of M with the covariance that networks estimate, shape (n, networks).
    """
    fine = np.linspace(0.0, r.max(), 200)
    axes.axvspan(float(critical_squeezing(nu)), 1.05 * r.max(), **BAND)
    axes.text(0.97, 0.97, "not CP", ha="right", va="top", weight="bold", transform=axes.transAxes)
    axes.plot(fine, bayes_cp_margin(nu, fine), color=THEORY, label="closed form")
    axes.plot(r, choi, "s", color=REPAIRED, mfc="none", label="Choi matrix")
    axes.plot(r, pair, "o", color=FORMAL, label="entangled pair")
    axes.errorbar(
        r,
        learned.mean(1),
        learned.std(1, ddof=1),
        fmt="^",
        color=LEARNED,
        label="learned $\\gamma$ in $M$",
    )
    axes.axhline(0.0, color="0.6", linewidth=0.6)
    axes.set(
        xlabel=R_LABEL, ylabel="eigenvalue (damping rates)", xlim=(-0.05 * r.max(), 1.05 * r.max())
    )
    axes.legend(loc="lower left", handlelength=1.2)


def half_loss_panel(axes: Axes, eta: np.ndarray, paths: dict[float, np.ndarray]) -> None:
    """λ_min against the surviving fraction for pure states.

    Args:
        eta: surviving fractions, shape (n,).
        paths: λ_min, shape (n,), by squeezing.
    """
    axes.axvspan(0.5, 1.0, label="not CP", **BAND)
    for shade, (r, path) in zip(np.linspace(0.6, 0.0, len(paths)), paths.items(), strict=True):
        axes.plot(eta, path, color=str(shade), label=f"$r={r:g}$")
    axes.axhline(0.0, color="0.6", linewidth=0.6)
    axes.set(
        xlabel=r"surviving fraction $\eta$", ylabel=r"$\lambda_{\min}$ (damping rates)", xlim=(0, 1)
    )
    axes.legend(loc="lower left")


def phase_space_panel(
    axes: Axes,
    reference: np.ndarray,
    formal: np.ndarray,
    repaired: np.ndarray,
    reach: tuple[float, float] = (3.9, 2.5),
) -> None:
    """Wigner function of the reference in grey, and the one-sigma ellipses of all three states.

    Args:
        reference, formal, repaired: covariances, shape (2, 2); `formal` may be no quantum state.
        reach: half-widths of the window in x and p, in vacuum standard deviations.
    """
    _wigner_contours(axes, reference, reach, points=141)
    axes.plot(*one_sigma_ellipse(reference).T, color="black", linewidth=0.9, label="reference")
    axes.plot(
        *one_sigma_ellipse(repaired).T, color=REPAIRED, linewidth=1.3, label="repaired decoder"
    )
    axes.plot(
        *one_sigma_ellipse(formal).T,
        color=FORMAL,
        linewidth=1.3,
        linestyle="--",
        label="formal reversal",
    )
    axes.set_xlabel("$x$ (vacuum s.d.)")


def _wigner_contours(axes: Axes, cov: np.ndarray, reach: tuple[float, float], points: int) -> None:
    """A Wigner function in grey, in a window of half-widths `reach` with equal units."""
    x, p = np.meshgrid(*(np.linspace(-half, half, points) for half in reach))
    density = wigner(cov, x, p)
    levels = np.linspace(0.1, 1.0, 7) * density.max()
    axes.contourf(x, p, density, levels=levels, cmap="Greys", alpha=0.55)
    axes.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]), aspect="equal")


def noise_floor_panel(upper: Axes, lower: Axes, floor: NoiseFloor) -> None:
    """One setting of Fig. 2, from the onset on: infidelities and the floor, and their ratios to it.

    Args:
        upper: for the infidelities, and the zero that the exact reversal reaches.
        lower: for the same curves divided by the floor.
        floor: the decoder's path; it must need a repair.
    """
    depth = floor.depth
    bound = floor.bound
    curves: tuple[tuple[np.ndarray, str, dict[str, Any]], ...] = (
        (
            floor.mean_infidelity,
            "mean over displaced copies",
            {"color": REPAIRED, "linestyle": "-."},
        ),
        (floor.infidelity, "one copy, one-sigma displacement", {"color": REPAIRED}),
        (bound, "floor", {"color": THEORY, "linestyle": "--"}),
        (floor.averaged_infidelity, "the output (all copies mixed)", {"color": LEARNED}),
    )
    repaired = bound > 1e-9  # before the onset both sides of a ratio vanish
    for values, label, style in curves:
        upper.plot(depth, values, label=label, **style)
        lower.plot(depth[repaired], values[repaired] / bound[repaired], **style)
    zero = np.zeros_like(depth)
    upper.plot(depth, zero, label="exact reversal: zero", color="0.5", linestyle=":", linewidth=1.8)
    width = depth[-1] - floor.onset
    for axes in (upper, lower):
        axes.axvspan(floor.onset, depth[-1], label="Bayes reverse not CP", **BAND)
        axes.set(xlim=(floor.onset - width / 10, depth[-1]))
    lower.set(xlabel="depth $S$ (1/damping rate)")


def decoder_grid(
    axes: np.ndarray, floor: NoiseFloor, shown: list[int], reach: tuple[float, float] = (4.6, 2.6)
) -> None:
    """Wigner functions of reference (top) and decoder (bottom), the target's ellipse on each.

    Args:
        axes: shape (2, n).
        floor: the decoder's path.
        shown: n indices into its depths.
        reach: half-widths of the window in x and p, in vacuum standard deviations.
    """
    target = one_sigma_ellipse(floor.reference[-1])
    for row, covs, colour in (
        (axes[0], floor.reference, THEORY),
        (axes[1], floor.decoder, REPAIRED),
    ):
        for axis, k in zip(row, shown, strict=True):
            _wigner_contours(axis, covs[k], reach, points=121)
            axis.plot(*one_sigma_ellipse(covs[k]).T, color=colour)
            axis.plot(*target.T, color=FORMAL, linestyle="--", linewidth=0.9)
    for axis, k in zip(axes[0], shown, strict=True):
        axis.set_title(f"$S={floor.depth[k]:.2f}$")
    for axis in axes[1]:
        axis.set_xlabel("$x$ (vacuum s.d.)")
    for axis, name in zip(axes[:, 0], ("reference", "decoder"), strict=True):
        axis.set_ylabel(f"{name}\n$p$ (vacuum s.d.)")


def reversal_cost_map(axes: Axes, nu: np.ndarray, r: np.ndarray, cost: np.ndarray) -> QuadMesh:
    """log₁₀ of the exact reversal's cost over (ν, r).

    Args:
        nu, r: grid axes, shapes (n,) and (m,).
        cost: shape (m, n); infinite and zero values are left to the ends of the colours.
    """
    shown = np.log10(np.clip(cost, 1e-3, 1e2))
    mesh = axes.pcolormesh(
        nu, r, shown, cmap="magma_r", vmin=-3.0, vmax=2.0, shading="gouraud", rasterized=True
    )
    axes.set(xlabel=NU_LABEL, ylabel=R_LABEL)
    return mesh


def channel_panel(
    axes: Axes, steps: np.ndarray, errors: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    """Errors of covariance and fidelity against the number of channels, with both expected orders.

    Args:
        steps: numbers of channels, shape (n,).
        errors: for "start" and "midpoint" the errors of covariance and of squared fidelity, shape
            (n,) each.
    """
    for (rule, (covariance, fidelity)), colour, order in zip(
        errors.items(), (FORMAL, REPAIRED), (1, 2), strict=True
    ):
        axes.loglog(steps, covariance, "o", color=colour, label=f"covariance, {rule}")
        axes.loglog(steps, fidelity, "s", mfc="none", color=colour, label=f"fidelity, {rule}")
        axes.loglog(
            steps,
            covariance[0] * (steps / steps[0]) ** -float(order),
            color=THEORY,
            linewidth=0.7,
            label="orders 1 and 2" if order == 1 else None,
            zorder=0,
        )
    axes.set(xlabel="number of channels", ylabel="error against the ODE")
    axes.set_xticks(steps, [f"{count:d}" for count in steps])
    axes.minorticks_off()


def reversal_prices(
    axes: Axes,
    nu: float,
    r: np.ndarray | None = None,
    solved: np.ndarray | None = None,
    r_max: float = 1.2,
    at: float | None = None,
) -> None:
    """Prices of the three legal reverses against squeezing at one ν.

    Args:
        nu: thermal parameter, > 1.
        r, solved: squeezings and costs of the exact law by SDP, shape (n,) each, drawn as circles.
        r_max: where the squeezing ends if there are none.
        at: a squeezing to be marked on every curve.
    """
    fine = np.linspace(0.0, r_max if r is None else r.max(), 301)
    laws = {"repair": repaired_cost, "Petz": petz_cost, "exact": exact_reversal_cost}
    for name, law in laws.items():
        axes.semilogy(fine, law(nu, fine), label=LEGAL[name][0], **LEGAL[name][1])
        if at is not None:
            axes.semilogy(at, law(nu, at), "o", color=LEGAL[name][1]["color"], clip_on=True)
    if solved is not None:
        axes.semilogy(r, solved, "o", mfc="none", color=THEORY, ms=3)
    axes.axvline(float(critical_squeezing(nu)), ymax=0.65, color="0.6", linewidth=0.6)
    axes.set(xlabel=R_LABEL, ylabel="price (damping rates)", ylim=(1e-2, 1e3))
    axes.minorticks_off()
    axes.legend(loc="upper left")


def ways_back_panel(axes: Axes, depth: np.ndarray, curves: dict[str, np.ndarray]) -> None:
    """Distances −2 ln F to the running reference along decoders, on a logarithmic axis.

    Args:
        depth: shape (n,).
        curves: shape (n,), by "repaired", "Petz" and "exact".
    """
    for name, values in curves.items():
        label, style = LEGAL["repair" if name == "repaired" else name]
        axes.semilogy(depth, values, label=label, **style)
    axes.set(xlabel="depth $s$ (1/damping rate)")
    axes.minorticks_off()


def purity_panel(
    axes: Axes, times: np.ndarray, exact: np.ndarray, petz: np.ndarray, repair: np.ndarray
) -> None:
    """Prices of the last step back to a pure squeezed state, against the time since; 2/t in grey.

    Args:
        times: shape (n,), positive.
        exact, petz, repair: prices along pure loss, shape (n,).
    """
    axes.loglog(times, 2.0 / times, color="0.75", linewidth=4.0)
    axes.text(times[len(times) // 4], 4.0 / times[len(times) // 4], "$2/t$", color="0.4")
    for name, values in (("repair", repair), ("Petz", petz), ("exact", exact)):
        axes.loglog(times, values, **LEGAL[name][1])
    axes.set(xlabel="time $t$ (1/damping rate)", ylabel="price (damping rates)")


def one_step_panel(axes: Axes, cov: np.ndarray, duration: float) -> None:
    """What the three legal reverses, frozen at a reference, make of the vacuum: one-sigma ellipses.

    Args:
        cov: the reference, shape (2, 2), mixed.
        duration: how long they act, in inverse damping rates.
    """
    drift, diffusion = bayes_reverse(cov)
    reverses = {
        "repair": (drift, diffusion + minimal_repair(drift)),
        "Petz": petz_reverse(cov),
        "exact": exact_reversal(cov),
    }
    axes.plot(*one_sigma_ellipse(cov).T, color="0.6", linewidth=2.5, label="reference")
    axes.plot(*one_sigma_ellipse(np.eye(2)).T, color="0.6", linestyle=":", label="vacuum")
    for name, pair in reverses.items():
        X, Y = step_channel(*pair, duration)
        axes.plot(*one_sigma_ellipse(X @ X.T + Y).T, label=LEGAL[name][0], **LEGAL[name][1])
    axes.set(xlabel="$x$ (vacuum s.d.)", ylabel="$p$ (vacuum s.d.)", aspect="equal")
    axes.set(xlim=(-4.5, 4.5), ylim=(-2.4, 4.2))
    axes.legend(loc="upper center", ncols=2)


def remark(axes: Axes, text: str) -> None:
    """A few words at the foot of a picture of phase space, in the colour of what is illegal."""
    foot = {"ha": "center", "va": "bottom", "fontsize": 7, "transform": axes.transAxes}
    axes.text(0.5, 0.03, text, foot, color=FORMAL)


def threshold_panel(axes: Axes, nu: float, r: float, nu_max: float, r_max: float) -> None:
    """One reference (ν, r) beside Theorem 1's curve, and the eigenvalue that decides about it."""
    fine = np.linspace(1.0, nu_max, 200)
    curve = critical_squeezing(fine)
    margin = bayes_cp_margin(nu, r)
    axes.fill_between(fine, curve, r_max, **BAND)
    axes.plot(fine, curve, color=THEORY, linestyle="--", linewidth=1.0)
    axes.plot(nu, r, "o", color=FORMAL if margin < 0 else REPAIRED, ms=7)
    verdict = "illegal" if margin < 0 else "legal"
    axes.set_title(rf"$\lambda_{{\min}}={margin:+.2f}$: the rewind is {verdict}")
    axes.text(0.03, 0.95, "illegal", va="top", weight="bold", transform=axes.transAxes)
    axes.text(0.97, 0.05, "legal", ha="right", weight="bold", transform=axes.transAxes)
    axes.set(xlabel=NU_LABEL, ylabel=R_LABEL, xlim=(1.0, nu_max), ylim=(0.0, r_max))


def rewind_panel(axes: Axes, cov: np.ndarray, duration: float) -> None:
    """One-sigma ellipses: a reference, the same after loss, and the vacuum after the rewind.

    Args:
        cov: the reference, shape (2, 2), at which the Bayes reverse is frozen.
        duration: how long loss and rewind act, in inverse damping rates.
    """
    vacuum = np.eye(2)
    lost = attenuate(cov, transmissivity(duration))
    X, Y = step_channel(*bayes_reverse(cov), duration)
    rewound = X @ vacuum @ X.T + Y
    for state, name, style in (
        (cov, "reference", {"color": THEORY}),
        (lost, "reference after loss", {"color": "0.6"}),
        (vacuum, "vacuum", {"color": REPAIRED, "linestyle": ":"}),
        (rewound, "vacuum after the rewind", {"color": FORMAL, "linestyle": "--"}),
    ):
        axes.plot(*one_sigma_ellipse(state).T, label=name, **style)
    area = np.linalg.det(rewound)
    kind = "no quantum state" if area < 1.0 - 1e-9 else "a quantum state"
    axes.set_title(rf"rewound vacuum: {kind}, $\det\gamma={area:.2f}$")
    axes.set(xlabel="$x$ (vacuum s.d.)", ylabel="$p$ (vacuum s.d.)", aspect="equal")
    axes.set(xlim=(-4.5, 4.5), ylim=(-2.4, 3.6))
    axes.legend(loc="upper center", ncols=2)
