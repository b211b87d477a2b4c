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
# # 06 · The gradient variance falls like 4⁻ⁿ, not 2⁻ⁿ, and the eight-qubit wall is a ceiling of ten training states
#
# Reproduces the parts "Where It Breaks" and, as far as gradients go, "What Comes Next" and "Making It Generative" of the research log
# *Quantum Diffusion Models: First Experiments*.
#
# Claims: `log-parameters-6q`, `log-parameters-8q`, `log-trained-up-to-16q`, `log-haar-baseline-law`, `log-haar-baseline-4q`,
# `log-haar-baseline-6q`, `log-haar-baseline-8q`, `log-haar-baseline-10q`, `log-max-eval-4q`, `log-max-eval-6q`, `log-max-eval-8q`,
# `log-max-eval-10q`, `log-ratio-4q`, `log-ratio-6q`, `log-ratio-8q`, `log-ratio-10q`, `log-large-denoisers-at-chance`,
# `log-variance-law`, `log-variance-bound-4q`, `log-variance-bound-8q`, `log-variance-ratio-16`, `log-signal-halves-per-qubit`,
# `log-typical-gradient-8q`, `log-gradient-below-noise`, `log-most-gradients-vanish`, `log-gradients-exact-8q`,
# `log-flat-landscape-is-the-wall`, `log-local-cost-variance`, `log-local-cost-weaker`, `log-local-cost-necessary`,
# `log-shallow-plateau-milder`
#
# **Conventions.** $d=2^n$; $F$ is the squared overlap; the denoiser $D(\theta)$ has $L+1$ layers of $R_z R_y R_z$ and $L$ layers of CNOTs,
# an open *chain* or a *brick* pattern; the scrambler $U$ is Haar, or a brickwork of a number of half-layers. Angles are uniform on the circle.
#
# **Writes** the figures `06_barren_plateau`, `-gradients`, `-wall`, `-chance` and their numbers. Takes about a minute and a half on two cores.

# %%
import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from qdm_utils.companion import Book, sweep
from qdm_utils.companion.figures import PAGE
from qdm_utils.qubits import (
    Ansatz,
    DenoiserConfig,
    chance_fidelities,
    chance_maximum,
    fidelity,
    fit_decay,
    gradient_samples,
    gradient_variance,
    gradient_variance_law,
    haar_states,
    marginal_fidelity,
    no_free_lunch_bound,
    parameter_shift,
    signal_to_noise,
    train_denoiser,
)
from qdm_utils.qubits.gradient_plots import (
    ceiling_panel,
    histogram_panel,
    local_panel,
    maximum_panel,
    noise_panel,
    overlap_panel,
    remedy_panel,
    states_panel,
    training_panel,
    variance_panel,
)

# %% tags=["parameters"]
sizes: list = [2, 3, 4, 5, 6, 7, 8, 10]  # qubits at which gradients are sampled; 4, 8 and one more up to 6 are needed
n_draws: int = 8000  # draws of the gradient at two qubits, half as many for each further qubit
n_least: int = 256  # but at least so many
n_local: int = 8  # largest size at which the product cost is sampled
n_product: int = 32  # draws of the product cost, exact averages over inputs, at four and more qubits
n_states: int = 10  # training states, as in the log
n_law: int = 1600  # draws of the law of S states
epochs: int = 200  # Adam steps of a training
rate: float = 0.05  # learning rate
runs: int = 3  # independent trainings of eight qubits
n_eval: int = 200  # states on which an unseen scrambler is evaluated
wall_sizes: list = [4, 6, 8, 10]  # qubits of the trainings with fixed states; 8 is needed
n_chance: int = 20000  # pairs of Haar states for the chance level
seed: int = 20261121  # root seed of everything random here

# %%
book = Book("06_barren_plateau", globals())
torch.set_num_threads(1)
variance_seed, law_seed, start_seed, exact_seed, chance_seed, wall_seed, remedy_seed = np.random.SeedSequence(seed).spawn(7)

