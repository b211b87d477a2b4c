# ---
# jupyter:
#   jupytext:
#     cell_metadata_filter: tags,-all
#     formats: ipynb,py:percent
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 · Reversing Gaussian noise with the score is no quantum process once cosh 2r > ν
#
# Reproduces Theorem 1, Lemma 1 and the left panel of Fig. 1 of A. Fayad, *Quantum Diffusion Models: Score Reversal Is Not
# Free in Gaussian Dynamics*, arXiv:2603.06488v1, and the qualitative statements of its lay summary.
#
# Claims: `fayad-threshold`, `fayad-eigenvector`, `fayad-thermal-never-fails`, `fayad-squeezing-is-the-cause`, `fayad-lemma1`,
# `fayad-figure1-left`, `fayad-vacuum-convention`, `fayad-generator-coupling`, `summary-classical-rewind-is-free`,
# `summary-mild-states-reverse`, `summary-squeezed-states-fail`, `summary-impossible-output`
#
# **Conventions** (Heinosaari–Holevo–Wolf): $[x,p]=2i$, vacuum covariance $=1$, reference
# $\gamma(\nu,r)=\nu\,\mathrm{diag}(e^{2r},e^{-2r})$, time in units of the inverse damping rate.
#
# **Writes** the figures `01_no_go_boundary` and `01_no_go_boundary-phase_space`, the map as `.npz`, the cuts as `.csv`.
# Takes about 30 s on two cores.

# %%
import matplotlib.pyplot as plt
import numpy as np

from qdm_utils.companion import Book
from qdm_utils.companion.figures import PAGE
from qdm_utils.gaussian.covariance import check_covariance, squeezed_thermal, symplectic_eigenvalues, symplectic_form
from qdm_utils.gaussian.fock import choi_margin
from qdm_utils.gaussian.optics import optical_noising_path
from qdm_utils.gaussian.plots import FORMAL, boundary, cp_map, half_loss_panel, phase_space_panel, witness_panel
from qdm_utils.gaussian.repair import repaired_reverse
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
from qdm_utils.gaussian.score import learned_covariance
from qdm_utils.gaussian.semigroup import attenuate, attenuator, cp_margin, cp_matrix, evolve, transmissivity

# %% tags=["parameters"]
nu_max: float = 4.0  # largest thermal parameter of the map, vacuum is 1
r_max: float = 1.2  # largest squeezing of the map
n_grid: int = 161  # grid points along each axis of the map
nu_cut: float = 1.5  # thermal parameter of the cut through the threshold
n_cut: int = 9  # squeezings on that cut at which the witnesses are evaluated
n_networks: int = 4  # score networks trained at each squeezing of the cut
pair_squeezing: float = 1.5  # two-mode squeezing of the entangled pair
step: float = 1e-4  # duration of the finite reverse step, in inverse damping rates
r_data: float = 0.8  # squeezing of the pure state in the phase-space pictures
noising_time: float = 1.5  # how long that state is noised, in inverse damping rates
seed: int = 20260306  # root seed of everything random here

# %%
book = Book("01_no_go_boundary", globals())

# %% [markdown]
# ## The question
#
# The attenuator loses photons: $\dot\gamma=K\gamma+\gamma K^T+D$ with $K=-\tfrac12 1$, $D=1$. A diffusion model would undo it as
# in the classical case, with the *same* diffusion and the drift corrected by the score $\nabla\ln W=-\gamma^{-1}\xi$:
#
# $$K_\mathrm{rev}=-K-D\gamma^{-1}=\tfrac12 1-\gamma^{-1}.$$
#
# As a classical diffusion this is exact, for any reference. A quantum evolution must also be completely positive (CP):
#
# $$M(K,D)=D+i(K\sigma+\sigma K^T)\succeq0 .$$
#
# Since $K\sigma+\sigma K^T=\mathrm{tr}(K)\,\sigma$ for one mode and $\mathrm{tr}K_\mathrm{rev}=1-2\cosh(2r)/\nu$, the eigenvalues of
# $M^\mathrm{Bayes}$ are $2\cosh(2r)/\nu$ and $2-2\cosh(2r)/\nu$. **CP fails iff $\cosh2r>\nu$.**
#
# ### First, the path to be reversed: three ways to the same covariance

