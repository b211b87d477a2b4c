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
# # 09 · The portrait of a single state says little about what was done to it
#
# **The question.** The research log *Quantum Diffusion Models: First Experiments* scrambles a state of four qubits with a random
# circuit, trains a second circuit (the denoiser) to undo the scrambling, and prints portraits of single states: their density
# matrix, their Wigner function (a quasi-probability that may turn negative), the information that pairs of qubits share, and how
# entangled the two halves are. It reads from these pictures what scrambling destroys and what the denoiser learns. Do the pictures
# carry these conclusions?
#
# **The answer.** Mostly not. The seven numbers that the research log quotes for single states come out here, but random states show them as well.
# At the depths shown its denoiser reached a fidelity $F$ (squared overlap with the original) of at best 0.29. A state with this fidelity that is
# random in every other respect has on average the same portraits to within a few per cent: the moduli recover as much, the phases are as nearly random, and the pair of
# qubits that shared most leads again in about one state of five. The pictures show the fidelity, not what the circuit learned.
#
# ![Seven rows of histograms, each with a triangle for the number of the research log inside the grey histogram of random states](../figures/09_state_portraits.png)
#
# **Figure 1. The research log's seven numbers (triangles) are ordinary draws of random states (grey).** (a) Share of negative values of the Wigner function. (b) Mutual
# information of one pair of qubits: the pair that shares most in the original or in the scrambled state, and the same pair after denoising. Grey: random states, for denoised rows states with the
# fidelity of the denoised ones that are random otherwise; black: their central 95 %. Blue: our states, made from originals that are random themselves, as in the research log (solid, 1,280 states; for originals that curve is the grey one itself), or from low-entangled ones (dashed). (Published run,
# computed again below.)
#
# **How sure are we?** Every statement about denoised states rests on 128 denoisers, each with ten training states and a scrambler of its own,
# stopped at the research log's fidelity, and is compared with 10,000 random states or with random states of that fidelity. Means over states are known to a few per cent; single states
# scatter far more, which is the point. The assumption that matters most is that the states shown are training states, on which the denoiser was as good as the
# research log's best training fidelity says. On a held-out state it would be close to chance, and its portrait that of an unrelated random state; with a better denoiser more would be restored (Figure 4).
# Seven verdicts hinge on what the research log leaves open, such as which of ten training states is shown.
#
# *After the research log, parts "The Idea", "What a Quantum State Looks Like" and "How Qubits Talk to Each Other". Read notebook 05 first, which explains the
# denoiser and its fidelities. About two minutes on two cores.*

# %%
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from qdm_utils import optimise, qubits
from qdm_utils.companion import Book
from qdm_utils.companion.figures import PAGE, explore
from qdm_utils.qubits import denoising, portraits, states
from qdm_utils.qubits.portraits import plots

# %% tags=["parameters"]
layers: int = 6  # entangling layers of the denoiser; in 1 … 100
n_states: int = 10  # training states of one denoiser; in 1 … 1000
n_draws: int = 128  # denoisers, each with states and a scrambler of its own; in 2 … 10000
epochs: int = 200  # epochs of training on one scrambler; ≥ 2
learning_rate: float = 0.01  # of Adam, constant, small enough to stop near a fidelity; > 0 and ≤ 1
slow_epochs: int = 100  # epochs of the control with a decaying rate; ≥ 1
slow_decay: float = 8.0  # epochs in which that rate falls by a factor e; > 0
deep: int = 24  # depth of a scrambler that has certainly saturated; in 9 … 1000
n_haar: int = 10000  # states that make up the reference ensembles; in 100 … 1000000
n_chance: int = 2500  # states on the curve of what fidelity alone gives; ≥ 2 and ≤ n_haar
seed: int = 20260306  # root seed of everything random here; ≥ 0

# %%
book = Book("09_state_portraits", globals())
n, d = 4, 16  # qubits, dimension
seeds = np.random.SeedSequence(seed).spawn(40)
haar_seed, product_seed, shallow_seed, size_seed, large_seed, *_ = seeds
own_seed, own_scrambler = seeds[22:24]

# %% [markdown]
# ## Random states already have these portraits
#
# A pure state of $n$ qubits has $d=2^n$ amplitudes $\psi_i$, and qubit 0 is the most significant bit of $i$. Its density matrix has the entries $\rho_{ij}=\psi_i\psi_j^*$,
# so the heatmap of $|\rho_{ij}|=|\psi_i||\psi_j|$ shows the moduli of one vector, twice. The *mutual information* of two qubits is the sum of their entropies less the entropy of
# the pair, in bits, and the *leading pair* is the one that shares most. The *Schmidt spectrum* $\lambda_1\ge\lambda_2\ge\dots$ holds the eigenvalues of the state of qubits 0 and 1; they sum to 1,
# and $\lambda_1=1$ means that the two halves are not entangled.
#
# The *discrete Wigner function* needs a choice. As in the research log each qubit has four points, labelled by two signs $s$ and $s'$, with the kernel $\frac12(1+sX+s'Y+ss'Z)$ made of Pauli
# matrices. The value at a point of $n$ qubits is the expectation value of a tensor product of such kernels, divided by $d$. This is all of it:

# %%
one, X, Y, Z = (pauli.numpy() for pauli in states.PAULIS)
psi = states.haar_states(1, n, own_seed)[0].numpy()
W = []
for s in product((1, -1), repeat=n):
    for t in product((1, -1), repeat=n):  # t stands for s′
        kernel = np.eye(1)
        for a, b in zip(s, t, strict=True):
            kernel = np.kron(kernel, (one + a * X + b * Y + a * b * Z) / 2)
        W.append((psi.conj() @ kernel @ psi).real / d)
W = np.array(W)
assert np.abs(W - portraits.discrete_wigner(torch.from_numpy(psi)).numpy()).max() < 1e-15
print(f"ΣW = {W.sum():.3f}, Σ|W|/ΣW = {np.abs(W).sum():.3f}, negative: {(W < 0).sum()} of {W.size}")

# %% [markdown]
# A Wigner function that is a probability distribution has $\Sigma|W|/\Sigma W=1$; the more it exceeds 1, the larger is the negative part. We ask for these numbers in three ensembles of 10,000 states. *Haar* states are
# uniformly random. The research log trains on them, and **they are the originals of this notebook**. *Low-entangled* states come from a brickwork of random two-qubit gates, two half-layers deep, on $|0000\rangle$. They look more like
# the research log's pictures, and every statement is repeated for them as a second setting. *Products* of random qubits have no entanglement at all.

# %%
haar = states.haar_states(n_haar, n, haar_seed)
shallow = qubits.brickwork(n, 2, shallow_seed, count=n_haar).apply(states.zero_states(1, n))[:, 0]
ensembles = {"Haar": haar, "low-entangled": shallow}
ensembles["product"] = states.product_states(n_haar, n, product_seed)
numbers = {name: portraits.state_portrait(sample) for name, sample in ensembles.items()}
bits = portraits.pair_information(portraits.mutual_information(haar))
haar_spectrum = states.schmidt_spectrum(haar, 2).mean(0).numpy()