# %% [markdown]
# ## The law
#
# Around the generator $\sigma/2$ of an angle, with $a=\langle\varphi|P_+|\psi\rangle$ and $b=\langle\varphi|P_-|\psi\rangle$ the amplitudes
# in its two eigenspaces,
#
# $$\frac{\partial F}{\partial\theta}=2\,\mathrm{Im}(ab^*),\qquad \mathrm{Var}\,\frac{\partial F}{\partial\theta}=2\,\mathrm E|a|^2|b|^2
# =\frac{2}{d(d+1)}\,\mathrm E\|P_+\psi\|^2\|P_-\psi\|^2=\frac{1}{2(d+1)^2}$$
#
# for Haar input and target, **for every angle, every depth and every entangler**: about $2^{-2n-1}$. The log's $2^{-n}$ is the size of the
# *standard deviation*. Three costs are compared: the global $F$; the log's local cost, Uhlmann fidelity of the one-qubit marginals of Haar
# targets; and a local cost that knows its inputs, products of Haar qubits, averaged over them exactly:
# $F_\mathrm{loc}=\frac1n\sum_j\,(d+\|\mathrm{Tr}_j(DU)\|_F^2)/(6\cdot2^{n-1})$.

# %%
depths = {"$L=2$": lambda n: 2, "$L=6$": lambda n: 6, "$L=n$": lambda n: n}
draws = {n: max(n_least, n_draws >> (n - 2)) for n in sizes}
circuits = [(e, label) for e in ("chain", "brick") for label in depths]
scramblers = {"global": [None], "marginal": [None], "product": [2, None]}
keys = [
    (c, *k, depth, n)
    for c in scramblers
    for depth in scramblers[c]
    for k in circuits
    for n in sizes
    if c != "product" or n <= n_local
]
keys = [key for key in keys if key[0] != "product" or key[3] == 2 or key[2] == "$L=2$"]

# %%
counts = [n_product * (1 + 15 * (n < 4)) if c == "product" else draws[n] for c, *_, n in keys]
seeds = variance_seed.spawn(len(keys))
tasks = [
    (n, depths[label](n), e, c, count, child, 1, depth)
    for (c, e, label, depth, n), count, child in zip(keys, counts, seeds, strict=True)
]
found = sweep(lambda task: gradient_variance(*task), tasks[::-1], label="gradients")[::-1]

# %%
frame = pd.DataFrame(keys, columns=["cost", "entangler", "layers", "scrambler", "n"])
frame = frame.join(pd.DataFrame(found).astype(float)).assign(draws=counts)
frame["scrambler"] = frame["scrambler"].map({2.0: "depth 2"}).fillna("Haar")
book.save_table(frame, "variance")

# %%
whole = frame[frame["cost"] == "global"]
score = (whole["variance"] - whole["n"].map(gradient_variance_law)) / whole["error"]
print(
    f"{len(score)} points against 1/(2(d+1)²): mean score {score.mean():+.2f}, sd {score.std():.2f}, largest {score.abs().max():.1f}"
)
assert score.abs().max() < 6

# %%
law = np.array([(n, gradient_variance_law(n)) for n in range(2, max(sizes) + 1)])
stated = np.stack([law[:, 0], 2.0 ** -law[:, 0]], 1)
deep = np.stack([law[:, 0], 1.5 / law[:, 0] * law[:, 1]], 1)
curves = {
    key: rows[["n", "variance", "error"]].to_numpy() for key, rows in frame.groupby(["cost", "scrambler", "entangler", "layers"])
}

# %%
shallow = {
    k: curves["product", "depth 2", *k] for k in [("brick", "$L=2$"), ("chain", "$L=2$"), ("brick", "$L=n$"), ("chain", "$L=n$")]
}
shallow = {f"{e}, {label}": rows for (e, label), rows in shallow.items()}
shallow["brick, $L=2$, Haar scrambler"] = curves["product", "Haar", "brick", "$L=2$"]

# %%
figure, axes = plt.subplots(1, 3, figsize=(PAGE, 3.1), sharey=True)
variance_panel(
    axes[0], {k: curves["global", "Haar", *k] for k in circuits}, law, r"exact: $1/2(d+1)^2$", stated, "the log: $2^{-n}$"
)
variance_panel(
    axes[1], {k: curves["marginal", "Haar", *k] for k in circuits}, law, "global cost, exact", deep, "deep circuits", "0.4"
)
local_panel(axes[2], shallow, law)