# %%
times = np.linspace(0.0, 3.0, 13)
start = squeezed_thermal(nu_cut, r_data)
closed = attenuate(start, transmissivity(times))
by_ode = evolve(start, attenuator(), times)
by_optics = optical_noising_path(nu_cut, r_data, transmissivity(times))
ode_gap, optics_gap = np.abs(closed - by_ode).max(), np.abs(closed - by_optics).max()
print(f"closed form against ODE {ode_gap:.0e}, against Strawberry Fields {optics_gap:.0e}")
assert max(ode_gap, optics_gap) < 1e-9

# %% [markdown]
# ### Classically the rewind is free
#
# The Bayes reverse of a covariance path retraces it exactly. Nothing here asks whether the map is a quantum one.

# %%
rewound = evolve(closed[-1], formal_reverse(start, times[-1]), times)[-1]
classical_gap = np.abs(rewound - start).max()
book.record(
    "summary-classical-rewind-is-free",
    classical_gap,
    tolerance=1e-8,
    why="error of the integrator (relative tolerance 1e-11) over 3 damping times, amplified by the reverse drift",
)

# %% [markdown]
# ## Theorem 1 on a grid
#
# $\lambda_\min(M^\mathrm{Bayes})$ is computed from the matrix at every $(\nu,r)$; the curve is drawn on top, not used.

# %%
nu, r = np.linspace(1.0, nu_max, n_grid), np.linspace(0.0, r_max, n_grid)
margin = cp_margin(*bayes_reverse(squeezed_thermal(nu[None, :], r[:, None])))
excess = np.cosh(2 * r)[:, None] - nu[None, :]
off_curve = np.abs(excess) > 1e-9  # on the curve itself the sign is a matter of rounding
wrong_side = np.mean((margin < 0)[off_curve] != (excess > 0)[off_curve])
closed_gap = np.abs(margin - bayes_cp_margin(nu[None, :], r[:, None])).max()
book.save_arrays("map", nu=nu, r=r, cp_margin=margin)
print(f"{off_curve.sum()} points, wrong side: {wrong_side:.0%}, matrix against closed form: {closed_gap:.0e}")

# %% [markdown]
# The zero of $\lambda_\min$ itself, found by bisection on the matrix for each $\nu$, against $r=\tfrac12\mathrm{arcosh}\,\nu$:

# %%
away_from_vacuum = nu[nu > 1.0]
zero_gap = np.abs(margin_zero(away_from_vacuum) - critical_squeezing(away_from_vacuum)).max()
why = "the margin is resolved to about 1e-15 and crosses zero with slope 4√(ν²−1)/ν in r"
book.record("fayad-threshold", zero_gap, tolerance=1e-10, why=why)
book.record("fayad-figure1-left", wrong_side, tolerance=0.0, why="a sign, at every grid point off the curve")
book.record("fayad-thermal-never-fails", (margin[0] >= 0).all(), why="every ν of the grid, at r = 0 exactly")
book.record("fayad-squeezing-is-the-cause", (r[(margin < 0).any(1)] > 0).all(), why="every failing point of the grid")

# %%
mild, severe = excess < -1e-9, excess > 1e-9
book.record("summary-mild-states-reverse", (margin[mild] > 0).all(), why="every grid point below the curve")
book.record("summary-squeezed-states-fail", (margin[severe] < 0).all(), why="every grid point past the curve")
sigma, u = symplectic_form(1), np.array([1, 1j]) / np.sqrt(2)
book.record("fayad-eigenvector", np.abs(sigma @ u - 1j * u).max(), tolerance=1e-15, why="exact up to rounding")
vacuum = symplectic_eigenvalues(squeezed_thermal(1.0, 0.0))[0]
book.record("fayad-vacuum-convention", vacuum, tolerance=1e-12, why="exact up to rounding")

# %% [markdown]
# ## Lemma 1: no sign convention can save it
#
# $M(-K,D)=\overline{M(K,D)}$, so the spectrum does not know the sign of the drift. Nothing in that line needs one mode or
# a physical drift: 300 random generators of one, two and three modes.