def central(sample, digits=2):
    """The central 95 % of single states, in words."""
    low, high = np.quantile(sample.flatten(), plots.CENTRAL)
    return f"{low:z.{digits}f} to {high:z.{digits}f}"


named = {
    "negative": "share of negative values",
    "norm": "Σ|W|/ΣW",
    "bits": "bits of the leading pair",
    "schmidt": "λ₁ of the middle cut",
    "entropy": "entropy of the middle cut, bits",
}
shown = {
    name: [f"{found[key].mean():z.3f} ({central(found[key], 3)})" for key in named]
    for name, found in numbers.items()
}
print("mean (central 95 % of single states)")
pd.DataFrame(shown, index=list(named.values())).style.set_uuid("reference")

# %% [markdown]
# Some of these means are known without sampling: those of the Wigner function from the kernel's eigenvalues $\frac12(1\pm\sqrt3)$, the entropy from Page's formula. The sampled ones agree.

# %%
exact = {
    ("Haar", "negative"): portraits.haar_negativity(n)[0],
    ("Haar", "norm"): portraits.haar_negativity(n)[1],
    ("Haar", "entropy"): states.page_entropy(4, 4),
    ("product", "negative"): portraits.product_negativity(n)[0],
    ("product", "norm"): portraits.product_negativity(n)[1],
}
rows = []
for name, key in product(numbers, named):
    x = numbers[name][key]
    spread = x.mean().item(), x.std().item(), *np.quantile(x, plots.CENTRAL)
    rows.append((name, key, *spread, exact.get((name, key), np.nan)))
head = ["ensemble", "number", "mean", "sd", "2.5 %", "97.5 %", "exact mean"]
reference = pd.DataFrame(rows, columns=head)
book.save_table(reference, "reference")
off = (reference["mean"] - reference["exact mean"]).abs() / (reference["sd"] / n_haar**0.5)
print(f"{len(exact)} exact means, at most {off.max():.1f} standard errors from the sampled ones")
assert off.max() < 5
lowest = portraits.discrete_wigner(haar).amin(-1)
print(f"negative somewhere: {(lowest < 0).sum()} of {n_haar} Haar states")

# %% [markdown]
# **The share of negative values hardly depends on entanglement**: on average it is 4/9, or 44.4 %, for products of random qubits and 45.0 % for Haar
# states. The size of the negative part does tell them apart: $\Sigma|W|/\Sigma W$ is 16/9, or 1.78, for products on average and 2.91 for Haar states. Low-entangled states lie between. Nor is negativity rare or precious: every Haar
# state has some, and a Bell pair, which a classical computer simulates with ease, is negative at a quarter of its points.
#
# ## A denoised state has the portraits of any state of its fidelity
#
# As in the research log, a denoiser has 84 angles and ten fixed training states, and Adam lowers the mean infidelity with one scrambler, a brickwork of random
# gates whose *depth* is its number of half-layers. Notebook 05 shows that such a denoiser, given time, reaches a fidelity of 0.66; the research log's best values are 0.286 at depth 6 and
# 0.205 at depth 8. How good the denoiser is decides what a portrait of its output looks like. **We therefore stop each training as soon
# as the mean fidelity of its ten states first reaches the research log's value**, at a small learning rate, so that the stop overshoots little. As a control, a second training runs to its end with the falling
# learning rate that notebook 05 declares because it comes close to the research log, $0.04\cdot0.8^{k}\,e^{-\mathrm{epoch}/8}$ in stage $k$ ($k=2$ at depth 6, 3 at depth 8).
#
# The control that matters is a *chance state*: a state with the fidelity of the denoised one that is Haar-random in every other respect. On it nothing was trained. For one original and $F=0.286$:

# %%
original, random_state = haar[0], states.haar_states(1, n, own_seed)[0]
orthogonal = random_state - (original.conj() @ random_state) * original
chance_state = 0.286**0.5 * original + (1 - 0.286) ** 0.5 * orthogonal / orthogonal.norm()
print(f"fidelity with the original {(original.conj() @ chance_state).abs() ** 2:.3f}")
same = portraits.chance_states(original[None], torch.tensor([0.286]), own_seed)[0]
assert (same - chance_state).abs().max() < 1e-7

# %% [markdown]
# Now the trainings: 128 denoisers for each kind of original and each depth. For every denoised training state one chance state of the same fidelity is drawn. For comparison we keep the end of the
# first training and *held-out* states, which were scrambled and denoised by the same circuits but not trained on.

# %%
AT_LOG, SLOW, CHANCE = "research log's F", "decaying rate", "chance, same F"
END, HELD = "end of training", "held out"
log_fidelity = {6: 0.286, 8: 0.205}  # the research log's best training fidelity at these depths
slow_rate = {6: 0.04 * 0.8**2, 8: 0.04 * 0.8**3}  # third and fourth stage of the falling rate
low_seed, original_seed, *loop_seeds = seeds[5:19]
ansatz = qubits.Ansatz(n, layers)
count, shape = 2 * n_draws * n_states, (2, n_draws, n_states, d)  # first axis: training, held-out
two_layers = qubits.brickwork(n, 2, low_seed, count=count)
originals = {
    "Haar": states.haar_states(count, n, original_seed).reshape(shape),
    "low-entangled": two_layers.apply(states.zero_states(1, n)).reshape(shape),
}
settings = [(kind, depth) for kind in originals for depth in log_fidelity]
each_draw = torch.arange(n_draws)
trios, angles, stops = {}, {}, {}
for setting, three in zip(settings, np.reshape(loop_seeds, (4, 3)), strict=True):
    kind, depth = setting
    scrambler_seed, angle_seed, chance_seed = three
    known, held = originals[kind]
    scrambler = qubits.brickwork(n, depth, scrambler_seed, count=n_draws)
    mixed, mixed_held = scrambler.apply(known), scrambler.apply(held)
    start = ansatz.random_angles(n_draws, angle_seed)
    rate = optimise.constant(learning_rate)
    falling = optimise.exponential(slow_rate[depth], slow_decay)
    theta = denoising.train_on_states(ansatz, start, known, mixed, range(epochs + 1), rate)
    slow = denoising.train_on_states(ansatz, start, known, mixed, [slow_epochs], falling)[0]
    curve = states.fidelity(ansatz.apply(theta, mixed), known).mean(-1)
    stop = denoising.first_reaching(curve, log_fidelity[depth])
    at_stop = theta[stop, each_draw]
    stopped = ansatz.apply(at_stop, mixed)
    alike = portraits.chance_states(known, states.fidelity(stopped, known), chance_seed)
    trios[*setting, AT_LOG] = (known, mixed, stopped)
    trios[*setting, SLOW] = (known, mixed, ansatz.apply(slow, mixed))
    trios[*setting, CHANCE] = (known, mixed, alike)
    trios[*setting, END] = (known, mixed, ansatz.apply(theta[-1], mixed))
    trios[*setting, HELD] = (held, mixed_held, ansatz.apply(at_stop, mixed_held))
    angles[setting], stops[setting] = theta, stop
    reached, epoch = curve[stop, each_draw].mean(), stop.double().mean()
    print(f"{kind:>13}, depth {depth}: stopped after {epoch:.1f} epochs, F = {reached:.3f}")

