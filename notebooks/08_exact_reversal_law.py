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
# # 08 · Reversing exactly needs no diffusion on the boundary cosh 2r = ν, little below it, and a diverging amount towards purity
#
# **The question.** Notebooks 01 to 03 keep the drift of the score reversal, and past the threshold they pay for it with noise and with
# a target that is missed. What does it cost to undo photon loss if the drift may be chosen as well?
#
# **The answer.** Every mixed Gaussian state can be led back along the path by which the loss took it, legally and without error. The least
# diffusion that this takes has a closed form: none on the boundary cosh 2r = ν of notebook 01, little below it, much past it, and an amount that
# diverges towards a pure state. Two currencies are in use. In notebook 02 a reversal *needs no extra diffusion* if it keeps to that of the loss; here
# the cost is *all* of the diffusion, as the state sees it, $\mathrm{tr}(\gamma^{-1}D')$.
#
# **How sure are we?** The law is proved below and agrees with a semidefinite program over all drifts and diffusions. It is a statement at
# one instant: a whole path costs the integral, which is positive for every path that takes any time.
#
# This goes beyond arXiv:2603.06488v1 (A. Fayad), which keeps the drift, to the law over all Gaussian reverse generators (A. Fayad, *Exact Law
# of Quantum Reversibility under Gaussian Pure Loss*, arXiv:2603.19024). Derived here anew. Read 01 to 03 first.
#
# **Conventions**: as in notebook 01. The cost of a generator is its diffusion as the reference state sees it, $\mathrm{tr}(\gamma^{-1}D')$, a rate
# in units of the damping rate.
#
# **Writes** the figure `08_exact_reversal_law`, the map as `.npz`, cuts and tables as `.csv`. Takes about 30 s on two cores.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from qdm_utils.companion import Book, sweep
from qdm_utils.companion.figures import PAGE
from qdm_utils.gaussian import (
    CERTIFIED_GAP,
    attenuate,
    cp_margin,
    critical_squeezing,
    evolve,
    exact_reversal,
    exact_reversal_cost,
    exact_reversal_sdp,
    noise_floor,
    normal_mode_costs,
    random_covariance,
    repaired_cost,
    sdp_repair_traces,
    squeezed_thermal,
    symplectic_form,
    transmissivity,
)
from qdm_utils.gaussian.plots import boundary, purity_panel, reversal_cost_map, reversal_cost_panel

# %% tags=["parameters"]
nu_max: float = 4.0  # largest thermal parameter of the map, vacuum is 1; > 1
r_max: float = 1.2  # largest squeezing of the map; > 0
n_grid: int = 201  # grid points along each axis of the map; in 3 … 2001
n_sdp: int = 15  # squeezings on each cut at which the SDP is solved; in 2 … 1000
n_references: int = 30  # random references for each number of modes; in 1 … 10000
n_alternatives: int = 2000  # random other generators held against the optimum; in 1 … 1000000
seed: int = 20260319  # root seed of everything random here; ≥ 0

# %%
book = Book("08_exact_reversal_law", globals())
children = np.random.SeedSequence(seed).spawn(4)

# %% [markdown]
# ## The law
#
# A generator $(K',D')$ undoes the attenuator at γ if $K'\gamma+\gamma K'^T+D'=-\dot\gamma=\gamma-1$. Seen from the state
# ($\gamma=\nu SS^T$), the trace of this fixes $\mathrm{tr}K'=1-c/\nu-x/2$ with $c=\cosh2r$ and $x=\mathrm{tr}(\gamma^{-1}D')$. One mode is CP
# iff $\sqrt{\det D'}\ge|\mathrm{tr}K'|$, and the means inequality gives $\nu x/2\ge\sqrt{\det D'}$. Hence $\nu x/2\ge|1-c/\nu-x/2|$, that is
#
# $$x^\star=\begin{cases}\dfrac{2(1-c/\nu)}{\nu+1}&c\le\nu\\[2mm]\dfrac{2(c/\nu-1)}{\nu-1}&c>\nu,\end{cases}\qquad D'=\tfrac{x^\star}2\,\gamma .$$
#
# Equality in the means inequality forces $D'\propto\gamma$: the optimal noise is *covariance-aligned and unique* (the drift is unique
# up to the rotation $\sigma\gamma^{-1}$ that leaves γ alone). The SDP below minimises over all $(K',D')$ and knows nothing of this.