# %%
random = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
lemma_gap = 0.0
for size in (2, 4, 6):
    drift, root = random.normal(size=(2, 100, size, size))
    diffusion = root @ root.swapaxes(-1, -2)
    forward, flipped = (np.linalg.eigvalsh(cp_matrix(sign * drift, diffusion)) for sign in (1, -1))
    lemma_gap = max(lemma_gap, np.abs(forward - flipped).max())
why = "rounding of eigenvalues of size up to 30; one, two and three modes, where the source speaks of one"
book.record("fayad-lemma1", lemma_gap, tolerance=1e-12, why=why, beyond=True)

# %% [markdown]
# ## Witnesses that never form M
#
# 1. **Half of an entangled pair.** The reverse acts for a short time ε on one half of a two-mode squeezed vacuum.
#    If $\gamma_\mathrm{out}+i\sigma\oplus\sigma$ has a negative eigenvalue, the output is no state.
# 2. **Choi matrix.** The Fokker–Planck equation of $(K,D)$ as a superoperator on eight Fock levels (three qubits), exponentiated and
#    judged by Qiskit. Cutting off the ladder changes the dynamics but not the verdict: $x$ and $p$ stay independent and traceless.
#
# And a **learned drift**: networks trained by denoising score matching on samples of the Wigner function, without knowing ν or r,
# give a drift whose $\lambda_\min(M)$ is shown. A trained model meets the same wall.

# %%
r_cut = np.linspace(0.0, 2 * critical_squeezing(nu_cut), n_cut)
references = squeezed_thermal(nu_cut, r_cut)
pair = np.array([entanglement_witness(nu_cut, x, pair_squeezing, step) for x in r_cut])
choi = np.array([choi_margin(*bayes_reverse(reference), step=step) for reference in references])
network_seed = int(np.random.SeedSequence(seed).spawn(2)[1].generate_state(1)[0])
learned_cov = learned_covariance(np.repeat(references, n_networks, axis=0), network_seed)
learned = cp_margin(*bayes_reverse(learned_cov)).reshape(n_cut, n_networks)
exact = bayes_cp_margin(nu_cut, r_cut)
columns = {"r": r_cut, "closed_form": exact, "entangled_pair": pair, "choi": choi}
book.save_table({**columns, "learned_mean": learned.mean(1), "learned_sd": learned.std(1, ddof=1)}, "witnesses")

# %%
near = np.linspace(0.0, 2 * critical_squeezing(nu_cut), 8 * n_cut)
verdict_matrix = bayes_cp_margin(nu_cut, near) >= 0
verdict_choi = [choi_margin(*bayes_reverse(squeezed_thermal(nu_cut, x)), step=step) > -1e-6 for x in near]
disagree = np.mean(verdict_matrix != np.array(verdict_choi))
why = f"Fock-space generator built from (K, D) without M; a yes or no at {len(near)} points, none closer to the threshold than {np.abs(bayes_cp_margin(nu_cut, near)).min():.1g}"
book.record("fayad-generator-coupling", disagree, tolerance=0.0, why=why, beyond=True)

# %% [markdown]
# ## Pure squeezed states fail while more than half of them survives
#
# Let $a,b$ be the eigenvalues of $\gamma(0)$, $A=a-1$, $B=b-1$. Along the path CP fails iff $\eta AB+\tfrac12(A+B)<0$. A pure
# state has $AB=-(A+B)$, so it fails exactly for $\eta>\tfrac12$, whatever its squeezing.

# %%
eta = np.linspace(1e-3, 1.0, 400)
pure_r = np.array([0.25, 0.5, 0.8])
paths = {x: cp_margin(*bayes_reverse(attenuate(squeezed_thermal(1.0, x), eta))) for x in pure_r}
many = np.linspace(0.01, 2.0, 200)
half = critical_transmissivity(squeezed_thermal(1.0, many))
signs = [cp_margin(*bayes_reverse(attenuate(squeezed_thermal(1.0, many), 0.5 + shift))) for shift in (-1e-6, 1e-6)]
print(f"η* − 1/2 over 200 squeezings: at most {np.abs(half - 0.5).max():.0e}")
assert (signs[0] > 0).all()
assert (signs[1] < 0).all()
book.save_table({"eta": eta} | {f"r={x}": path for x, path in paths.items()}, "half_loss")

# %% [markdown]
# ## The figure