# %% [markdown]
# Portraits of single states come first. Of the 1,280 denoised states of depth 6 we show the one whose own fidelity is closest to the research log's 0.286, with its chance state; nothing else entered the choice.

# %%
results = {key: portraits.restoration(*trio) for key, trio in trios.items()}
example = {}
for kind in originals:
    distance = (results[kind, 6, AT_LOG]["fidelity"] - log_fidelity[6]).abs()
    example[kind] = divmod(distance.argmin().item(), n_states)


def sheet(kind):
    """Four portraits of the example, its scrambled and denoised state, and its chance state."""
    row = example[kind]
    known, mixed, stopped = trios[kind, 6, AT_LOG]
    shown = {"original": known[row], "scrambled, depth 6": mixed[row]}
    shown["denoised, F = 0.29"] = stopped[row]
    shown["chance state, F = 0.29"] = trios[kind, 6, CHANCE][2][row]
    figure = plt.figure(figsize=(PAGE, 8.3))
    portrait = {name: portraits.pictures(state) for name, state in shown.items()}
    plots.portrait_sheet(figure, portrait, haar_spectrum)
    return figure


book.save_figure(sheet("Haar"), "sheet")

# %% [markdown]
# **Figure 2. Portraits of one Haar state: it would be hard to say which is which.** Rows: the original, scrambled, denoised, and a chance state of the same fidelity, on which nothing was trained. (a) The area of a square is $|\rho_{ij}|$, an entry of 1/8 or more
# fills its cell; the hue is the phase. (b) The Wigner function times $4^n$, so that the maximally mixed state is 1 everywhere; blue is positive and red negative. (c) Mutual information of every pair of qubits in bits, the
# largest in bold. (d) Schmidt coefficients $\lambda_k$ across the middle cut, and the purity.

# %%
book.save_figure(sheet("low-entangled"), "sheet-low-entangled")

# %% [markdown]
# **Figure 3. The same for a low-entangled original.** Now the original differs from the rest: its pairs share more unequally. What denoising brought back is hard to see here, too. In this example the
# original's leading pair (1, 2) leads again, as it does in about one state of five. Panels as in Figure 2.
#
# Single states prove nothing either way, so we average. The table compares the denoised states with the chance states, number by number. The moduli are compared by the correlation of $|\rho_{ij}|$ with the original's, and what counts is the gain over the scrambled state. The
# phase error is the mean angle between $\rho_{ij}$ and the original's entry, divided by that of the scrambled states, so that 1 means nothing learned; entries count alike or in proportion to their moduli, as the eye weighs the squares of a Hinton diagram. Standard errors are taken over the 128 denoisers.

# %%
for found in results.values():
    for name in ("phases", "phases, weighted"):
        found[f"{name}, ratio"] = found[name] / found[f"{name}, scrambled"].mean()


def standard_error(sample):
    """Of the mean of numbers of shape (draws, …): states of one draw share a denoiser."""
    return sample.reshape(n_draws, -1).mean(-1).std().item() / n_draws**0.5


def with_error(sample, digits=3):
    """Mean and standard error, in words."""
    return f"{sample.mean():z.{digits}f} ± {standard_error(sample):.{digits}f}"


rows = [
    (*key, name, x.mean().item(), standard_error(x), x.std().item())
    for key, found in results.items()
    for name, x in found.items()
]
head = ["original", "depth", "states", "number", "mean", "standard error", "sd of one state"]
book.save_table(pd.DataFrame(rows, columns=head), "restoration")
kept = {
    "fidelity": "fidelity",
    "moduli gained": "correlation of moduli, gained",
    "phases, ratio": "phase error, entries alike",
    "phases, weighted, ratio": "phase error, weighted",
    "same pair": "original's pair leads again",
    "pair bits": "bits of original's pair",
    "bits of scrambled pair": "bits of scrambled state's pair",
    "negative": "share of negative values",
    "norm": "Σ|W|/ΣW",
    "schmidt": "λ₁ of the middle cut",
}
shown = {
    column: {
        (kind, text): with_error(results[kind, 6, column][name])
        for kind, (name, text) in product(originals, kept.items())
    }
    for column in (AT_LOG, CHANCE, HELD, SLOW, END)
}
pd.DataFrame(shown).style.set_uuid("restoration")

# %% [markdown]
# The first two columns agree. How closely? The next table averages their difference over both depths and both kinds of originals.

# %%
rows = []
for name, text in list(kept.items())[1:]:
    pairs = [(results[*s, AT_LOG][name], results[*s, CHANCE][name]) for s in settings]
    differences = torch.stack([(denoised - alike).mean(-1) for denoised, alike in pairs])
    # Four settings with draws of their own: their errors add in squares.
    error = (differences.var(-1) / n_draws).sum().sqrt().item() / len(differences)
    level = np.mean([denoised.mean().item() for denoised, _ in pairs])
    rows.append((text, level, differences.mean().item(), error))
gaps = pd.DataFrame(rows, columns=["number", "denoised", "denoised − chance", "standard error"])
book.save_table(gaps, "chance")
gaps.style.set_uuid("chance").format(precision=4).hide(axis="index")

# %% [markdown]
# This is the main result: given the fidelity, what training did can hardly be seen. Seven of the nine numbers agree within two
# standard errors. The other two differ a little: denoised states gain 0.009 ± 0.004 less in the correlation of the moduli (of 0.175), and their weighted phase error
# is lower by 0.003 ± 0.001 (of 0.779). Both differences are too small to be seen in any single state, and they point away from "moduli first".
#
# The same holds at any fidelity. The curves below need no training: 2,500 originals of each kind, mixed with the same random states at every fidelity.

# %%
levels = np.linspace(0, 1, 11)
scrambled = haar[-n_chance:]  # what scrambling makes of either kind
rows = []
for kind, level in product(originals, levels):
    sample, F = ensembles[kind][:n_chance], torch.full((n_chance,), level, dtype=torch.float64)
    alike = portraits.chance_states(sample, F, seeds[21])
    found = portraits.restoration(sample, scrambled, alike)
    rows.append(
        {"original": kind, "F": level} | {name: x.mean().item() for name, x in found.items()}
    )