# %%
spec = [(1.5, 0.2), (1.5, 1.0), (3.0, 0.5), (3.0, 1.5), (1.1, 0.8)]
rows = []
for nu, r in spec:
    cov = squeezed_thermal(nu, r, 0.7)
    drift, diffusion, cost = exact_reversal_sdp(cov)
    aligned = np.abs(diffusion - cost / 2 * cov).max() / np.abs(cov).max()
    undone = np.abs(drift @ cov + cov @ drift.T + diffusion - (cov - np.eye(2))).max()
    shown = {"ν": nu, "r": r, "x* closed": exact_reversal_cost(nu, r), "x* SDP": cost}
    rows.append(
        shown
        | {"D′ off alignment": aligned, "equation": undone, "λ_min(M)": cp_margin(drift, diffusion)}
    )

# %%
points = pd.DataFrame(rows)
book.save_table(points, "points")
points.style.set_uuid("points").format("{:.6f}", subset=list(shown)[2:]).format(
    "{:.0e}", subset=list(rows[0])[4:]
).hide(axis="index")

# %% [markdown]
# ### The whole plane, and the other reverse in the same currency
#
# The repair of notebook 02 keeps the Bayes drift; its cost in this currency is $(2c/\nu)\max(1,2c/\nu-1)$. Past the threshold it does
# *another job*: it misses $-\dot\gamma$ by $\Delta D^\star$, while the exact reverse stays on the path.

# %%
nu, r = np.linspace(1.0, nu_max, n_grid), np.linspace(0.0, r_max, n_grid)
cost = exact_reversal_cost(nu[None, :], r[:, None])
fixed_drift = repaired_cost(nu[None, :], r[:, None])
book.save_arrays("map", nu=nu, r=r, exact=cost, fixed_drift=fixed_drift)

# %%
c = np.cosh(2 * r)[:, None]
on_boundary = exact_reversal_cost(nu, critical_squeezing(nu))[1:]
area = np.abs(np.linalg.det(squeezed_thermal(nu[None, :], r[:, None])) - nu[None, :] ** 2).max()
mixed = np.isfinite(cost)
overpays = (fixed_drift > cost)[mixed].mean()
print(
    f"on the boundary at most {on_boundary.max():.0e}; mild phase at most {cost[c <= nu].max():.4f} (6 − 4√2 = {6 - 4 * 2**0.5:.4f})"
)
print(
    f"the fixed-drift repair costs more at {overpays:.1%} of the mixed points plotted; for every r once ν > 4 − 2√2 = {4 - 2 * 2**0.5:.4f}"
)
assert (fixed_drift > cost)[:, nu > 4 - 2 * 2**0.5].all()

# %%
cuts = {1.2: [], 2.0: [], 4.0: []}
r_cut = np.linspace(0.0, r_max, n_sdp)
for nu_cut in cuts:
    solved = sweep(exact_reversal_sdp, list(squeezed_thermal(nu_cut, r_cut)), label=f"ν={nu_cut}")
    cuts[nu_cut] = np.array([answer[2] for answer in solved])
gap = max(
    np.abs(values - exact_reversal_cost(nu_cut, r_cut)).max() for nu_cut, values in cuts.items()
)
book.save_table(
    {"r": r_cut} | {f"nu={nu_cut:g}": values for nu_cut, values in cuts.items()}, "cuts"
)
print(f"SDP against the law on {3 * n_sdp} points: {gap:.0e}")
assert gap < 10 * CERTIFIED_GAP

# %% [markdown]
# ### No other generator does better
#
# Random generators that solve the same equation; those that are CP are held against the optimum:

# %%
random = np.random.default_rng(children[0])
tried = []
for _ in range(n_alternatives):
    reference = squeezed_thermal(random.uniform(1.05, 4.0), random.uniform(0.0, 1.2))
    drift, diffusion = exact_reversal(reference)
    root = random.normal(size=(2, 2)) * random.uniform(0.0, 0.3)
    extra = random.uniform(-0.5, 2.0) * diffusion + root @ root.T
    margin = cp_margin(drift - extra @ np.linalg.inv(reference) / 2, diffusion + extra)
    tried.append((np.trace(np.linalg.solve(reference, extra)), margin))
dearer, margin = np.array(tried).T
print(
    f"{n_alternatives} others: {(margin >= 0).sum()} are CP, none of the {(dearer < 0).sum()} cheaper ones is"
)
assert not ((dearer < -1e-12) & (margin >= -1e-12)).any()