# %%
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(PAGE, 2.35), width_ratios=(1.15, 1, 1))
mesh = cp_map(left, nu, r, margin)
boundary(left, nu, critical_squeezing(nu))
bar = figure.colorbar(mesh, ax=left, label=r"$\lambda_{\min}$ (damping rates)")
bar.set_ticks([*np.arange(np.ceil(margin.min() / 2) * 2, 0, 2), 0, 0.5, 1])
left.set_title(r"(a) smallest eigenvalue of $M^{\mathrm{Bayes}}$")
witness_panel(middle, nu_cut, r_cut, choi, pair, learned)
middle.set_title(rf"(b) witnesses, $\nu={nu_cut:g}$")
half_loss_panel(right, eta, paths)
right.set_title("(c) half-loss, pure states")
book.save_figure(figure)

# %% [markdown]
# Dashed curve: $\cosh2r=\nu$; white: the zero of the computed $\lambda_\min$. In (b) the Choi matrix of a CP map has smallest
# eigenvalue 0, so its markers leave the axis only past the threshold. The entangled pair sees a multiple of $\lambda_\min$
# that depends on its squeezing; the sign does not. Shaded: where the reverse is not CP.
#
# ## What goes wrong, in phase space
#
# A diffusion model starts its decoder from the prior, here the vacuum, not from the reference. The vacuum saturates the uncertainty
# relation, $\det\gamma=1$, and under the Bayes reverse $\frac{d}{ds}\det\gamma=4(1-\cosh(2r)/\nu)$. Past the threshold its area
# shrinks below what any quantum state can have: **not even positivity survives, no entanglement is needed to see it.**

# %%
rates = vacuum_area_rate(*bayes_reverse(squeezed_thermal(nu[None, :], r[:, None])))
assert np.abs(rates + 4 * excess / nu[None, :]).max() < 1e-12
data = squeezed_thermal(1.0, r_data)
onset = noising_time + np.log(critical_transmissivity(data))
depths = np.linspace(0.0, noising_time, 61)
formal = evolve(np.eye(2), formal_reverse(data, noising_time), depths)
repaired = evolve(np.eye(2), repaired_reverse(data, noising_time), depths)
reference = attenuate(data, transmissivity(noising_time - depths))
check_covariance(repaired, "repaired")
areas = {name: np.linalg.det(path) for name, path in [("formal", formal), ("repaired", repaired), ("reference", reference)]}
book.save_table({"depth": depths, **areas}, "phase_space")
print(f"smallest det γ: formal {areas['formal'].min():.4f}, repaired {areas['repaired'].min():.4f}")
why = "the vacuum as input, 61 depths of one noising path; det γ ≥ 1 is the uncertainty relation of one mode"
book.record("summary-impossible-output", areas["formal"].min() < 1.0 - 1e-9, why=why, beyond=True)

# %%
figure, axes = plt.subplots(1, 4, figsize=(PAGE, 1.9), sharey=True)
shown = np.searchsorted(depths, [0.0, onset, (onset + noising_time) / 2, noising_time])
for axis, k in zip(axes, shown, strict=True):
    phase_space_panel(axis, reference[k], formal[k], repaired[k])
    axis.set_title(rf"$s={depths[k]:.2g}$, formal $\det\gamma={areas['formal'][k]:.2f}$")
    if areas["formal"][k] < 1.0 - 1e-9:
        axis.text(0.5, 0.06, "no quantum state", color=FORMAL, ha="center", transform=axis.transAxes, fontsize=7)
axes[0].set_ylabel("$p$ (vacuum s.d.)")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
book.save_figure(figure, "phase_space")

# %% [markdown]
# Grey: Wigner function of the reference, which runs from the noised state ($s=0$) back to the data (right). Ellipses at one
# standard deviation, started from the vacuum. The repaired decoder pays with extra noise, the subject of notebook 02.
#
# ## Verdict

# %%
book.verdicts()

# %% [markdown]
# **What this does not show.** The theorem speaks of one reverse, the one with the diffusion left as it was. Other drifts can
# be CP at no cost on the boundary itself (notebook 08), and extra diffusion repairs any drift (notebook 02). The phase-space
# pictures are one path, the learned scores one architecture; the theorem needs neither.