chance = pd.DataFrame(rows)
book.save_table(chance, "fidelity")
panels = [  # title, number, factor, limits
    ("(a) likeness of moduli", "moduli", 1, (-0.1, 1.1)),
    ("(b) phase error / (π/2)", "phases", 2 / np.pi, (-0.05, 1.15)),
    ("(c) the same, weighted", "phases, weighted", 2 / np.pi, (-0.05, 1.15)),
    ("(d) same pair leads", "same pair", 1, (-0.05, 1.1)),
    ("(e) bits of that pair", "pair bits", 1, (0.3, 0.9)),
    ("(f) negative values (%)", "negative", 100, (40, 50)),
    ("(g) Σ|W|/ΣW", "norm", 1, (2.4, 3.1)),
    ("(h) λ₁, middle cut", "schmidt", 1, (0.55, 0.8)),
]
stages = dict(zip(plots.STAGES, (AT_LOG, END, HELD), strict=True))
figure, axes = plt.subplots(2, 4, figsize=(PAGE, 4.0), sharex=True)
for axis, (title, name, factor, limits) in zip(axes.flat, panels, strict=True):
    curves = {kind: factor * chance.loc[chance["original"] == kind, name] for kind in originals}
    points = {kind: {} for kind in originals}
    for kind, (stage, column) in product(originals, stages.items()):
        found = results[kind, 6, column]
        x = factor * found[name]
        points[kind][stage] = found["fidelity"].mean().item(), x.mean().item(), standard_error(x)
    axis.set(title=title, ylim=limits)
    plots.recovery_panel(axis, levels, curves, points, log_fidelity[6])
for axis in axes[1]:
    axis.set_xlabel("fidelity $F$")
plots.recovery_key(figure)
book.save_figure(figure, "fidelity")

# %% [markdown]
# **Figure 4. Denoised states lie on or close to the curve of chance states: what a portrait shows is the fidelity.** Means at depth 6 for Haar originals (solid, filled) and low-entangled ones (dashed,
# open). Black: chance states of one fidelity, mean over 2,500. Blue: denoised training states of 128 denoisers, stopped at the research log's fidelity (dots) and after 200 epochs (diamonds). Green:
# held-out states. Bars, mostly hidden by the symbols, are two standard errors. Where a curve bends, symbols lie off it because the fidelities of single states scatter. Vermilion: the research log's best training fidelity at depth 6.
#
# **What if the state shown was held out from training?** Then its fidelity was close to chance, 0.079 ± 0.002 at depth 6 against 1/16 for unrelated states, and its portrait was that of an unrelated random state. The moduli gain
# 0.017 ± 0.009 in correlation instead of 0.207 ± 0.009. The phase error is 0.995 ± 0.002 of the scrambled state's instead of 0.862 ± 0.002. The original's pair leads again in 0.173 ± 0.012 of the states, and two unrelated ones
# agree in 1/6. Even the partial recovery of the moduli, which the research log sees and we confirm for training states, would then be absent.
#
# ## The seven numbers are ordinary draws
#
# A number that was read off one state is compared with single states: does it lie in the central 95 % of single draws of the same quantity here?
# If so, it is also compared with states that nothing was done to, Haar states for originals and scrambled states, chance states for denoised ones. A number that lies in the central 95 % of these, too, is
# *an ordinary draw* and supports no conclusion about scrambling or denoising. Of seven independent draws at least one falls outside its central 95 % in $1-0.95^7=30$ % of cases.
#
# The research log's 44.1, 43.8 and 46.1 % are 113, 112 and 118 of the 256 Wigner values. Its four mutual informations belong to two pairs of qubits: the leading pair of the original
# (0.61 bits, and 0.75 after denoising) and the leading pair of the scrambled state (0.84 bits, dropping "back toward 0.21" after denoising).

# %%
PAIR, OTHER_PAIR = "pair bits", "bits of scrambled pair"
stated = {  # negative values in percent, mutual information in bits
    "negative, original": 113 / 2.56,
    "negative, scrambled": 112 / 2.56,
    "negative, denoised": 118 / 2.56,
    "bits, original": 0.61,
    "bits, scrambled": 0.84,
    "bits, original's pair denoised": 0.75,
    "bits, scrambled state's pair denoised": 0.21,
}


def singles(kind, states_of):
    """The seven numbers of single states by name; `states_of` says which states are the last."""
    first = numbers[kind]
    _, mixed, last = (portraits.state_portrait(sample) for sample in trios[kind, 8, states_of])
    followed = results[kind, 6, states_of]
    samples = [100 * part["negative"] for part in (first, mixed, last)]
    samples += [first["bits"], mixed["bits"], followed[PAIR], followed[OTHER_PAIR]]
    return {name: sample.flatten() for name, sample in zip(stated, samples, strict=True)}


measured = {kind: singles(kind, AT_LOG) for kind in originals}
null = singles("Haar", CHANCE)
for quantity in ("negative", "bits"):  # of a scrambled state Haar states are the null
    null[f"{quantity}, scrambled"] = null[f"{quantity}, original"]
samples = {"null": null} | measured
samples |= {f"Haar, {column}": singles("Haar", column) for column in (SLOW, END)}
seven = pd.DataFrame({"number": list(stated), "stated": list(stated.values())})
shown = seven.copy()
for name, sample in samples.items():
    for quantile in plots.CENTRAL:
        ends = [np.quantile(sample[number], quantile) for number in stated]
        seven[f"{name}, {100 * quantile:g} %"] = ends
    shown[name] = [central(sample[number], 2 - (number[:3] == "neg")) for number in stated]
book.save_table(seven, "seven")
print("stated, and the central 95 % of single states; negative values in %, information in bits")
shown.style.set_uuid("seven").format(precision=2, subset=["stated"]).hide(axis="index")

# %%
nothing_done = "random states, or chance states of the same F"
names = ["original", "scrambled,\ndepth 8", "denoised,\ndepth 8", "leading pair of\nthe original"]
names += ["leading pair of the\nscrambled state", "original's pair,\ndenoised"]
names += ["scrambled state's\npair, denoised"]
ridges = []
for name, number in zip(names, stated, strict=True):
    # Haar originals are their own null and are drawn once.
    drawn = [kind for kind in originals if kind != "Haar" or not number.endswith("original")]
    sample = {kind: measured[kind][number].numpy() for kind in drawn}
    ridges.append(plots.Ridge(name, null[number].numpy(), sample, stated[number]))
figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 3.6), width_ratios=[1, 1.25])
plots.ridge_panel(left, ridges[:3], np.arange(98.5, 134, 3) / 2.56, ".1f")
left.set(title="(a) negative Wigner values", xlabel="share of 256 points (%)")
plots.ridge_panel(right, ridges[3:], np.linspace(0, 1.6, 41))
right.set(title="(b) two pairs of qubits", xlabel="mutual information (bits)")
plots.ridge_key(figure, nothing_done)
book.save_figure(figure)

# %% [markdown]
# **All seven triangles lie in the central 95 % of states to which nothing was done.** (The figure of the first screen; caption there.) It makes no
# difference which originals are taken, at which fidelity the training was stopped, or whether the learning rate decayed: the last two columns of the table hold all seven, too. The 0.75 is closest to an edge: a random pair shares at least 0.75 bits in 2.3 % of cases,
# and the central 95 % of chance states end at 0.76. One of seven numbers so far out is no surprise. The 0.21 may also be meant as the value in the original; it is as ordinary there, where a random pair shares at most 0.21 bits in 8.8 % of cases.
#
# **The fall from 0.84 towards 0.21 bits is regression to the mean.** The next lines follow the two pairs.