# %%
titles = ("(a) global cost", "(b) the log's local cost: marginals", "(c) local cost, product inputs")
for axis, title in zip(axes, titles, strict=True):
    axis.set_title(title)
    axis.label_outer()
book.save_figure(figure)

# %% [markdown]
# Error bars are standard errors over draws; markers of one $n$ are set side by side. (a) No fit: all circuits lie on one line. (b) Flatter
# still: marginals of a Haar state are $\frac12 1$ up to $O(2^{-n/2})$, so cost and gradient are both small; deep circuits follow
# $3/(4n(d+1)^2)$ to leading order (dashed). (c) A local cost with a local scrambler (depth 2) escapes, if the denoiser's light cone is
# narrow; a CNOT chain has an $n$-wide cone in one layer, and a Haar scrambler spoils any cost.
#
# ## Slopes per qubit

# %%
rows = []
for key, data in curves.items():
    n, variance, error = data[data[:, 0] <= 6].T if key[0] == "global" else data.T
    slope, sigma, chi2 = fit_decay(n, variance, error)
    power, _, chi2_power = fit_decay(np.log2(n), variance, error)
    last, sigma_last, _ = fit_decay(*data[-3:].T)
    fits = (slope, 1.96 * sigma, chi2, power, chi2_power, last, 1.96 * sigma_last)
    rows.append((*key, f"{n[0]:.0f}…{n[-1]:.0f}", *fits))

# %%
names = "cost, scrambler, entangler, layers, fitted, slope, ± 95 %, χ², power of n, χ² power, last three, ± 95 % last"
columns = names.split(", ")
slopes = pd.DataFrame(rows, columns=columns)
book.save_table(slopes, "slopes")
slopes.style.set_uuid("slopes").hide(axis="index").format(precision=2)

# %% [markdown]
# Slopes are of $\log_2\mathrm{Var}$ by least squares, every size alike; χ² is per degree of freedom and large where the decay is no straight line,
# so the intervals are those of the points, not of a law. "Last three" fits the three largest sizes alone.

# %%
pooled = whole[whole["n"] <= 6]
slope, sigma, _ = fit_decay(pooled["n"], pooled["variance"], pooled["error"])
print(f"global cost, n ≤ 6, all circuits: slope {slope:.3f} ± {1.96 * sigma:.3f} (95 %); the log: −1; limit of large n: −2")
why = "a tenth of a bit per qubit, several standard errors; the exact law gives −2 for large n, −1 is the standard deviation's slope"
book.record("log-variance-law", slope, uncertainty=sigma, tolerance=0.1, why=why)
halving = 2 ** (slope / 2)
why = f"a tenth of what is stated; the variance falls by {2**slope:.2f} for each qubit, its root halves"
book.record("log-signal-halves-per-qubit", halving, uncertainty=np.log(2) / 2 * halving * sigma, tolerance=0.05, why=why)

# %%
at = {n: whole.loc[whole["n"] == n, "variance"].mean() for n in (4, 8)}
off = {n: np.sqrt((whole.loc[whole["n"] == n, "error"] ** 2).sum()) / (whole["n"] == n).sum() for n in (4, 8)}
for n in (4, 8):
    why = f"{at[n]:.3g} ± {off[n]:.1g}: true, and loose by a factor {2.0**-n / gradient_variance_law(n):.0f}; the exact law is the row on 2⁻ⁿ"
    book.record(f"log-variance-bound-{n}q", bool(at[n] <= 2.0**-n), why=why)

# %%
ratio = at[4] / at[8]
sigma = ratio * np.hypot(off[4] / at[4], off[8] / at[8])
why = "a tenth of the stated number; exactly (257/17)² = 228.5, whose root 15.1 is the ratio of standard deviations"
book.record("log-variance-ratio-16", ratio, uncertainty=sigma, tolerance=1.6, why=why)

# %%
marginal = slopes[slopes["cost"] == "marginal"]
straighter = marginal["χ²"] < marginal["χ² power"]
why = f"an exponential fits {straighter.sum()} of {len(marginal)} circuits better, slopes {marginal['slope'].min():.2f} … {marginal['slope'].max():.2f} per qubit; polynomial only with product inputs and a local scrambler"
book.record(
    "log-local-cost-variance", bool(straighter.mean() < 0.5), why=why, condition="marginals of Haar targets, as in the log"
)