# %% [markdown]
# ## Retracing the loss to a pure squeezed state takes unbounded noise: 2/t
#
# Along pure loss from a pure squeezed state, the cost of the last step back grows as $2/t$ whatever the squeezing, and its integral
# diverges. (A device that throws its input away and prepares the state does reach it, but retraces nothing.) Fit of $x^\star=p\,t^{-q}$ over the smallest decade:

# %%
times = np.logspace(-5, 0, 101)
loss, fits = {}, []
for r_pure in (0.2, 0.8, 1.5):
    path = attenuate(squeezed_thermal(1.0, r_pure), transmissivity(times))
    loss[r_pure] = np.array([normal_mode_costs(cov)[0] for cov in path])
    (slope, level), spread = np.polyfit(np.log(times[:21]), np.log(loss[r_pure][:21]), 1, cov=True)
    fits.append(
        {
            "r": r_pure,
            "exponent": slope,
            "± exponent": spread[0, 0] ** 0.5,
            "prefactor": np.exp(level),
        }
    )

# %%
book.save_table({"t": times} | {f"r={x:g}": values for x, values in loss.items()}, "two_over_t")
pd.DataFrame(fits).style.set_uuid("fits").format(precision=5).format(
    "{:.0e}", subset=["± exponent"]
).hide(axis="index")

# %% [markdown]
# The errors are those of the fit; the departures from −1 and 2 are the next order in $t$.
#
# ## More modes: what is proved, what is observed
#
# *Proved*: with $\gamma=S(\nu_1 1\oplus\dots\oplus\nu_N 1)S^T$ (distinct $\nu_k$) the cost is the sum of one-mode laws, $c_k=\tfrac12\mathrm{tr}(S^TS)_{kk}$ in place of $\cosh2r$. For product references this is plain
# additivity. The proof is a pair of explicit points of equal value: the generator of `exact_reversal`, which puts $D'=S(\oplus_k\tfrac12
# x_k\nu_k 1)S^T$ and rotates normal modes into each other so that $M$ decouples, and the dual $Y=\oplus_k y_k\sigma$ with
# $y_k=1/(1-1/\nu_k)$ past the threshold, $-1/(1+1/\nu_k)$ below. *Observed*: the SDP agrees for two and three modes, and the cost
# *can jump* where symplectic eigenvalues coincide, namely if the modes lie on different sides of the boundary, as below.

# %%
rows = []
for modes, child in ((2, children[1]), (3, children[2])):
    covs = [random_covariance(modes, s) for s in child.spawn(n_references)]
    singles = [[random_covariance(1, s) for s in t.spawn(modes)] for t in child.spawn(n_references)]
    products = [
        np.kron(np.eye(modes), np.ones((2, 2))) * np.tile(np.vstack(parts), modes)
        for parts in singles
    ]
    for kind, group in (("product", products), ("correlated", covs)):
        values = np.array(
            [(exact_reversal_sdp(cov)[2], normal_mode_costs(cov).sum()) for cov in group]
        )
        shown = {
            "modes": modes,
            "references": kind,
            "SDPs": len(group),
            "largest cost": values[:, 0].max(),
        }
        rows.append(
            shown | {"largest relative |SDP − sum|": np.abs(values[:, 0] / values[:, 1] - 1).max()}
        )

# %%
additivity = pd.DataFrame(rows)
book.save_table(additivity, "additivity")
digits = {"largest relative |SDP − sum|": "{:.0e}", "largest cost": "{:.2f}"}
additivity.style.set_uuid("additivity").format(digits).hide(axis="index")

# %%
assert additivity["largest relative |SDP − sum|"].max() < 1e-5
beam_splitter = np.kron(np.array([[1.0, 1.0], [-1.0, 1.0]]) / np.sqrt(2.0), np.eye(2))
symplectic = np.diag(np.exp([0.9, -0.9, 0.1, -0.1])) @ beam_splitter
for spread in (0.0, 1e-6, 1e-4, 1e-2):
    cov = symplectic @ np.diag([1.8, 1.8, 1.8 + spread, 1.8 + spread]) @ symplectic.T
    speed = np.abs(exact_reversal(cov)[0]).max()
    print(
        f"ν₂ − ν₁ = {spread:g}: cost {normal_mode_costs(cov).sum():.4f}, fastest entry of the drift {speed:.1e}"
    )