# %%
stopped, mixed = results["Haar", 6, AT_LOG], trios["Haar", 6, AT_LOG][1]
strongest = portraits.pair_information(portraits.mutual_information(mixed)).amax(-1)
high = strongest >= 0.8
left = stopped[OTHER_PAIR][high]
rare = [f"{100 * part.double().mean():.1f} %" for part in (bits <= 0.21, bits >= 0.75)]
print(f"a given pair of a random state: {bits.mean():.2f} bits")
print(f"    at most 0.21 in {rare[0]} of cases, at least 0.75 in {rare[1]}")
print(f"leading pair after scrambling: {strongest.mean():.2f} bits")
print(f"    the same pair after denoising {with_error(stopped[OTHER_PAIR])}")
error = left.std() / len(left) ** 0.5
print(f"    where it had 0.8 or more ({len(left)} states) {left.mean():.2f} ± {error:.2f}")
print(f"leading pair of the original: {null['bits, original'].mean():.2f} bits")
print(f"    the same pair after denoising {with_error(stopped[PAIR])}")

# %% [markdown]
# The pair was chosen because it shared most, and the largest of six pairs shares 0.61 bits on average. In an unrelated state the same pair shares 0.40 bits on average. So it does after denoising, even where it shared 0.8 bits or
# more before. Moreover, the 0.84 belongs to a scrambler of depth 8 and the 0.21 to one of depth 6, so the two are not a before and after of one state. The original's pair behaves alike: its average falls from 0.62 to 0.41 bits.
#
# ## Denoising adds no negativity, however it is measured
#
# The research log reads its 43.8 and 46.1 % as the denoiser's injecting quantum coherence. It counts negative values. One may also weigh them, by $\Sigma|W|/\Sigma W$, so we ask for both, as
# the mean change over the states of a denoiser at depth 8, with its standard error over 128 denoisers.

# %%
depth8 = {
    (kind, part): portraits.state_portrait(sample)
    for kind in originals
    for part, sample in zip(
        ("original", "scrambled", "denoised", "chance"),
        (*trios[kind, 8, AT_LOG], trios[kind, 8, CHANCE][2]),
        strict=True,
    )
}
moved = {}  # by scrambling, percentage points
for kind in originals:
    before, after = (depth8[kind, part] for part in ("original", "scrambled"))
    moved[kind] = 100 * (after["negative"] - before["negative"]).mean(-1)
    sizes = f"Σ|W|/ΣW {before['norm'].mean():.2f} → {after['norm'].mean():.2f}"
    print(f"{kind}, scrambling: share {with_error(moved[kind], 2)} points, {sizes}")
single = 100 * results["Haar", 8, AT_LOG]["negative gained"]
print(f"Haar, denoising one state: share {central(single, 1)} points (central 95 %)")
rows = []
for kind, column in product(originals, (AT_LOG, CHANCE, HELD, SLOW, END)):
    found = results[kind, 8, column]
    share, size = with_error(100 * found["negative gained"], 2), with_error(found["norm gained"])
    sizes = [f"{x.mean():.3f}" for x in (found["norm"] - found["norm gained"], found["norm"])]
    rows.append((kind, column, f"{found['fidelity'].mean():.2f}", share, *sizes, size))
head = ["original", "states", "F", "share gained (points)"]
head += ["Σ|W|/ΣW scrambled", "Σ|W|/ΣW denoised", "gained"]
pd.DataFrame(rows, columns=head).style.set_uuid("injected").hide(axis="index")

# %% [markdown]
# **On average nothing is added.** At the research log's fidelity the share of negative values changes by −0.07 ± 0.07 points for Haar originals and by −0.03 ± 0.07 points for low-entangled ones. The size $\Sigma|W|/\Sigma W$ changes by −0.002 ± 0.004, from 2.915 to
# 2.913, and by −0.003 ± 0.004, from 2.905 to 2.902. Longer training, to $F=0.64$, lowers the size for low-entangled originals, by 0.104 ± 0.006 towards the 2.55 of the originals. That is recovery, and it *removes* negativity. A single denoised state may well be 2.3 points more negative than before, as the
# research log's was, and another 2.3 points less, so its number comes out; the step from one state to "injecting quantum coherence" is not supported.
#
# Scrambling leaves Haar states as they are. It moves the share of low-entangled states by 0.33 ± 0.07 points, which is less than one of the 256 values, but their size from 2.55 to 2.90.

# %%
figure, axes = plt.subplots(1, 2, figsize=(PAGE, 2.9))
edges = {"norm": np.linspace(1.4, 3.3, 39), "schmidt": np.linspace(0.35, 1, 27)}
for axis, (number, bins) in zip(axes, edges.items(), strict=True):
    ridges = []
    for part in ("original", "scrambled", "denoised"):
        nothing = depth8["Haar", "chance"] if part == "denoised" else numbers["Haar"]
        drawn = [kind for kind in originals if (kind, part) != ("Haar", "original")]
        sample = {kind: depth8[kind, part][number].flatten().numpy() for kind in drawn}
        ridges.append(plots.Ridge(part, nothing[number].flatten().numpy(), sample))
    plots.ridge_panel(axis, ridges, bins)
axes[0].set(title="(a) size of the negativity", xlabel=r"$\Sigma|W|/\Sigma W$")
axes[1].set(title="(b) middle cut", xlabel=r"largest Schmidt coefficient $\lambda_1$")
plots.ridge_key(figure, nothing_done, stated=False)
book.save_figure(figure, "before-and-after")

# %% [markdown]
# **Figure 5. Scrambling makes low-entangled states random, and denoising at the research log's fidelity does not take that back.** (a) Size of the negative part of the Wigner function, (b) largest
# Schmidt coefficient, at depth 8. Grey: Haar states, in the last row chance states of the same fidelity; black: their central 95 %. Blue: 1,280 states with Haar originals (solid; in the first row these are the grey) and low-entangled ones (dashed).
#
# ## The leading pair comes back no more often than the fidelity makes it
#
# The fair test of "partially restores the correct topology" is how often the pair that led in the original leads again. Two unrelated states agree in one case of six.
# We call an effect large enough to matter if the pair leads again in at least one more state of ten than by chance (0.267). Whoever shows a picture may show a
# good one, so we also ask it of the *best of ten*, the training state of each denoiser with the highest fidelity.

# %%
kept_pair = {}
for kind in originals:
    before, after = (
        portraits.leading_pair(portraits.mutual_information(sample))
        for sample in trios[kind, 8, AT_LOG][:2]
    )
    kept_pair[kind] = (before == after).all(-1).flatten()
    other = 1 - kept_pair[kind].double().mean()
    print(f"{kind}: another pair leads after scrambling in {other:.3f} of states (chance: 0.833)")


def by_setting(name, depth, best=True):
    """One value for each denoiser: the mean over its states, or that of its best state."""
    found = {}
    for kind in originals:
        stopped = results[kind, depth, AT_LOG]
        found[f"{kind} originals"] = stopped[name].mean(-1)
        found[f"{kind} originals, small decaying rate"] = results[kind, depth, SLOW][name].mean(-1)
        if best:
            top = stopped["fidelity"].argmax(-1, keepdim=True)
            found[f"{kind} originals, best of ten"] = stopped[name].gather(-1, top)[:, 0]
    return found