# %%
chosen = slopes.set_index(["cost", "scrambler", "entangler", "layers"])["slope"]
one, full = chosen["product", "depth 2", "brick", "$L=2$"], chosen["product", "Haar", "brick", "$L=2$"]
full_local = chosen["product", "depth 2", "chain", "$L=n$"]
why = f"slope {one:.2f} per qubit for a brick of L = 2, {full_local:.2f} for a chain of L = n; with the global cost both have the exact law's −2, whatever the depth"
book.record(
    "log-shallow-plateau-milder",
    bool(one > full_local + 0.2),
    why=why,
    condition="for a local cost of product inputs, depth-2 scrambler",
)

# %% [markdown]
# ## Several states, one scrambler
#
# With $S$ Haar states scrambled by one Haar $U$ the gradients share that of the average $(|\mathrm{Tr}\,DU|^2+d)/(d(d+1))$, whose variance is
# $1/(2(d^2-1)(d+1)^2)$ by the second moments of the Haar measure. Hence, exactly,
#
# $$\mathrm{Var}=\frac{1}{2(d+1)^2}\Big[\frac1S+\Big(1-\frac1S\Big)\frac{1}{d^2-1}\Big].$$

# %%
law_sizes, batch = [n for n in (2, 4, 6) if n in sizes], [1, 3, 10, 30, 100]
tasks = [
    (n, 2, "chain", "global", n_law, child, s)
    for n in law_sizes
    for s, child in zip(batch, law_seed.spawn(len(batch)), strict=True)
]
tasks += [
    (n, 2, "chain", "average", max(60, n_law >> n), child)
    for n, child in zip(sizes[:-1], law_seed.spawn(len(sizes)), strict=False)
]

# %%
found = sweep(lambda task: gradient_variance(*task), tasks[::-1], label="states")[::-1]
split = len(law_sizes) * len(batch)
table = pd.DataFrame(
    [(t[0], t[6], f.variance, f.error, gradient_variance_law(t[0], t[6])) for t, f in zip(tasks[:split], found, strict=False)]
)
table.columns = ["n", "S", "variance", "error", "law"]
book.save_table(table, "states")

# %%
score = (table["variance"] - table["law"]) / table["error"]
print(f"{len(score)} points against the law: mean score {score.mean():+.2f}, largest {score.abs().max():.1f}")
assert score.abs().max() < 6

# %% [markdown]
# ### Is the gradient lost in the noise?
#
# In a fresh batch of $S$ states the gradient of the average stands against sampling noise of $\sqrt{(V-C)/S}$, $V$ and $C$ the variances for
# one state and for the average: signal to noise $\sqrt{S/(d^2-2)}\approx\sqrt S/d$ per step. A *fixed* training set has no noise: its own
# gradient is exact, and can be followed.

# %%
average = pd.DataFrame(
    [(t[0], f.variance, f.error) for t, f in zip(tasks[split:], found[split:], strict=True)], columns=["n", "C", "error"]
)
book.save_table(average, "average")
top = average["n"].map(gradient_variance_law) - average["C"]
measured = {
    s: np.stack([average["n"], r := np.sqrt(s * average["C"] / top), r * average["error"] / average["C"] / 2], 1)
    for s in (10, 1000)
}

# %%
noise_laws = {s: np.array([(n, signal_to_noise(n, s)) for n in range(2, max(sizes) + 1)]) for s in measured}
print(f"signal to noise at n = 8, {n_states} fresh states: {signal_to_noise(8, n_states):.4f}")
why = f"exact ratio {signal_to_noise(8, n_states):.4f}, sampled up to n = {average['n'].max()}; the training set's own gradient has no noise"
fresh_only = "as an estimate of the average over Haar states, one fresh batch"
book.record("log-gradient-below-noise", bool(signal_to_noise(8, n_states) <= 1), why=why, condition=fresh_only)

