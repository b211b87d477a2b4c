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
# # 04 · Brickworks of Haar gates scramble n qubits at depth 5, 13, 19, 25 for n = 4, 8, 12, 16, exactly
#
# Reproduces the part "Understanding the Noise" of the research log *Quantum Diffusion Models: First Experiments*: OTOC decay,
# saturation depth, entanglement entropy, and what follows for a curriculum.
#
# Claims: `log-otoc-limits`, `log-otoc-plateau-4q`, `log-otoc-plateau-depth-4q`, `log-otoc-no-change-after`,
# `log-otoc-saturation-4q`, `log-otoc-saturation-8q`, `log-otoc-saturation-12q`, `log-otoc-saturation-16q`,
# `log-saturation-linear`, `log-saturation-slope`, `log-page-entropy-4q`, `log-entropy-99-percent-depth`,
# `log-entropy-and-otoc-agree`, `log-curriculum-overshoot-4q`, `log-curriculum-undershoot-8q`, `log-wasted-budget`,
# `log-half-budget-scrambled`
#
# **Conventions.** Layer $l=0,1,\dots$ puts Haar gates of U(4) on the bonds $(i,i+1)$, $i=l\bmod2,\ l\bmod2+2,\dots$, open ends;
# **one depth unit is one such half-layer**. $d=2^n$, entropies in bits.
#
# **Writes** the figures `04_otoc_saturation`, `-light_cone`, `-entropy` and their numbers. Takes about two minutes on two cores.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from scipy.stats import t as student

from qdm_utils.companion import Book, sweep
from qdm_utils.companion.figures import PAGE
from qdm_utils.qubits import (
    brickwork,
    circuit_otoc,
    entanglement_growth,
    front_distribution,
    otoc_by_depth,
    otoc_exact,
    otoc_saturation_depth,
    page_entropy,
    page_purity,
    purity_by_depth,
    sampled_otoc,
    saturation_schedule,
)
from qdm_utils.qubits.scrambling_plots import entropy_panel, light_cone_panel, otoc_panel, purity_panel, saturation_panel

# %% tags=["parameters"]
qubits: list = [4, 6, 8, 10, 12, 14, 16]  # sizes at which circuits are sampled, up to 20
threshold: float = 0.9  # OTOC decay at which scrambling counts as complete
n_circuits: int = 768  # random circuits at each depth for four qubits, half as many for each further qubit
n_least: int = 12  # but at least so many
n_exact: int = 20  # largest size of the exact saturation depths
n_cone: int = 16  # size of the light-cone picture
n_states: int = 8000  # circuits of the entropy curve for four qubits, half as many for each further qubit
seed: int = 20261120  # root seed of everything random here

# %%
book = Book("04_otoc_saturation", globals())
otoc_seed, cone_seed, entropy_seed = np.random.SeedSequence(seed).spawn(3)
stated_depths = {n: int(book.claims[f"log-otoc-saturation-{n}q"].stated) for n in (4, 8, 12, 16)}

# %% [markdown]
# ## The quantity
#
# For Paulis $W$ on site 0 and $V$ on site $j\ge1$, and $W(t)=U^\dagger WU$ after depth $t$,
#
# $$C_j=1-\tfrac1d\,\mathrm{Re\,Tr}\,[\,W(t)\,V\,W(t)\,V\,],\qquad C=\frac1{n-1}\sum_{j=1}^{n-1}\overline{C_j},$$
#
# averaged over the 3×3 Paulis and over circuits. $C=0$ while $W(t)$ and $V$ commute. Averaged over a Haar gate, a pair of sites
# that is not $II$ becomes $IP$, $PI$, $PP$ with probability 3/15, 3/15, 9/15: **the support of $W(t)$ is a Markov chain on bit
# strings**, the gate nearest to $W$ (the last layer) acting first, and $C_j=\tfrac43P[\text{site }j\text{ occupied}]$. No sampling is needed.