columns = {"fidelity": "fidelity", "same pair": "original's pair leads again"}
columns["moduli gained"] = "correlation of moduli, gained"
shown = {
    text: {setting: with_error(x) for setting, x in by_setting(name, 6).items()}
    for name, text in columns.items()
}
pd.DataFrame(shown).style.set_uuid("best")

# %% [markdown]
# At the research log's fidelity the pair leads again in one state of five, a little more often than by chance, but not by enough to matter, and no more often than in chance states of equal fidelity (0.185 ± 0.011 for Haar originals,
# 0.225 ± 0.012 for low-entangled ones). At the end of training, at $F=0.63$, which the research log does not reach, it leads again in 0.30 of the states with Haar originals, no more often than in chance states (0.31 at $F=0.6$, 0.38 at $F=0.7$). The best of ten training states have $F=0.58$ on average, and the
# pair leads again in one of three (0.34 ± 0.04 and 0.32 ± 0.04 for the two kinds of originals), while chance states of that fidelity have 0.30 and 0.39: this, too, is the fidelity. So "partially restored" comes out if the state shown was the best of its ten, and not if it was an average one. One portrait decides nothing here.
#
# ## Moduli do not come back before phases, and scrambled states are not grey
#
# The research log sees sizes of the Hinton squares recover and colours stay random, and concludes that the denoiser learns moduli before phases. **Which comes first?** We ask twice. *How far* has each come at the
# research log's fidelity, on a scale from 0 (scrambled) to 1 (perfect)? And *when*, on the way there, has each made half of its own gain? Both are asked for phases that count alike and for phases weighted by the moduli.

# %%
columns = ("moduli", "phases", "phases, weighted")


def way_back(found):
    """How far moduli and phases have come from scrambled (0) to perfect (1); each of shape (draws,)."""
    moduli_before = found["moduli"] - found["moduli gained"]
    way = [found["moduli gained"].mean(-1) / (1 - moduli_before.mean(-1))]
    way += [1 - found[name].mean(-1) / found[f"{name}, scrambled"].mean(-1) for name in columns[1:]]
    return torch.stack(way)


ways_back = {key: way_back(found) for key, found in results.items()}
rows = [
    (*key, *way.mean(-1).tolist(), *((way[:1] - way[1:]).std(-1) / n_draws**0.5).tolist())
    for key, way in ways_back.items()
    if key[-1] in (AT_LOG, CHANCE, SLOW)
]
head = ["original", "depth", "states", *columns, "± moduli − phases", "± moduli − weighted"]
ways = pd.DataFrame(rows, columns=head)
book.save_table(ways, "way-back")
ways.style.set_uuid("ways").format(precision=3).hide(axis="index")

# %%
redraws = np.random.default_rng(seeds[20])
time_leads = {}
for kind in originals:
    known, mixed, _ = trios[kind, 6, AT_LOG]
    last = stops[kind, 6].double().mean().round().item()
    looks = np.unique(np.linspace(0, last, 13).round().astype(int))
    learning = portraits.likeness(ansatz.apply(angles[kind, 6][looks], mixed), known)
    curves = np.stack([learning[name].mean(-1).numpy() for name in columns])
    redrawn = curves[..., redraws.integers(n_draws, size=(500, n_draws))].mean(-1).swapaxes(1, 2)
    bootstrap = denoising.half_gain(looks, redrawn)
    halves = denoising.half_gain(looks, curves.mean(-1))
    # Eight groups of denoisers, each of which gives a lead of its own, as a share of the epochs.
    groups = [curves[..., part].mean(-1) for part in np.array_split(np.arange(n_draws), 8)]
    times = denoising.half_gain(looks, np.stack(groups, 1))
    time_leads[kind] = (times[1:] - times[0]) / looks[-1]
    later = halves[1:] - halves[0], (bootstrap[1:] - bootstrap[0]).std(1)
    alike, weighted = (f"{lead:.1f} ± {error:.1f}" for lead, error in zip(*later, strict=True))
    print(f"{kind}: half of the gain for moduli after {halves[0]:.1f} of {looks[-1]} epochs")
    print(f"    phases later by {alike} epochs, weighted by {weighted} epochs")

# %% [markdown]
# Moduli have come further if all phases count alike, and less far if phases are weighted; in time they do not lead either way. Chance
# states, on which nothing was trained, show the same order. It is a property of the measures, and says nothing about what a circuit learns first.
#
# That the phases stay nearly random is right for this fidelity, and just as right for chance states. The table gives the mean phase error over that of the scrambled states, and the central 95 % of single states.

# %%
rows = {}
chosen = [("Haar", AT_LOG), ("Haar", CHANCE), ("Haar", END), ("low-entangled", AT_LOG)]
for kind, column in chosen:
    ratios = [results[kind, 6, column][f"{name}, ratio"] for name in columns[1:]]
    rows[f"{kind}, {column}"] = [f"{x.mean():.2f} ({central(x)})" for x in ratios]
gained = (results["Haar", 6, AT_LOG]["moduli gained"] > 0).double().mean()
print(f"moduli: {gained:.0%} of single states gain in likeness")
pd.DataFrame(rows, index=["entries alike", "weighted"]).T.style.set_uuid("phases")

# %% [markdown]
# **What scrambling does to the moduli.** A uniform grey would need equal moduli. The next figure shows what random states have instead.