# %%
child = law_seed.spawn(4)
samples = {n: gradient_samples(n, n, "chain", "global", n_least, seed, n_states) for n, seed in ((4, child[0]), (8, child[1]))}
single = {n: gradient_samples(n, n, "chain", "global", n_least, seed) for n, seed in ((4, child[2]), (8, child[3]))}
scaled = {f"$n={n}$, $S=1$": single[n].flatten().numpy() / gradient_variance_law(n) ** 0.5 for n in single}
scaled[f"$n=8$, $S={n_states}$"] = samples[8].flatten().numpy() / gradient_variance_law(8, n_states) ** 0.5

# %%
squares = samples[8].square().flatten(1).mean(1)
typical = squares.mean().sqrt().item()
sigma = squares.std().item() / n_least**0.5 / (2 * typical)
why = f"half of the last digit stated; one state gives {gradient_variance_law(8) ** 0.5:.5f}, not .004 = 2⁻⁸ either, and ten states average that down"
book.record(
    "log-typical-gradient-8q",
    typical,
    uncertainty=sigma,
    tolerance=0.0005,
    why=why,
    condition="mean over ten states, as in the log's loss",
)

# %%
sizes_84 = gradient_samples(4, 6, "chain", "global", n_least, start_seed, n_states).abs().flatten(1)
share = (sizes_84.median(1).values / sizes_84.amax(1)).numpy()
print(
    f"median over largest of the 84 components: {share.mean():.3f} ± {share.std():.3f} (sd over draws), below 0.1 in {np.mean(share < 0.1):.1%}"
)
why = f"median over largest component is {share.mean():.2f} (sd {share.std():.2f} over draws): ordinary scatter of one distribution, no group of idle angles"
book.record("log-most-gradients-vanish", bool(share.mean() < 0.1), why=why)

# %%
figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.6))
rows = {n: table.loc[table["n"] == n, ["S", "variance", "error"]].to_numpy() for n in law_sizes}
states_panel(axes[0], rows, {n: np.array([(s, gradient_variance_law(n, int(s))) for s in range(1, 101)]) for n in law_sizes})
axes[0].set_title("(a) $S$ states, one scrambler")
histogram_panel(axes[1], scaled)
axes[1].set_title("(b) gradient components")
noise_panel(axes[2], noise_laws, measured)
axes[2].set_title("(c) signal to noise per step")
book.save_figure(figure, "gradients")

# %% [markdown]
# (b) $2\,\mathrm{Im}(ab^*)$ of two independent complex Gaussians is Laplace distributed; the mean over ten states is nearly normal.
#
# ### The gradients themselves are right

# %%
ansatz, child = Ansatz(8, 8), exact_seed.spawn(2)
theta = ansatz.random_angles(1, child[0])[0].requires_grad_()
inputs, targets = haar_states(2 * n_states, 8, child[1]).view(2, n_states, -1)
fidelity(ansatz.apply(theta, inputs), targets).mean().backward()
shifted = parameter_shift(lambda angles: fidelity(ansatz.apply(angles, inputs), targets).mean(-1), theta.detach())
gap = (shifted - theta.grad).abs().max().item()
book.record(
    "log-gradients-exact-8q", gap, tolerance=1e-12, why="rounding of float64 over 216 components; both are exact formulas"
)
print(f"squared overlap: parameter shift − adjoint {gap:.1e}")

# %%
turned = theta.detach().requires_grad_()
marginal_fidelity(ansatz.apply(turned, inputs), targets).mean().backward()
shifted = parameter_shift(lambda angles: marginal_fidelity(ansatz.apply(angles, inputs), targets).mean(-1), theta.detach())
wrong = ((shifted - turned.grad).norm() / turned.grad.norm()).item()
print(f"marginal fidelity, not linear in ρ: parameter shift is off by {wrong:.0%} of the gradient's norm")
for n, layers in ((6, 6), (8, 8)):
    count = Ansatz(n, layers).parameter_count
    book.record(f"log-parameters-{n}q", count, tolerance=0.0, why="3n(L + 1), a whole number")

# %% [markdown]
# ## What guessing gives
#
# The squared overlap of a fixed and a Haar state is Beta$(1,d-1)$: mean $1/d$, standard deviation nearly as large. The log reports the
# **largest** of its evaluations, each a mean over 50 states, one for each of six depths. For a denoiser that does nothing that maximum is
# expected above $1/d$:

# %%
chance_sizes = (4, 6, 8, 10)
pair_seeds, maximum_seeds = (child.spawn(4) for child in chance_seed.spawn(2))
overlaps = {n: chance_fidelities(n, n_chance >> (n - 4) // 2, child) for n, child in zip(chance_sizes, pair_seeds, strict=True)}
baseline = np.array([(n, x.mean(), x.std(ddof=1) / len(x) ** 0.5) for n, x in overlaps.items()])

# %%
maxima = {n: chance_maximum(n, 50, 6, n_chance, child) for n, child in zip(chance_sizes, maximum_seeds, strict=True)}
expected = np.array([(x.mean(), x.std(ddof=1)) for x in maxima.values()])
log_maxima = np.array([book.claims[f"log-max-eval-{n}q"].stated for n in chance_sizes])
log_scores = (log_maxima - expected[:, 0]) / expected[:, 1]

# %%
columns = {"n": chance_sizes, "1/d": [2.0**-n for n in chance_sizes], "sampled": baseline[:, 1], "sem": baseline[:, 2]}
table = pd.DataFrame(
    columns | {"expected maximum": expected[:, 0], "sd": expected[:, 1], "the log": log_maxima, "score": log_scores}
)
book.save_table(table, "chance")
table.style.set_uuid("chance").hide(axis="index").format(precision=5).format("{:+.1f}", subset=["score"])

# %%
gaps = np.abs(baseline[:, 1] - 2.0 ** -baseline[:, 0])
worst = int(np.argmax(gaps))
why = "four standard errors of the largest deviation; the mean of Beta(1, d − 1) is 1/d exactly"
book.record("log-haar-baseline-law", gaps[worst], uncertainty=baseline[worst, 2], tolerance=4 * baseline[worst, 2], why=why)
for n, mean, sem in baseline:
    why = "half of the last digit stated and three standard errors of our sample; exactly 1/d"
    book.record(f"log-haar-baseline-{n:.0f}q", mean, uncertainty=sem, tolerance=0.0005 + 3 * sem, why=why)

# %%
nothing = "if nothing was learned for the states and scramblers it was evaluated on"
why = "two standard deviations of the maximum of six chance-level evaluations of 50 states, and half of the last digit stated"
for n, (mean, sd), digit in zip(chance_sizes, expected, (1e-3, 1e-3, 1e-3, 1e-4), strict=True):
    book.record(f"log-max-eval-{n}q", mean, uncertainty=sd, tolerance=2 * sd + digit / 2, why=why, condition=nothing)
    tolerance = 2**n * (2 * sd + digit / 2)
    book.record(f"log-ratio-{n}q", 2**n * mean, uncertainty=2**n * sd, tolerance=tolerance, why=why, condition=nothing)

# %%
far = np.abs(log_maxima - expected[:, 0]) < 2 * expected[:, 1] + np.array([5e-4, 5e-4, 5e-4, 5e-5])
why = f"all four stated maxima lie within chance: scores {', '.join(f'{s:+.1f}' for s in log_scores)} for 4, 6, 8, 10 qubits"
book.record("log-large-denoisers-at-chance", bool(far[2:].all()), why=why, beyond=bool(far.all()))
why = "the log gives denoising fidelities for 4, 6, 8 and 10 qubits; up to 16 it characterises the scrambling only"
book.record("log-trained-up-to-16q", max(chance_sizes), tolerance=0.0, why=why, verdict="source inconsistent")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 2.6))
overlap_panel(left, {n: overlaps[n] for n in (4, 6, 8)})
left.set_title("(a) overlap of independent Haar states")
scale = 2.0 ** np.array(chance_sizes)
maximum_panel(right, chance_sizes, expected * scale[:, None], log_maxima * scale, "chance: largest of 6 means of 50")
right.set_title("(b) best evaluations")
book.save_figure(figure, "chance")

# %% [markdown]
# In (b) one bin of rounding is wide: the log's .004 at eight qubits stands for anything from .90 to 1.15 times chance.
#
# ## The wall
#
# The log's setting: ten fixed Haar states, a scrambler of depth 12, chain, exact gradients, Adam. Whoever learns $S$ pairs of a Haar unitary
# *perfectly* still has on average only $\mathrm E F\le(S^2+d+1)/(d(d+1))$ on other states: the quantum no-free-lunch theorem.