# %% [markdown]
# Beside the coincidence a fast rotation between the two almost equal modes averages their vacuum noise and lowers the cost, at a speed
# $\propto1/(\nu_2-\nu_1)$; at the coincidence that rotation does nothing. Arbitrarily close to the coincidence the cheap side is out of reach of any device of bounded speed.
#
# ## Four meanings of a free rewind
#
# Theorem 1 of v1 speaks of one reversal: the drift of the score, with the diffusion that the loss had. Its introduction says so, and adds that Petz
# recovery is not contradicted. The abstract's *any Gaussian CP repair must inject extra diffusion* reads more generally, and the lay summary speaks of
# rewinding as such. At the same references past the boundary we therefore ask four questions: what must be *added* to the diffusion of the
# loss if the drift is that of the score; whether an exact reversal with another drift has *more* diffusion than the loss, $\mathrm{tr}D'>\mathrm{tr}D=2$; whether
# it has *any*; and whether a reversal along a whole path, from the noised state to the data, has any.

# %%
beside_boundary = [(1.5, 0.5), (2.0, 0.7), (4.0, 1.04)]
on_cuts = [(nu_cut, x) for nu_cut in cuts for x in r_cut if np.cosh(2 * x) > nu_cut + 1e-9]
past_points = beside_boundary + on_cuts
past_references = np.array([squeezed_thermal(*point) for point in past_points])
score_needs = sdp_repair_traces(past_references)
exact_diffusion = [exact_reversal_sdp(cov)[1:] for cov in past_references]
exact_total = np.array([np.trace(diffusion) for diffusion, _ in exact_diffusion])
exact_needs = np.array([least for _, least in exact_diffusion])
print(
    f"{len(past_points)} references past the boundary: the drift of the score needs extra "
    f"diffusion at {(score_needs > CERTIFIED_GAP).sum()}, the exact reversal has more diffusion "
    f"than the loss at {(exact_total > 2).sum()} and some diffusion at "
    f"{(exact_needs > CERTIFIED_GAP).sum()}"
)
for (nu_past, r_past), total in zip(beside_boundary, exact_total, strict=False):
    print(f"ν={nu_past:g}, r={r_past:g}: exact reversal with tr D′ = {total:.2f}, tr D = 2")

# %%
noising_time = 2.0
settings = [(1.05, 0.8), (1.5, 1.0), (2.0, 1.2)]
photons = []
for setting in settings:
    data = squeezed_thermal(*setting)
    noised = attenuate(data, transmissivity(noising_time))

    def exact(depth, data=data):
        # The integrator's last stage may sit a rounding error beyond T.
        return exact_reversal(attenuate(data, transmissivity(max(0.0, noising_time - depth))))

    depths = np.linspace(0.0, noising_time, 201)
    ends = {
        "exact": evolve(noised, exact, depths)[-1],
        "repaired": noise_floor(*setting, noising_time, n_depths=41).decoder[-1],
    }
    states = attenuate(data, transmissivity(noising_time - depths))
    along = [normal_mode_costs(state)[0] for state in states]
    row = {"ν₀": setting[0], "r₀": setting[1], "cost of the path": np.trapezoid(along, depths)}
    row["photons put back"] = np.trace(ends["exact"] - noised) / 4
    for name, end in ends.items():
        row[f"beyond the target, {name}"] = np.trace(end - data) / 4
    photons.append(row)
photons = pd.DataFrame(photons)
photons["beyond the target, exact"] = photons["beyond the target, exact"].round(8) + 0.0
photons.style.set_uuid("photons").format(precision=3).hide(axis="index")

# %% [markdown]
# So a rewind with the drift of the score always needs extra diffusion past the boundary. The exact one has $\mathrm{tr}D'=\tfrac12x^\star\mathrm{tr}\gamma=2c(c-\nu)/(\nu-1)$,
# which is *less* than the loss had where $c(c-\nu)<\nu-1$, close to the boundary, and more beyond. Diffusion of
# some amount is needed along every path that takes any time, and none at the one instant at which the path crosses the boundary. Every rewind has to put
# back the photons that were lost, which is an energy price; the repaired decoder puts in more than that, the exact one does not ($\langle n\rangle=\mathrm{tr}\gamma/4-\tfrac12$).
#
# ### Petz recovery past the boundary
#
# For the loss γ ↦ ηγ + (1−η)1 and one mode the Petz map γ ↦ XγXᵀ + Y of a reference $V$ with image $N$ has
# $X=\sqrt{\eta\,(1-1/\det V)/(1-1/\det N)}\;VN^{-1}$ and $Y=V-XNX^T$ (Lami, Das and Wilde, J. Phys. A 51, 125301, 2018). It leads the noised reference back by construction;
# whether it is legal is computed here from $Y+i(\sigma-X\sigma X^T)\succeq0$, for the references past the boundary.