# %%
scrambler = qubits.brickwork(n, deep, seeds[19], count=n_haar // 5)
saturated = scrambler.apply(states.zero_states(1, n))[:, 0]
grey = portraits.modulus_spread(states.density_matrix(saturated))
moduli = states.density_matrix(saturated).abs().to(saturated.dtype)
grey_on_average = portraits.modulus_spread(moduli.mean(0)).item()
grey_of_groups = [portraits.modulus_spread(group.mean(0)).item() for group in moduli.chunk(8)]
grey_error = np.std(grey_of_groups, ddof=1) / 8**0.5
grey_haar = portraits.modulus_spread(states.density_matrix(haar)).mean()
spread = f"{grey.mean():.3f} (sd {grey.std():.3f}, smallest {grey.min():.2f})"
print(f"scatter of |ρ_ij| over its mean, {len(grey)} states of depth {deep}: {spread}")
print(f"    Haar states {grey_haar:.3f}; averaged first {grey_on_average:.3f} ± {grey_error:.3f}")
row = example["low-entangled"]
known, mixed, _ = trios["low-entangled", 6, AT_LOG]
shown = {"(a) original": known[row], "(b) depth 6": mixed[row], f"(c) depth {deep}": saturated[0]}
figure, axes = plt.subplots(1, 4, figsize=(PAGE, 2.0), width_ratios=[1, 1, 1, 1.9])
for axis, (title, state) in zip(axes, shown.items(), strict=False):
    image = plots.modulus_heatmap(axis, states.density_matrix(state).numpy(), top=2 / d)
    axis.set(title=title, xlabel="basis state $j$")
axes[0].set_ylabel("basis state $i$")
figure.colorbar(image, ax=axes[:3], shrink=0.8, label=r"$|\rho_{ij}|$", extend="max")
populations = {"low-entangled": shallow, f"depth {deep}": saturated}
populations = {name: sample.abs().square().numpy() for name, sample in populations.items()}
plots.porter_thomas_panel(axes[3], populations)
axes[3].set_title("(d) populations")
book.save_figure(figure, "moduli")

# %% [markdown]
# **Figure 6. A scrambled state is not grey.** (a) The low-entangled original of Figure 3, (b) scrambled, (c) $|0000\rangle$ after depth 24; white is twice the mean population, 1/8, or more. (d) The
# populations of scrambled states follow the Porter–Thomas law of Haar states (line), $(1-\frac1d)(1-\frac xd)^{d-2}$ with $d=16$; equal moduli, the dotted line,
# are nowhere near. In a single state the $|\rho_{ij}|$ scatter by three quarters of their mean, as they do in Haar states. Only if the moduli are averaged over 2,000 circuits first is the picture grey, with a scatter of 0.066 ± 0.001.
#
# ## Steep Schmidt spectra belong to low-entangled states, on which the research log does not train
#
# The research log trains on Haar states, yet describes an original with almost all weight on one component. Its numbers are lost in our copy. We read its coefficients as squared, $\lambda_k$ with $\sum_k\lambda_k=1$, and
# "almost all" as more than 0.9; unsquared, the bound would be $\sqrt{\lambda_1}>0.9$.

# %%
print("mean spectrum of Haar states:", haar_spectrum.round(4))
for kind in originals:
    component = numbers[kind]["schmidt"]
    above = [100 * (x > 0.9).double().mean() for x in (component, component.sqrt())]
    print(f"{kind}: above 0.9 in {above[0]:.1f} % of states, unsquared in {above[1]:.1f} %")
entropies = {}
for kind in originals:
    entropies[kind] = states.entanglement_entropy(trios[kind, 8, AT_LOG][1], n // 2).flatten()
    largest = f"sd {entropies[kind].std():.2f}, largest {entropies[kind].max():.2f}"
    print(f"{kind}, scrambled: entropy {entropies[kind].mean():.3f} bits ({largest})")
print(f"Page's value {states.page_entropy(4, 4):.4f} bits")

# %% [markdown]
# Equal coefficients, as in a picture of a flat spectrum, would have 2 bits, more than any scrambled state here. "Maximum entanglement" may also mean as much as random states have; that much scrambled states do have.
#
# Is the denoised spectrum between the original's and the scrambled one's? We ask it of $\lambda_1$, over both depths, and give the statement its best case: low-entangled originals as *steep* as described, with $\lambda_1>0.9$.

# %%
tops = {
    key: [states.schmidt_spectrum(sample, 2)[..., 0] for sample in trio]
    for key, trio in trios.items()
}
rows = []
cases = [("Haar", AT_LOG, 0), ("low-entangled", AT_LOG, 0)]
cases += [("low-entangled", column, 0.9) for column in (AT_LOG, END)]
for kind, column, least in cases:
    over_depths = zip(*(tops[kind, depth, column] for depth in log_fidelity), strict=True)
    trio = [torch.cat([x.flatten() for x in part]) for part in over_depths]
    first, middle, last = (x[trio[0] > least] for x in trio)
    steps = [
        f"{x.mean():z.3f} ± {x.std() / len(x) ** 0.5:.3f}" for x in (first - last, last - middle)
    ]
    inside = 100 * ((last - middle) * (first - last) > 0).double().mean()
    steep = ", steep" if least else ""
    rows.append((f"{kind}{steep}, {column}", len(first), *steps, f"{inside:.1f} %"))
head = ["originals and states", "number", "original − denoised", "denoised − scrambled", "between"]
pd.DataFrame(rows, columns=head).style.set_uuid("between").hide(axis="index")

# %% [markdown]
# For Haar originals all three have the same distribution, and $\lambda_1$ lies strictly between the other two in 33 % of single states, as it would for three unrelated ones. It does so in 42 % of low-entangled
# originals, and in 61 % of the 190 steep ones (95 % interval 53 to 68 %). The sentence holds for most originals as steep as described. But none of our 10,000 Haar states has $\lambda_1>0.9$, and only 0.7 % have $\sqrt{\lambda_1}>0.9$; of the low-entangled states 8.6 % and 34 % have. So it does
# not hold for the states that the research log trains on. All states are pure, and a purity of 1 cannot come out otherwise: unitaries keep pure states pure.
#
# ## Change this and see
#
# Put a state of your own on the first line. Below its portraits stand four of its numbers (blue) among those of 10,000 Haar states (grey, with their central 95 % in black). In JupyterLab a slider moves the depth of scrambling; it
# follows one circuit, to which every step adds a half-layer. Elsewhere the figure shows depth 0.

# %%
amplitudes = states.haar_states(1, n, own_seed)[0]  # or any 16 numbers of norm 1

own_state = states.pure_state(amplitudes, n)
places = {  # label, factor, edges of the histogram
    "negative": ("negative values (%)", 100, np.arange(92.5, 135, 3) / 2.56),
    "norm": ("Σ|W|/ΣW", 1, np.linspace(0.9, 3.4, 51)),
    "bits": ("leading pair (bits)", 1, np.linspace(0, 2.1, 43)),
    "schmidt": ("λ₁, middle cut", 1, np.linspace(0.3, 1.02, 37)),
}
haar_numbers = {
    name: factor * numbers["Haar"][name].numpy() for name, (_, factor, _) in places.items()
}


def picture(depth):
    circuit = qubits.brickwork(n, round(depth), own_scrambler)  # begins with the shallower ones
    state = circuit.apply(own_state[None])[0]
    found = portraits.state_portrait(state)
    standings = [
        plots.Standing(label, factor * found[name].item(), haar_numbers[name], edges)
        for name, (label, factor, edges) in places.items()
    ]
    figure = plt.figure(figsize=(PAGE, 2.9))
    plots.portrait_row(figure, portraits.pictures(state), haar_spectrum, standings)
    return figure


explore(book, picture, depth=(0, 0, 12))

# %% [markdown]
# **Figure 7. A random state stays an ordinary random state at every depth.** (a)–(d) as in Figure 2, black ticks for the mean spectrum of Haar states. Below: share of negative Wigner values, size of the negative part, bits of the leading pair, and largest Schmidt coefficient. A dot lies within the central 95 % of Haar states, a diamond outside.
#
# Write `product_states` for `haar_states`, and the entanglement is gone. The share of negative values stays close to 44 % (here 46.9 %), while $\Sigma|W|/\Sigma W$ falls from 2.9 to 1.8 on average (here from 2.97 to 2.15), the leading pair shares nothing, and $\lambda_1=1$. The slider brings all four numbers into the black bars
# within three half-layers; later about one number in twenty leaves them, as in any random state. With `np.sqrt([0.5] + 14 * [0] + [0.5])`, the state $(|0000\rangle+|1111\rangle)/\sqrt2$, only 18.8 % of the values are negative, and every pair shares one bit. After two half-layers all four numbers are ordinary.
#
# ## What this does not show
#
# It does not show which state the research log looked at, nor how good its denoiser was on that state. With a better denoiser, or a state on which it did
# better than on average, more would be restored; if the state was held out, hardly anything would (both in Figure 4). The share of negative values depends on the kernel, of which there are several for qubits. Only averages and single-state intervals were compared: a portrait may hold
# something that none of our numbers measures. And the denoisers here had one scrambler each and began from random angles, not from the research log's curriculum; since nothing is carried over from one stage to the next (notebook 05),
# that should make no difference.
#
# ## Checks and verdicts
#
# Each measurement is held against the criterion that stands beside its claim in `data/claims.toml`, once for every setting that the research log leaves open. Some of these claims hold by definition; what is left to check is that our code respects them.

# %%
kinds = {kind: f"{kind} originals" for kind in originals}
for size, one_seed in ((4, size_seed), (16, large_seed)):
    book.check(f"log-dimension-{size}q", states.haar_states(1, size, one_seed).shape[-1])
everything = torch.stack([sample for trio in trios.values() for sample in trio])
outer = everything.abs()[..., :, None] * everything.abs()[..., None, :]
book.check("log-dark-rows", (states.density_matrix(everything).abs() - outer).abs().max().item())
pure = states.purity(states.density_matrix(everything)).flatten()
book.check("log-purity-one", pure[(pure - 1).abs().argmax()].item())
book.check("log-uniform-grey", grey, setting="one state")
book.check("log-uniform-grey", grey_on_average, setting="average over circuits", error=grey_error)
for setting, gained in by_setting("moduli gained", 6).items():
    book.check("log-moduli-partly-recovered", gained, setting=setting)
weights = {"phases": "entries alike", "phases, weighted": "weighted by the moduli"}
for setting, ratio in by_setting("phases, ratio", 6).items():
    if "best" in setting:
        book.check("log-phases-stay-random", ratio, setting=f"{setting}, entries alike")
for kind, setting in kinds.items():
    way = ways_back[kind, 6, AT_LOG]
    for k, (name, weight) in enumerate(weights.items()):
        ratio = results[kind, 6, AT_LOG][f"{name}, ratio"].mean(-1)
        book.check("log-phases-stay-random", ratio, setting=f"{setting}, {weight}")
        first = "log-moduli-before-phases"
        book.check(first, way[0] - way[k + 1], setting=f"{setting}, way back, {weight}")
        book.check(first, time_leads[kind][k], setting=f"{setting}, in time, {weight}")

# %%
book.check("log-wigner-negativity", lowest < 0)
random_share = null["negative, original"]
unrelated_pairs = random_share[: n_haar // 2] - random_share[n_haar - n_haar // 2 :]
for kind, setting in kinds.items():
    for part in ("original", "scrambled", "denoised"):
        share = measured[kind][f"negative, {part}"]
        none = null[f"negative, {part}"]
        book.check(f"log-wigner-negative-{part}", share, setting=setting, null=none)
    book.check("log-negativity-survives-scrambling", moved[kind], setting=setting)
    change = 100 * results[kind, 8, AT_LOG]["negative gained"].flatten()
    book.check("log-denoiser-adds-negativity", change, setting=setting, null=unrelated_pairs)
    at_end = 100 * results[kind, 8, END]["negative gained"].mean(-1)
    coherence = "log-denoiser-injects-coherence"
    book.check(coherence, at_end, setting=f"{setting}, end of training")
for setting, gained in by_setting("negative gained", 8, best=False).items():
    book.check("log-denoiser-injects-coherence", 100 * gained, setting=setting)

# %%
largest = null["bits, original"]
for kind, setting in kinds.items():
    book.check("log-mi-original", measured[kind]["bits, original"], setting=setting, null=largest)
    book.check("log-mi-scrambled", measured[kind]["bits, scrambled"], setting=setting, null=largest)
    book.check("log-mi-topology-changes", ~kept_pair[kind], setting=setting)
    for claim, number in zip(("original", "scrambled"), list(stated)[5:], strict=True):
        after = setting if claim == "original" else f"{setting}, after denoising"
        pair, none = f"log-mi-denoised-{claim}-pair", null[number]
        book.check(pair, measured[kind][number], setting=after, null=none)
    known, mixed, _ = trios[kind, 6, AT_LOG]
    before = portraits.restoration(known, mixed, known)[OTHER_PAIR].flatten()
    book.check("log-mi-denoised-scrambled-pair", before, setting=f"{setting}, in the original")
for setting, again in by_setting("same pair", 6).items():
    book.check("log-mi-topology-restored", again - 1 / 6, setting=setting)
between = {
    setting: torch.cat([results[kind, k, AT_LOG]["between"].flatten() for k in (6, 8)]).bool()
    for kind, setting in kinds.items()
}
is_steep = torch.cat([tops["low-entangled", k, AT_LOG][0].flatten() for k in (6, 8)]) > 0.9
between["steep originals"] = between["low-entangled originals"][is_steep]
for kind, setting in kinds.items():
    component = numbers[kind]["schmidt"]
    book.check("log-schmidt-original-steep", component > 0.9, setting=f"{setting}, squared")
    unsquared_too = component.sqrt() > 0.9
    book.check("log-schmidt-original-steep", unsquared_too, setting=f"{setting}, unsquared")
    of_draw = entropies[kind].reshape(n_draws, -1).mean(-1)
    flat = "log-schmidt-scrambled-flat"
    book.check(flat, of_draw / 2, setting=f"{setting}, maximum as equal coefficients")
    page = states.page_entropy(4, 4)
    book.check(flat, of_draw / page, setting=f"{setting}, maximum as Page's value")
for setting, inside in between.items():
    book.check("log-schmidt-denoised-between", inside, setting=setting)
book.verdicts()

# %% [markdown]
# ## References
#
# - *Quantum Diffusion Models: First Experiments*, research log, parts "The Idea", "What a Quantum State Looks Like" and "How Qubits Talk to Each Other".
# - W. K. Wootters, *A Wigner-function formulation of finite-state quantum mechanics*, Ann. Phys. 176, 1 (1987): the function of one qubit, whose products are used here.
# - K. S. Gibbons, M. J. Hoffman, W. K. Wootters, *Discrete phase space based on finite fields*, Phys. Rev. A 70, 062101 (2004), arXiv:quant-ph/0401155: other discrete Wigner functions of qubits.
# - D. N. Page, *Average entropy of a subsystem*, Phys. Rev. Lett. 71, 1291 (1993), arXiv:gr-qc/9305007.
# - C. E. Porter, R. G. Thomas, *Fluctuations of nuclear reaction widths*, Phys. Rev. 104, 483 (1956): the law of the populations, here in its complex form for finite dimension.