# %%
shapes = {4: (6, 4 * runs), 6: (6, 2 * runs), 8: (8, runs), 10: (10, max(2, runs // 2))}
fixed = DenoiserConfig(depths=(12,), epochs=epochs, n_states=n_states, learning_rate=rate, eval_every=20, n_eval=n_eval)
tasks = [
    dataclasses.replace(fixed, n=n, layers=shapes[n][0], seeds=shapes[n][1], seed=child)
    for n, child in zip(wall_sizes, wall_seed.spawn(len(wall_sizes)), strict=True)
]

# %%
trained = dict(zip(wall_sizes, sweep(train_denoiser, tasks[::-1], label="training")[::-1], strict=True))
measures = ("train_fidelity", "average_fidelity", "fresh_fidelity")
ends = {n: np.stack([r.last(measure)[:, 0] for measure in measures]) * 2**n for n, r in trained.items()}
means = {n: np.stack([x.mean(1), x.std(1, ddof=1) / x.shape[1] ** 0.5], 1) for n, x in ends.items()}

# %%
ceiling = np.array([no_free_lunch_bound(n_states, 2**n) * 2**n for n in wall_sizes])
for n in wall_sizes:
    print(
        f"n = {n}: training {means[n][0, 0]:.1f} × chance, held out {means[n][1, 0]:.3f} ± {means[n][1, 1]:.3f}, unseen scrambler {means[n][2, 0]:.3f} ± {means[n][2, 1]:.3f}, ceiling {no_free_lunch_bound(n_states, 2**n) * 2**n:.2f}"
    )

# %%
eight = trained[8]
lowest = float(ends[8][0].min())
why = f"training reaches {means[8][0, 0]:.0f} ± {means[8][0, 1]:.0f} times chance in every run, held out stays at {means[8][1, 0]:.2f}: ten states cannot teach more than {no_free_lunch_bound(n_states, 256) * 256:.2f}"
book.record("log-flat-landscape-is-the-wall", bool(lowest < 2.0), why=why, condition="ten fixed states, as in the log")

# %% [markdown]
# Held out is the exact average over Haar states under the scrambler trained on; unseen is another one, on sampled states. At four qubits the first is
# well above chance, so the log's .072 fits an evaluation on scramblers that training had not met. At eight qubits ten states teach nothing
# about others, **however well they are learned**: more gradient would not help.
#
# Fresh batches meet the true plateau (signal to noise .012 a step). Do the usual remedies help? Held-out overlap is the exact average over
# Haar states, for the log's deepest scrambler and for a shallow one that brick CNOTs can undo.

# %%
ways = {
    "global cost, ten fixed Haar states": {},
    "small initial angles": {"start": "small"},
    "layer by layer": {"start": "layerwise"},
    "fresh Haar states": {"fresh_batch": True},
    "marginals of Haar states": {"cost": "marginal"},
    "ten product states, local cost": {"states": "product", "cost": "marginal"},
    "fresh product states, local cost": {"states": "product", "cost": "marginal", "fresh_batch": True},
}

# %%
grounds = {"depth 12, chain": ("chain", 12), "depth 2, brick": ("brick", 2)}
tasks = [
    dataclasses.replace(fixed, n=8, layers=8, entangler=e, depths=(depth,), seeds=runs, seed=child, eval_every=epochs, **way)
    for (e, depth), child in zip(grounds.values(), remedy_seed.spawn(2), strict=True)
    for way in ways.values()
]
found = sweep(train_denoiser, tasks, label="remedies")
final = np.array([r.last("average_fidelity")[:, 0] for r in found]).reshape(2, len(ways), runs) * 256
remedies = dict(zip(grounds, final, strict=True))

# %%
table = pd.DataFrame(
    {name: [f"{x.mean():.2f} ± {x.std(ddof=1) / runs**0.5:.2f}" for x in values] for name, values in remedies.items()},
    index=list(ways),
)
book.save_arrays("remedies", **{name.replace(", ", "_").replace(" ", "_"): values for name, values in remedies.items()})
table.rename_axis("held-out overlap / chance").reset_index().style.set_uuid("remedies").hide(axis="index")

# %%
figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.8), width_ratios=(1, 0.85, 0.85))
seen = np.isfinite(eight.average_fidelity[0])
curves = dict(
    zip(("training states", "held out", "unseen scrambler"), (getattr(eight, m).T[seen] for m in measures), strict=True)
)

# %%
training_panel(axes[0], np.flatnonzero(seen), curves, 2.0**-8, no_free_lunch_bound(n_states, 256))
axes[0].set_title("(a) $n=8$, ten fixed states")
ceiling_panel(axes[1], wall_sizes, *(np.array([means[n][k] for n in wall_sizes]) for k in (0, 1)), ceiling)
axes[1].set_title("(b) where training ends")
remedy_panel(axes[2], [name.replace(", ", ",\n") for name in ways], remedies)
axes[2].set_title("(c) remedies, $n=8$")
book.save_figure(figure, "wall")

# %% [markdown]
# ### Why small angles do not help here
#
# With Haar input and target the law holds for *any* distribution of angles, so no initialisation changes the global cost's variance. It can
# with a local cost and a local scrambler:

# %%
spreads, size = {"uniform": 2 * np.pi, "within ±0.1": 0.2}, max(n for n in sizes if n <= 6)
cases = [(c, depth, e) for c, depth in (("global", None), ("product", 2)) for e in ("chain", "brick")]
tasks = [
    (size, 6, e, c, n_least if c == "global" else n_product, child, 1, depth, spread)
    for c, depth, e in cases
    for spread, child in zip(spreads.values(), start_seed.spawn(2), strict=True)
]

# %%
found = sweep(lambda task: gradient_variance(*task), tasks, label="starts")
starts = pd.DataFrame(
    [(t[3], t[2], *(f"{v.variance:.2g} ± {v.error:.1g}" for v in found[2 * k : 2 * k + 2])) for k, t in enumerate(tasks[::2])]
)
starts.columns = ["cost", "entangler", *spreads]
starts.style.set_uuid("starts").hide(axis="index")

# %% [markdown]
# ### What a local cost cannot see
#
# $(|0\dots0\rangle\pm|1\dots1\rangle)/\sqrt2$ are orthogonal and share every one-qubit marginal.

# %%
cats = torch.zeros(2, 256, dtype=torch.complex128)
cats[:, 0], cats[0, -1], cats[1, -1] = 0.5**0.5, 0.5**0.5, -(0.5**0.5)
blind, apart = marginal_fidelity(cats[0], cats[1]).item(), fidelity(cats[0], cats[1]).item()
why = f"two cat states of eight qubits: marginal fidelity {blind:.12g}, squared overlap {apart:.0e}"
book.record("log-local-cost-weaker", bool(abs(blind - 1) < 1e-12 and apart < 1e-12), why=why)

# %%
deepest, easy = (dict(zip(ways, values, strict=True)) for values in remedies.values())
base = deepest["global cost, ten fixed Haar states"].max()
helped = [name for name in ("marginals of Haar states", "layer by layer") if deepest[name].min() > base]
gain = easy["ten product states, local cost"].mean()
why = f"neither lifts every run above the global cost's best at depth 12; with product inputs and a depth-2 scrambler a local cost reaches {gain:.0f} times chance, the global one stays at {easy['global cost, ten fixed Haar states'].mean():.2f}"
book.record(
    "log-local-cost-necessary", bool(helped), why=why, condition="the log's marginals of Haar states, or layer by layer, depth 12"
)

# %% [markdown]
# **So:** local costs do matter, but not the log's. What works is a local cost on inputs that are known and local, a scrambler no deeper than
# the denoiser can undo, and CNOTs whose light cone stays narrow.
#
# ## Verdict

# %%
book.verdicts()

# %% [markdown]
# **What this does not show.** That the log's table came from chance evaluations: its maxima are what chance gives, which is as much as its
# numbers can say. Variances are those of random initial angles and say nothing of the landscape around a solution. The trainings are short,
# with one learning rate; longer ones memorise more, and the ceiling for other states stays. That ceiling is for Haar-like scramblers: a
# shallow one may be found by any cost, sooner with fewer qubits. Shot noise, which would add $1/\sqrt{\text{shots}}$
# to every component, is left out: the log's simulation had none.
