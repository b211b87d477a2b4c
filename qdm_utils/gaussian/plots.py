"""Pictures of the Gaussian part: functions that take arrays and an Axes and draw on it."""

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import TwoSlopeNorm

from qdm_utils.gaussian.phase_space import one_sigma_ellipse, wigner
from qdm_utils.gaussian.reversal import bayes_cp_margin, critical_squeezing

_PALETTE = sns.color_palette("colorblind")
THEORY = "black"  # closed forms are black lines, measurements coloured markers
FORMAL, REPAIRED, LEARNED = _PALETTE[3], _PALETTE[0], _PALETTE[2]
BAND = {"color": _PALETTE[3], "alpha": 0.10, "linewidth": 0}  # where the Bayes reverse is not CP
R_LABEL, NU_LABEL = "squeezing $r$", r"thermal parameter $\nu$ (vacuum: 1)"


def cp_map(axes: Axes, nu: np.ndarray, r: np.ndarray, margin: np.ndarray) -> QuadMesh:
    """λ_min over (ν, r), diverging at zero, with the measured zero contour; returns the mesh for a colour bar.

    Args:
        nu, r: grid axes, shapes (n,) and (m,).
        margin: λ_min, shape (m, n).
    """
    # The closed form never exceeds 1.
    norm = TwoSlopeNorm(vcenter=0.0, vmin=min(margin.min(), -1e-9), vmax=1.0)
    mesh = axes.pcolormesh(nu, r, margin, norm=norm, cmap="RdBu", shading="gouraud", rasterized=True)
    axes.contour(nu, r, margin, levels=[0.0], colors="white", linewidths=2.4)
    axes.set(xlabel=NU_LABEL, ylabel=R_LABEL)
    return mesh


def repair_map(axes: Axes, nu: np.ndarray, r: np.ndarray, trace: np.ndarray, exact: np.ndarray) -> QuadMesh:
    """tr ΔD* of the SDP as colours, level lines of the closed form on top; arguments as `cp_map`, traces of shape (m, n)."""
    mesh = axes.pcolormesh(nu, r, trace, cmap="Reds", vmin=0.0, shading="gouraud", rasterized=True)
    levels = axes.contour(nu, r, exact, levels=[0.5, 2.0, 5.0], colors=THEORY, linewidths=0.6)
    axes.clabel(levels, fmt="%g", fontsize=6)
    axes.set(xlabel=NU_LABEL, ylabel=R_LABEL)
    return mesh


def boundary(axes: Axes, nu: np.ndarray, r: np.ndarray) -> None:
    """Theorem 1's curve through (ν, r), both of shape (n,), with the two sides named."""
    axes.plot(nu, r, color=THEORY, linestyle="--", linewidth=1.0, label=r"$\cosh 2r = \nu$")
    axes.legend(loc="lower right", handlelength=2.2)
    box = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1.5}
    axes.text(0.05, 0.88, "not CP", transform=axes.transAxes, weight="bold", bbox=box)
    axes.text(0.66, 0.38, "CP", transform=axes.transAxes, weight="bold", bbox=box)


def witness_panel(axes: Axes, nu: float, r: np.ndarray, choi: np.ndarray, pair: np.ndarray, learned: np.ndarray) -> None:
    """Independent witnesses of the threshold against squeezing, the closed form of λ_min as a line.

    Args:
        nu: thermal parameter of the cut.
        r: squeezings, shape (n,).
        choi, pair: Choi and entangled-pair witnesses, shape (n,).
        learned: λ_min from learned scores, shape (n, networks).
    """
    fine = np.linspace(0.0, r.max(), 200)
    axes.axvspan(critical_squeezing(nu), r.max(), label="not CP", **BAND)
    axes.plot(fine, bayes_cp_margin(nu, fine), color=THEORY, label=r"$\lambda_{\min}$, closed form")
    axes.plot(r, choi, "s", color=REPAIRED, mfc="none", label="Choi matrix (Qiskit)")
    axes.plot(r, pair, "o", color=FORMAL, label="entangled pair")
    axes.errorbar(r, learned.mean(1), learned.std(1, ddof=1), fmt="^", color=LEARNED, label="learned score, sd")
    axes.axhline(0.0, color="0.6", linewidth=0.6)
    axes.set(xlabel=R_LABEL, ylabel="eigenvalue (damping rates)")
    axes.legend(loc="lower left", fontsize=6)


def half_loss_panel(axes: Axes, eta: np.ndarray, paths: dict[float, np.ndarray]) -> None:
    """λ_min against the surviving fraction for pure states; `paths` maps a squeezing to its values, shape (n,)."""
    axes.axvspan(0.5, 1.0, **BAND)
    for shade, (r, path) in zip(np.linspace(0.6, 0.0, len(paths)), paths.items(), strict=True):
        axes.plot(eta, path, color=str(shade), label=f"$r={r:g}$")
    axes.axhline(0.0, color="0.6", linewidth=0.6)
    axes.set(xlabel=r"surviving fraction $\eta$", ylabel=r"$\lambda_{\min}$ (damping rates)", xlim=(0, 1))
    axes.legend(loc="lower left")


def phase_space_panel(
    axes: Axes, reference: np.ndarray, formal: np.ndarray, repaired: np.ndarray, reach: tuple[float, float] = (3.4, 2.4)
) -> None:
    """Wigner function of the reference in grey with one-sigma ellipses: reference, formal reversal, repaired decoder.

    Args:
        reference, formal, repaired: covariances, shape (2, 2); `formal` may be no quantum state.
        reach: half-widths of the window in x and p, in vacuum standard deviations.
    """
    x, p = np.meshgrid(*(np.linspace(-half, half, 141) for half in reach))
    density = wigner(reference, x, p)
    axes.contourf(x, p, density, levels=np.linspace(0.1, 1.0, 7) * density.max(), cmap="Greys", alpha=0.55)
    axes.plot(*one_sigma_ellipse(reference).T, color="black", linewidth=0.9, label="reference")
    axes.plot(*one_sigma_ellipse(repaired).T, color=REPAIRED, linewidth=1.3, label="repaired decoder")
    axes.plot(*one_sigma_ellipse(formal).T, color=FORMAL, linewidth=1.3, linestyle="--", label="formal reversal")
    axes.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]), aspect="equal", xlabel="$x$ (vacuum s.d.)")