# %%
exact = {n: otoc_by_depth(n, 2 * n)[:, 0, 1:].mean(1) for n in qubits}
small = [otoc_exact(4, depth).mean() for depth in range(14)]
print("n = 4, depth 0, 1, …:", np.round(small, 6))
gap = np.abs(np.array(small[1:5:2]) - [16 / 45, 0.7964444444]).max()
print(f"against 16/45 and .796444…: {gap:.0e}")
assert gap < 1e-9

# %% [markdown]
# ### Random circuits beside it
#
# Each marker is a mean over independent circuits with its standard error. Up to eight qubits $W(t)$ is computed in full; above, a
# Haar state replaces the trace and random signs replace the sum over $V$, which is unbiased. An even number of half-layers ends with
# gates that do not touch site 0, so the depths $2k-1$ and $2k$ have the same $C$; above eight qubits only odd ones are sampled.

# %%
depths = {n: range(2 * n + 1) if n <= 8 else [0, *range(1, 2 * n, 2)] for n in qubits}
tasks = [(n, depth, max(n_least, n_circuits >> (n - 4))) for n in qubits for depth in depths[n]]
tasks = [(*task, child) for task, child in zip(tasks, otoc_seed.spawn(len(tasks)), strict=True)]
values = sweep(lambda task: sampled_otoc(*task), tasks, label="circuits")
rows = [
    {
        "n": n,
        "depth": depth,
        "circuits": len(found),
        "exact": exact[n][depth],
        "mean": found.mean(),
        "sem": found.std(ddof=1) / np.sqrt(len(found)),
    }
    for (n, depth, *_), found in zip(tasks, values, strict=True)
]
sampled = pd.DataFrame(rows)
book.save_table(sampled, "circuits")

# %%
moving = sampled[sampled["depth"] > 0]
score = (moving["mean"] - moving["exact"]) / moving["sem"]
odds = 2 * student.sf(score.abs(), moving["circuits"] - 1)
print(f"{len(score)} points: within one standard error {np.mean(score.abs() < 1):.0%}, within two {np.mean(score.abs() < 2):.0%}")
print(
    f"mean score {score.mean():+.2f}; least likely point p = {odds.min():.1g} by Student's t, {odds.min() * len(odds):.1g} among so many"
)
assert odds.min() * len(odds) > 1e-3

# %% [markdown]
# ## Saturation depth
#
# **5, 13, 19, 25 come out exactly.** All four are odd, as they must be by the remark above.

# %%
ours = {n: otoc_saturation_depth(n, threshold) for n in range(2, n_exact + 1)}
fit = "W on site 0, V on every other site, half-layers: the only definition of the table below that gives all four"
for n in stated_depths:
    found = otoc_saturation_depth(n, threshold)
    book.record(f"log-otoc-saturation-{n}q", found, tolerance=0.0, why="exact chain, a whole number", condition=fit)
book.save_table({"n": list(ours), "depth": list(ours.values())}, "saturation")
print(ours)

# %%
size, depth = np.array(list(stated_depths)), np.array([ours.get(n, otoc_saturation_depth(n)) for n in stated_depths])
slope, offset = np.polyfit(size, depth, 1)
residual = np.abs(depth - slope * size - offset).max()
why = f"straight line through the four exact depths, largest residual {residual:.2f}; a shift of the front plus its width, see below"
book.record("log-saturation-linear", bool(residual < 1), why=why)
why = "least squares through the log's own four points gives 1.65, not the 1.5 it states; 1.5 is the limit for large n"
book.record("log-saturation-slope", slope, tolerance=0.05, why=why, verdict="source inconsistent")

# %% [markdown]
# **Slope.** Through the log's own four points it is 1.65. The limit for large $n$ *is* 1.5, for a reason: the right end of $W(t)$ advances
# with probability 12/15 and retreats with 3/15, so it moves at $v_B=3/5$ sites per half-layer, and $C=0.9$ needs it at site $0.9n$:
# depth $0.9\,n/v_B=1.5\,n$. The front's own walk (no spectrum of $2^n$ supports) follows this to hundreds of qubits. A slope of 0.5 would
# break the light cone: at the far edge $C=0$ exactly before depth $n-1$.