# %%
eta = transmissivity(noising_time)
petz_margins = []
for cov in past_references:
    noised = attenuate(cov, eta)
    shrink = (1 - 1 / np.linalg.det(cov)) / (1 - 1 / np.linalg.det(noised))
    X = np.sqrt(eta * shrink) * cov @ np.linalg.inv(noised)
    Y = cov - X @ noised @ X.T
    sigma = symplectic_form(1)
    petz_margins.append(np.linalg.eigvalsh(Y + 1j * (sigma - X @ sigma @ X.T))[0])
petz_legal = np.array(petz_margins) > -1e-9
print(f"Petz recovery is legal at {petz_legal.sum()} of {petz_legal.size} references")

# %% [markdown]
# ## The figure

# %%
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(PAGE, 2.35), width_ratios=(1.15, 1, 1))
mesh = reversal_cost_map(left, nu, r, cost)
boundary(left, nu, critical_squeezing(nu), sides=False)
figure.colorbar(mesh, ax=left, label=r"$\log_{10} x^\star$ (damping rates)", extend="both")
left.set_title("(a) exact reversal")
reversal_cost_panel(middle, r_cut, cuts)
middle.set_title("(b) cuts")
purity_panel(right, times, loss)
right.set_title("(c) pure squeezed targets")
book.save_figure(figure)

# %% [markdown]
# (a) Bright valley: the boundary, where the exact reverse needs no diffusion. (b) Lines: the law; each dotted line is the fixed-drift repair at the
# same ν (fainter for larger ν). (c) The dips are where the path crosses the boundary, at half loss.
#
# ## What this does not show
#
# The cost is the price of one instant; what a repaired path pays in fidelity is notebook 03's subject. The
# abstract of v2 of arXiv:2603.06488 calls reversal below the boundary noiseless, that of arXiv:2603.19024 calls its cost mild and strictly
# positive; our law agrees with the latter. We do not know how their additivity and their continuous protocol treat coinciding
# symplectic eigenvalues. Petz recovery is shown to be legal; what it costs beside the exact law is not compared here. The energy that a device would draw
# is not computed, only that of the light.
#
# ## Checks and verdicts

# %%
score_pays, any_pays = score_needs > CERTIFIED_GAP, exact_needs > CERTIFIED_GAP
pays_extra = exact_total > 2
path_pays = photons["cost of the path"] > CERTIFIED_GAP
put_back = photons["photons put back"] > 1e-6
beyond = {name: photons[f"beyond the target, {name}"] > 1e-6 for name in ("repaired", "exact")}
noiseless = "no extra diffusion, drift of the score", "no diffusion at all, any drift"
book.check("fayad-no-noiseless-reversal", score_pays, setting=noiseless[0])
book.check("fayad-no-noiseless-reversal", any_pays, setting=noiseless[1])
kept = "drift of the score kept, as v1's introduction has it"
changed = "drift changed as well, the abstract read by itself"
book.check("fayad-mandatory-noise-any-drift", score_pays, setting=kept)
book.check("fayad-mandatory-noise-any-drift", pays_extra, setting=changed)
book.check("fayad-scope", petz_legal)
book.check("summary-squeezing-keeps-the-area", area)

# %%
instant = "any drift, all diffusion at one instant"
book.check("summary-no-free-rewind", score_pays, setting="drift of the score, extra diffusion")
book.check("summary-no-free-rewind", path_pays, setting="any drift, all diffusion along a path")
book.check("summary-no-free-rewind", on_boundary > CERTIFIED_GAP, setting=instant)
book.check("summary-no-free-rewind", pays_extra, setting="any drift, extra diffusion")
against_target = "photons beyond the target, drift of the score kept"
exact_law = "photons beyond the target, exact law"
put_back_setting = "light put back since the noised state"
book.check("summary-reversal-costs-energy", put_back, setting=put_back_setting)
book.check("summary-reversal-costs-energy", beyond["repaired"], setting=against_target)
book.check("summary-reversal-costs-energy", beyond["exact"], setting=exact_law)
book.verdicts()