# %%
large = [24, 32, 48, 64, 128, 256]
walks = {n: [front_distribution(n, depth)[::-1].cumsum()[-2::-1].mean() for depth in range(n, 2 * n)] for n in large}
walk = {n: n + int(np.argmax(np.array(curve) > threshold)) for n, curve in walks.items()}
local = np.diff(list(walk.values())) / np.diff(large)
early = [otoc_by_depth(n, n - 2)[:, 0, n - 1].max() for n in (4, 6, 8, 10)]
print("front only:", walk, "local slopes", np.round(local, 3))
print("far edge before depth n−1:", early)
assert not any(early)

# %% [markdown]
# ### Other definitions
#
# The log does not say which pairs it averages, nor whether a depth unit is a half-layer. Twenty-four definitions, first depth above 0.9:

# %%
table, off = {}, {n: ~np.eye(n, dtype=bool) for n in stated_depths}
for n in stated_depths:
    spread = otoc_by_depth(n, 5 * n)
    pairs = {
        "site 0, all others": spread[:, 0, 1:].mean(1),
        "site 0, all sites": spread[:, 0].mean(1),
        "all ordered pairs": spread[:, off[n]].mean(1),
        "all pairs and i = j": spread.mean((1, 2)),
        "edge to edge": spread[:, 0, -1],
        "middle, all others": np.delete(spread[:, n // 2], n // 2, axis=1).mean(1),
    }
    for name, curve in pairs.items():
        for label, level in ((f"{threshold:g}", threshold), (f"{threshold:g} of 0.95", threshold * 0.95)):
            first = int(np.argmax(curve > level))
            table.setdefault((name, label, "half-layers"), []).append(first)
            table.setdefault((name, label, "full layers"), []).append(-(-first // 2))

# %%
definitions = (
    pd.DataFrame(table, index=[f"n = {n}" for n in stated_depths]).T.rename_axis(["pairs", "threshold", "unit"]).reset_index()
)
fits = (definitions[[f"n = {n}" for n in stated_depths]] == list(stated_depths.values())).all(axis=1)
definitions["the log's"] = np.where(fits, "all four", "")
book.save_table(definitions, "definitions")
print(f"{len(definitions)} definitions, {fits.sum()} give all four depths of the log")
assert list(np.flatnonzero(fits)) == [0]
definitions.style.set_uuid("definitions").hide(axis="index")

# %% [markdown]
# ## What "0.95 and stays" is
#
# $C$ does not stay at 0.95. At $n=4$ it is .9375 at depths 5 and 6, then goes on to $1+1/(d^2-1)=1.0039$, the value of a Haar unitary.

# %%
plateau = otoc_by_depth(4, 200)[:, 0, 1:].mean(1)
assert abs(plateau[-1] - (1 + 1 / 255)) < 1e-12
within = int(np.argmax(np.abs(plateau / plateau[-1] - 1) < 0.01))
print(
    f"C(5) = {plateau[5]:.4f}, C(8) = {plateau[8]:.4f}, C(12) = {plateau[12]:.4f}, limit {plateau[-1]:.4f}, within 1 % from depth {within}"
)
why = "C(0) = 0 exactly and the limit is 1 + 1/(4ⁿ − 1), here n = 4; less than a percent counts as 1"
book.record("log-otoc-limits", plateau[-1] - plateau[0], tolerance=0.01, why=why)
book.record(
    "log-otoc-plateau-4q", plateau[-1], tolerance=0.005, why="exact; two digits stated. .9375 is the value at depths 5 and 6"
)
book.record("log-otoc-plateau-depth-4q", within, tolerance=0.0, why="exact, a whole number; at depth 4 C is still .796")
why = "exact; half of the last digit of the stated 0.95"
book.record("log-otoc-no-change-after", plateau[12] - plateau[8], tolerance=0.005, why=why)

# %% [markdown]
# ## The figure

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 3.0), width_ratios=(1.25, 1))
marked = {n: sampled.loc[sampled["n"] == n, ["depth", "mean", "sem"]].to_numpy() for n in qubits}
otoc_panel(left, exact, marked, threshold)
left.set_title("(a) OTOC decay, site 0 against all others")
saturation_panel(right, ours, stated_depths, {n: walk[n] for n in (24, 32)})
right.set_title(f"(b) first depth with $C>{threshold:g}$")
book.save_figure(figure)

# %% [markdown]
# (a) Exact chain and random circuits on one axis. (b) The log's four depths lie on the exact ones; the dashed line is the law for
# large $n$, dotted the depth before which no signal reaches the far edge.
#
# ## Operator spreading
#
# $C_j$ over site and depth: the average, exactly, and one circuit. The dotted line is the light cone, one site per half-layer; the front
# follows the dashed one, $v_B=3/5$, and broadens like $\sqrt t$.

# %%
cone = otoc_by_depth(n_cone, 2 * n_cone)[:, 0, 1:]
one = min(n_cone, 8)
single = np.array([circuit_otoc(brickwork(one, depth, cone_seed)).numpy() for depth in range(2 * one + 1)])
book.save_arrays("light_cone", exact=cone, single=single)
figure, axes = plt.subplots(1, 2, figsize=(PAGE, 2.9))
for axis, picture, title in zip(
    axes, (cone, single), (f"(a) exact average, $n={n_cone}$", f"(b) one circuit, $n={one}$"), strict=True
):
    image = light_cone_panel(axis, picture)
    axis.set_title(title)
figure.colorbar(image, ax=axes, label="$C_j$", shrink=0.9)
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, facecolor="0.8", frameon=True)
book.save_figure(figure, "light_cone")

# %% [markdown]
# In (b) the gates of depth $t$ are the first gates of depth $t+1$. Sites next to $W$ may exceed 1: after one Haar gate $C_1=16/15$.
#
# ## Entanglement entropy, and where 3.28 bits belongs
#
# Page's mean entropy of a half chain is $[\sum_{j=k+1}^{mk}1/j-\frac{m-1}{2k}]/\ln2$ bits with $m=k=2^{n/2}$. The log's training states are
# Haar states already, whose entropy is Page's at every depth; a curve that grows must start from $|0\dots0\rangle$, as here. The mean
# purity is exact: $P_x\leftarrow\frac25(P_{x-1}+P_{x+1})$ at a gate across cut $x$.

# %%
sizes = (4, 6, 8, 10)
page = {n: page_entropy(2 ** (n // 2), 2 ** (n // 2)) for n in sizes}
haar_purity = {n: page_purity(2 ** (n // 2), 2 ** (n // 2)) for n in sizes}
tasks = [(n, 24, n // 2, n_states >> (n - 4), child) for n, child in zip(sizes, entropy_seed.spawn(len(sizes)), strict=True)]
grown = sweep(lambda task: entanglement_growth(*task), tasks[::-1], label="entropy")[::-1]
bits, purity = (
    {n: np.stack([x[k].mean(0), x[k].std(0, ddof=1) / np.sqrt(len(x[k]))], 1) for n, x in zip(sizes, grown, strict=True)}
    for k in (0, 1)
)
exact_purity = {n: purity_by_depth(n, 24)[:, n // 2] for n in sizes}
print({n: round(value, 6) for n, value in page.items()})

# %%
stages = np.arange(13)
law = 8 / 17 + 9 / 17 * 0.32 ** (stages // 2)
assert np.abs(exact_purity[4][:13] - law).max() < 1e-14
off_purity = [np.abs((purity[n][4:, 0] - exact_purity[n][4:]) / purity[n][4:, 1]).max() for n in sizes]
print("sampled purity against the recursion, largest deviation in standard errors:", np.round(off_purity, 1))
columns = {f"{name} n={n}": data[n][:, 0] for name, data in (("entropy", bits), ("purity", purity)) for n in sizes}
errors = {f"{name} sem n={n}": data[n][:, 1] for name, data in (("entropy", bits), ("purity", purity)) for n in sizes}
book.save_table({"depth": np.arange(25), **columns, **errors}, "entropy")

# %%
share = bits[4] / page[4]
reached = int(np.argmax(share[:, 0] >= 0.99))
print(
    f"share of Page's value at depth 6: {share[6, 0]:.4f} ± {share[6, 1]:.4f}, at depth {reached}: {share[reached, 0]:.4f} ± {share[reached, 1]:.4f}"
)
why = "exact; three digits stated. 3.28 bits is the half chain of eight qubits, more than the 2 bits four qubits can hold"
book.record("log-page-entropy-4q", page[4], tolerance=0.005, why=why)
why = f"half chain of {n_states} circuits from |0000⟩; a whole number, the next change is two half-layers away"
book.record("log-entropy-99-percent-depth", reached, tolerance=0.0, why=why)
agree = bool(4 <= ours[4] <= 6 and 4 <= reached <= 6)
book.record("log-entropy-and-otoc-agree", agree, why=f"OTOC at depth {ours[4]}, entropy at depth {reached}")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.7))
entropy_panel(left, bits, page, book.claims["log-page-entropy-4q"].stated)
left.set_title(r"(a) entropy from $|0\dots0\rangle$; dashed: Page")
purity_panel(right, exact_purity, purity, haar_purity)
right.set_title("(b) purity; line: exact recursion, marker: circuits")
book.save_figure(figure, "entropy")

# %% [markdown]
# Error bars are standard errors. Both curves move every second half-layer only, when a gate crosses the middle. In (b) markers end where
# they sink into the sampling noise.
#
# ## What follows for a curriculum

# %%
curriculum = np.arange(2, 13, 2)
past = float(np.mean(curriculum >= ours[4]))
why = "an exact ratio of whole numbers"
book.record("log-curriculum-overshoot-4q", curriculum[-1] / ours[4], tolerance=0.005, why=why)
book.record("log-curriculum-undershoot-8q", bool(otoc_saturation_depth(8) > curriculum[-1]), why="exact chain, depth 13")
why = "the log gives 60 % in one place and a half in another; four of six stages, 6, 8, 10 and 12, are past depth 5"
book.record("log-wasted-budget", past, tolerance=0.05, why=why, verdict="source inconsistent")
book.record("log-half-budget-scrambled", past, tolerance=0.05, why=why, verdict="source inconsistent")
plans = pd.DataFrame(
    [
        {"n": n, "saturation": otoc_saturation_depth(n), "depths": ", ".join(map(str, saturation_schedule(n)))}
        for n in (4, 6, 8, 10, 12, 16)
    ]
)
book.save_table(plans, "schedule")
plans.style.set_uuid("schedule").hide(axis="index")

# %% [markdown]
# **Recommendation.** Choose depths at equal steps of $C$, not of depth, and stop at saturation: the table's depths are where $C$ first passes
# 0.15, 0.30, … 0.90. Finer steps near the threshold, as the log proposes, would spend epochs where $C$ hardly moves; and even depths
# repeat the one before for this measure. Whether such a schedule *trains* better is another question, answered in notebook 05.
#
# ## Verdict

# %%
book.verdicts()

# %% [markdown]
# **What this does not show.** That the log measured this quantity: it is the one definition of the table that fits its four depths, and one
# sampled run cannot be told from the average (at $n=8$, depth 11, $C=.8956$). Saturation of $C$ at 0.9 is a convention, not complete
# scrambling: entropy reaches 99 % of Page's value later, and designs of higher order later still. Nothing here is about training.
