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
# # 09 · What one state looks like says little about what was done to it
#
# **The question.** The research log *Quantum Diffusion Models: First Experiments* scrambles a four-qubit state with a random
# circuit, trains a second circuit (the denoiser) to undo the scrambling, and prints portraits of single states: their density
# matrix, their Wigner function (a quasi-probability that may turn negative), the information that pairs of qubits share, and how
# entangled the two halves are. It reads from these pictures what scrambling destroys and what the denoiser learns. Do the pictures
# carry these conclusions?
#
# **The answer.** Mostly not. The research log's denoiser reached a fidelity $F$ (squared overlap with the original) of at best 0.29 on its
# training states at depth 6, and 0.21 at depth 8. A state with such a fidelity that is random in every other respect has, to within a few per cent, the same portraits: the same partial
# recovery of the moduli, the same nearly random phases, the original's leading pair again in about one state of five. What the pictures show is
# the fidelity, not what the circuit learned. Seven numbers that the research log quotes for single states come out here, but they are ordinary draws of
# random states, or of states with nothing but that fidelity.
#
# **How sure are we?** Every statement about denoised states rests on 128 denoisers, each with ten training states and a scrambler of its own,
# and is compared with 10,000 random states or with chance states of the same fidelity. Means over states are known to a few per cent; single states scatter far more, which is the
# point. The assumption that matters most is that the states shown are training states and that the denoiser was as good on them
# as the research log's best training fidelity says; a better denoiser would restore more, and Figure 5 shows how much. Seven verdicts hinge on a
# setting or a reading that the research log leaves open, such as which of ten training states is shown.
#
# *Source: the research log, parts "The Idea", "What a Quantum State Looks Like" and "How Qubits Talk to Each Other". Notebook 05 explains the
# denoiser and its fidelities. One and a half to three minutes on two cores.*
#
# Conventions: qubit 0 is the most significant bit; depth counts half-layers of the brickwork of random two-qubit gates; entropies and
# mutual information are in bits. This notebook writes the figures `09_state_portraits`, `-low-entangled`, `-moduli`, `-ensembles`,
# `-fidelity` and their numbers as `.csv`.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from qdm_utils.companion import Book
from qdm_utils.companion.figures import PAGE
from qdm_utils.optimise import constant, exponential
from qdm_utils.qubits import (
    Ansatz,
    brickwork,
    density_matrix,
    entanglement_entropy,
    haar_states,
    page_entropy,
    product_states,
    purity,
    schmidt_spectrum,
    zero_states,
)
from qdm_utils.qubits.denoising import first_reaching, half_gain, train_on_states
from qdm_utils.qubits.portraits import (
    chance_states,
    discrete_wigner,
    haar_mutual_information,
    haar_negativity,
    leading_pair,
    likeness,
    modulus_spread,
    mutual_information,
    pair_information,
    product_negativity,
    restoration,
    state_portrait,
)
from qdm_utils.qubits.portraits.plots import (
    ORIGINAL,
    OTHER,
    STATED,
    THEORY,
    ensemble_panel,
    modulus_heatmap,
    porter_thomas_panel,
    portrait_sheet,
)
from qdm_utils.qubits.states import fidelity

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
n, d = 4, 16
log_fidelity = {6: 0.286, 8: 0.205}  # the research log's best training fidelity at these depths
slow_rate = {
    6: 0.04 * 0.8**2,
    8: 0.04 * 0.8**3,
}  # third and fourth stage of the falling rate that notebook 05 declares
children = iter(np.random.SeedSequence(seed).spawn(40))

# %% [markdown]
# ## What random states look like
#
# A state of $n$ qubits has $2^n$ amplitudes $\psi_i$. A pure state has $|\rho_{ij}|=|\psi_i||\psi_j|$, so the heatmap of its density
# matrix holds the moduli of one vector, twice.
#
# We compare with three ensembles. *Haar* states are uniformly random, and are what the research log trains on; **they are the originals
# of this notebook**. *Low-entangled* states come from a brickwork of depth 2 on $|0000\rangle$ and are closer to what the
# research log's pictures look like; every claim about originals is checked for them too, as a second setting. *Products* are random
# states of single qubits without any entanglement.

# %%
haar, product = haar_states(n_haar, n, next(children)), product_states(n_haar, n, next(children))
shallow = brickwork(n, 2, next(children), count=n_haar).apply(zero_states(1, n))[:, 0]
sizes = [haar_states(1, qubits, next(children)).shape[-1] for qubits in (4, 16)]
print("amplitudes of a state of 4 and of 16 qubits:", sizes)

# %%
ensembles = {"Haar": haar, "low-entangled": shallow, "product": product}
numbers = {name: state_portrait(states) for name, states in ensembles.items()}
reference = pd.DataFrame(
    [
        (name, key, x.mean().item(), x.std().item(), *np.quantile(x, (0.025, 0.975)))
        for name, found in numbers.items()
        for key, x in found.items()
    ],
    columns=["ensemble", "number", "mean", "sd", "2.5 %", "97.5 %"],
)
book.save_table(reference, "reference")
reference.pivot(
    index="number", columns="ensemble", values=["mean", "2.5 %", "97.5 %"]
).style.set_uuid("reference").format(
    "{:z.3f}"  # z: no minus sign before a zero
)

# %% [markdown]
# Most of these means are known without sampling. At every point the Wigner function is a fixed quadratic form of the state, so its
# sign and size over Haar states follow from the eigenvalues of $\bigotimes_q\frac12(1+s_qX+s'_qY+s_qs'_qZ)$, which are products of
# $\frac12(1\pm\sqrt3)$; for products of random qubits $\frac12(1-3^{-n/2})=\frac49$ and $(2/\sqrt3)^n=\frac{16}9$. Entropies are Page's.

# %%
bits = pair_information(mutual_information(haar))
exact = pd.DataFrame(
    [
        ("negative share, Haar", haar_negativity(n)[0], numbers["Haar"]["negative"]),
        ("Σ|W|/ΣW, Haar", haar_negativity(n)[1], numbers["Haar"]["norm"]),
        ("negative share, product", product_negativity(n)[0], numbers["product"]["negative"]),
        ("Σ|W|/ΣW, product", product_negativity(n)[1], numbers["product"]["norm"]),
        ("bits of a pair, Haar", haar_mutual_information(n), bits.mean(-1)),
        ("entropy of the middle cut, Haar", page_entropy(4, 4), numbers["Haar"]["entropy"]),
    ],
    columns=["mean", "exact", "sampled"],
)
exact["standard error"] = [values.std().item() / n_haar**0.5 for values in exact["sampled"]]
exact["sampled"] = [values.mean().item() for values in exact["sampled"]]
assert ((exact["exact"] - exact["sampled"]).abs() < 5 * exact["standard error"]).all()
book.save_table(exact, "exact")
exact.style.set_uuid("exact").format(precision=4).format(
    "{:.4f}", subset=["exact", "sampled"]
).hide(axis="index")

# %% [markdown]
# **The mean share of negative values hardly depends on entanglement**: it is 44.4 % for products of random qubits and 45.0 % for Haar
# states. The size of the negative part tells them apart: Σ|W|/ΣW is 16/9 for products on average and 2.91 for Haar states. And negativity belongs to the kernel: a
# Bell state, which a classical computer simulates with ease, is negative at a quarter of its points.

# %%
basis = discrete_wigner(torch.eye(d, dtype=torch.complex128))
lowest = discrete_wigner(haar).amin(-1)
print(
    f"a negative value in {(lowest < 0).sum()} of {n_haar} Haar states and in {(basis.amin(-1) < 0).sum()} of {d} basis states"
)

# %% [markdown]
# ### One rule for a number that was read off one state
#
# A number read off a single state is compared with single states: does it lie in the central 95 % of single draws of the same quantity here?
# If so, it is also compared with states that nothing was done to. For originals and scrambled states these are Haar states; for denoised ones
# they are *chance states*, as close to the original as the denoised state and random in every other respect (defined in the next section). A number
# that lies in the central 95 % of these, too, is *an ordinary draw* and supports no conclusion about scrambling or denoising. Seven numbers are judged
# in this way. Of seven independent draws at least one falls outside its central 95 % in $1-0.95^7=30$ % of cases.

# %%
print(
    "Of 256 Wigner values 113, 112 and 118 are",
    *(f"{100 * k / 256:.2f} %" for k in (113, 112, 118)),
)


def interval(values, digits=2):
    """The central 95 % of single draws, in words."""
    low, high = np.quantile(values.flatten(), (0.025, 0.975))
    return f"{low:.{digits}f} to {high:.{digits}f}"


# %% [markdown]
# ## Denoisers as good as the research log's
#
# As in the research log, a denoiser has 84 angles and ten fixed training states, and Adam lowers the mean infidelity with one scrambler.
# Notebook 05 shows that such a denoiser, given time, reaches 0.66 on its training states; the research log's best values are 0.286 at depth 6 and
# 0.205 at depth 8. How good the denoiser is decides what a portrait of its output looks like. **We therefore stop each training as soon
# as the mean fidelity of its ten states first reaches the research log's value**, and judge every statement there. The learning rate is
# small (0.01) so that the stop overshoots little.
#
# As a control, a second training uses the falling learning rate that notebook 05 declares because it comes close to the research log,
# $0.04\cdot0.8^{k}\,e^{-\mathrm{epoch}/8}$ in stage $k$ ($k=2$ at depth 6, 3 at depth 8), and runs to its end. For comparison the table also
# holds the end of the first training, held-out states under the same scrambler, and *chance states*: for every training state one that
# has the fidelity of its denoised state and is Haar-random in every other respect,
# $\psi'=\sqrt F\,\psi+\sqrt{1-F}\,\varphi$ with $\varphi\perp\psi$.

# %%
ansatz = Ansatz(n, layers)
shape = (2, n_draws, n_states, d)  # training states, held-out states
low_entangled = brickwork(n, 2, next(children), count=2 * n_draws * n_states).apply(
    zero_states(1, n)
)
originals = {
    "Haar": haar_states(2 * n_draws * n_states, n, next(children)).reshape(shape),
    "low-entangled": low_entangled.reshape(shape),
}
AT_LOG, SLOW, CHANCE, END, HELD = (
    "research log's F",
    "decaying rate",
    "chance, same F",
    "end of training",
    "held out",
)
each_draw = torch.arange(n_draws)
trios, angles, stops = {}, {}, {}
for kind, depth in (("Haar", 6), ("Haar", 8), ("low-entangled", 6), ("low-entangled", 8)):
    known, held = originals[kind]
    scrambler = brickwork(n, depth, next(children), count=n_draws)
    mixed, mixed_held = scrambler.apply(known), scrambler.apply(held)
    start = ansatz.random_angles(n_draws, next(children))
    theta = train_on_states(ansatz, start, known, mixed, range(epochs + 1), constant(learning_rate))
    curve = fidelity(ansatz.apply(theta, mixed), known).mean(-1)
    stop = first_reaching(curve, log_fidelity[depth])
    falling = exponential(slow_rate[depth], slow_decay)
    slow = train_on_states(ansatz, start, known, mixed, [slow_epochs], falling)[0]
    stopped = ansatz.apply(theta[stop, each_draw], mixed)
    alike = chance_states(known, fidelity(stopped, known), next(children))
    trios[kind, depth, AT_LOG] = (known, mixed, stopped)
    trios[kind, depth, SLOW] = (known, mixed, ansatz.apply(slow, mixed))
    trios[kind, depth, CHANCE] = (known, mixed, alike)
    trios[kind, depth, END] = (known, mixed, ansatz.apply(theta[-1], mixed))
    trios[kind, depth, HELD] = (held, mixed_held, ansatz.apply(theta[stop, each_draw], mixed_held))
    angles[kind, depth], stops[kind, depth] = theta, stop
    print(
        f"{kind:>13}, depth {depth}: stopped after {stop.double().mean():.1f} epochs on average, F = {curve[stop, each_draw].mean():.3f}"
    )

# %% [markdown]
# The states of one draw share a denoiser, so standard errors are taken over the 128 draws.

# %%
results = {key: restoration(*trio) for key, trio in trios.items()}
for found in results.values():
    for name in ("phases", "phases, weighted"):
        found[f"{name}, ratio"] = found[name] / found[f"{name}, scrambled"].mean()
means = {
    key: {name: x.mean().item() for name, x in found.items()} for key, found in results.items()
}
errors = {
    key: {name: x.mean(-1).std().item() / n_draws**0.5 for name, x in found.items()}
    for key, found in results.items()
}
rows = [
    (*key, name, means[key][name], errors[key][name], found[name].std().item())
    for key, found in results.items()
    for name in found
]
table = pd.DataFrame(
    rows,
    columns=["original", "depth", "states", "number", "mean", "standard error", "sd of one state"],
)
book.save_table(table, "restoration")
table["shown"] = [
    f"{m:z.3f} ± {e:.3f}" for m, e in zip(table["mean"], table["standard error"], strict=True)
]
kept = [
    "fidelity",
    "moduli gained",
    "phases, ratio",
    "phases, weighted, ratio",
    "same pair",
    "pair bits",
    "bits of scrambled pair",
    "negative gained",
    "schmidt",
]
chosen = table[(table["depth"] == 6) & table["number"].isin(kept)]
shown = chosen.pivot(index=["original", "number"], columns="states", values="shown")[
    [AT_LOG, CHANCE, SLOW, END, HELD]
]
shown.style.set_uuid("restoration")

# %%
gaps = []
for name in kept[1:]:
    differences = torch.stack(
        [
            (results[kind, depth, AT_LOG][name] - results[kind, depth, CHANCE][name]).mean(-1)
            for kind, depth in angles
        ]
    )
    # Four settings with draws of their own: their errors add in squares.
    error = (differences.var(-1) / n_draws).sum().sqrt().item() / len(differences)
    level = np.mean([means[kind, depth, AT_LOG][name] for kind, depth in angles])
    gaps.append((name, level, differences.mean().item(), error))
gaps = pd.DataFrame(gaps, columns=["number", "denoised", "denoised − chance", "standard error"])
book.save_table(gaps, "chance")
gaps.style.set_uuid("chance").format(precision=4).hide(axis="index")

# %% [markdown]
# This is the main result: given the fidelity, what training did can hardly be seen. The second table averages over both depths and both kinds
# of originals. Six of its eight numbers agree within two
# standard errors. The other two differ a little: denoised states gain 0.009 ± 0.004 less in the moduli (of 0.175), and their weighted phase error,
# relative to the scrambled state's, is lower by 0.003 ± 0.001. Both are too small to be seen in any single state, and they point away from "moduli first".

# %% [markdown]
# ## Moduli and phases
#
# A uniform grey would need equal moduli. Scrambling gives Haar moduli: populations with the Porter–Thomas law, and entries
# $|\rho_{ij}|$ that scatter by three quarters of their mean. For Haar originals scrambling changes nothing of this: they are Haar before
# and after.

# %%
scrambler = brickwork(n, deep, next(children), count=n_haar // 5)
saturated = scrambler.apply(zero_states(1, n))[:, 0]
grey = modulus_spread(density_matrix(saturated))
moduli_of_all = density_matrix(saturated).abs().to(saturated.dtype)
grey_on_average = modulus_spread(moduli_of_all.mean(0)).item()
grey_of_groups = [modulus_spread(group.mean(0)).item() for group in moduli_of_all.chunk(8)]
grey_error = np.std(grey_of_groups, ddof=1) / 8**0.5
print(
    f"scatter of |ρ_ij| beside its mean, |0000⟩ at depth {deep}: one state {grey.mean():.3f} (sd {grey.std():.3f}, smallest of {n_haar // 5} {grey.min():.2f}), "
    f"Haar states {modulus_spread(density_matrix(haar)).mean():.3f}; averaged over the circuits first {grey_on_average:.3f} ± {grey_error:.3f}"
)
everything = torch.stack([states for trio in trios.values() for states in trio])
moduli = (
    density_matrix(everything).abs()
    - everything.abs()[..., :, None] * everything.abs()[..., None, :]
)

# %% [markdown]
# At the research log's fidelity the moduli correlate a little with the original's, and the phases are nearly as wrong as after scrambling: the
# mean phase error, divided by that of the scrambled state, is 1 where nothing was learned and 0 where all was. A mean over all entries
# counts the phases of entries near zero as much as the others. Weighted by the moduli, as the eye weighs the squares of a Hinton diagram,
# more of the phases has come back, but a single state still scatters widely.

# %%
log6, log8 = ("Haar", 6, AT_LOG), ("Haar", 8, AT_LOG)
low6, low8 = ("low-entangled", 6, AT_LOG), ("low-entangled", 8, AT_LOG)


def with_error(key, name, digits=3):
    """Mean and standard error in words."""
    return f"{means[key][name]:.{digits}f} ± {errors[key][name]:.{digits}f}"


name = "moduli gained"
for key in (log6, ("Haar", 6, CHANCE), ("Haar", 6, SLOW), low6):
    print(
        f"{', '.join(map(str, key)):>40}: correlation of the moduli gained {with_error(key, name)}"
    )
print(f"a single state gains in {(results[log6][name] > 0).double().mean():.0%} of cases")
for name in ("phases, ratio", "phases, weighted, ratio"):
    print(
        f"{name}: mean {means[log6][name]:.3f}, single states {interval(results[log6][name])}; low-entangled {means[low6][name]:.3f}; "
        f"chance states {means['Haar', 6, CHANCE][name]:.3f}, decaying rate {means['Haar', 6, SLOW][name]:.3f}, "
        f"end of training (F = {means['Haar', 6, END]['fidelity']:.2f}) {means['Haar', 6, END][name]:.3f}"
    )

# %% [markdown]
# **Which comes first, moduli or phases?** We ask twice. *How far* has each come at the research log's fidelity, on a scale from 0
# (scrambled) to 1 (perfect)? And *when*, on the way to that fidelity, has each made half of its own gain? Both are asked for phases
# that count alike and for phases weighted by the moduli.

# %%
columns = ("moduli", "phases", "phases, weighted")


def way_back(found):
    """How far moduli and phases have come from scrambled (0) to perfect (1); each of shape (draws,)."""
    moduli_before = found["moduli"] - found["moduli gained"]
    shares = [found["moduli gained"].mean(-1) / (1 - moduli_before.mean(-1))]
    shares += [
        1 - found[name].mean(-1) / found[f"{name}, scrambled"].mean(-1) for name in columns[1:]
    ]
    return torch.stack(shares)


ways_back = {key: way_back(found) for key, found in results.items()}
ways = pd.DataFrame(
    [
        (
            kind,
            depth,
            states,
            *way.mean(-1).tolist(),
            *((way[:1] - way[1:]).std(-1) / n_draws**0.5).tolist(),
        )
        for (kind, depth, states), found in results.items()
        if states in (AT_LOG, CHANCE, SLOW)
        for way in [ways_back[kind, depth, states]]
    ],
    columns=["original", "depth", "states", *columns, "± moduli − phases", "± moduli − weighted"],
)
book.save_table(ways, "way-back")
ways.style.set_uuid("ways").format(precision=3).hide(axis="index")

# %%
random = np.random.default_rng(next(children))
half_lead, time_leads = {}, {}
for kind in originals:
    known, mixed, _ = trios[kind, 6, AT_LOG]
    looks = np.unique(
        np.linspace(0, stops[kind, 6].double().mean().round().item(), 13).round().astype(int)
    )
    learning = likeness(ansatz.apply(angles[kind, 6][looks], mixed), known)
    curves = np.stack([learning[name].mean(-1).numpy() for name in columns])
    redrawn = half_gain(
        looks, curves[..., random.integers(n_draws, size=(500, n_draws))].mean(-1).swapaxes(1, 2)
    )
    halves = half_gain(looks, curves.mean(-1))
    half_lead[kind] = halves[1:] - halves[0], (redrawn[1:] - redrawn[0]).std(1)
    # Eight groups of denoisers, each of which gives a lead of its own, as a share of the epochs.
    groups = [curves[..., part].mean(-1) for part in np.array_split(np.arange(n_draws), 8)]
    times = half_gain(looks, np.stack(groups, 1))
    time_leads[kind] = (times[1:] - times[0]) / looks[-1]
    print(
        f"{kind}: half of the gain for moduli after {halves[0]:.1f} epochs of {looks[-1]}, phases {halves[1]:.1f}, weighted {halves[2]:.1f}"
    )
    print(
        "    phases later by",
        ", weighted by ".join(
            f"{x:.1f} ± {e:.1f} epochs" for x, e in zip(*half_lead[kind], strict=True)
        ),
    )

# %% [markdown]
# Moduli have come further if all phases count alike, and less far if phases are weighted; in time they do not lead in either way. Chance
# states, on which nothing was trained at all, show the same order. It is a property of the measures, and says nothing about what a circuit learns first.
#
# ## Negativity
#
# The research log's 44.1, 43.8 and 46.1 % are exactly 113, 112 and 118 of 256 points. All three are ordinary for a random state, whatever was done to it.

# %%
random_share = 100 * numbers["Haar"]["negative"]
low_share = 100 * numbers["low-entangled"]["negative"]
negative_shares = {
    (kind, part): 100 * state_portrait(states)["negative"].flatten()
    for kind in originals
    for part, states in zip(
        ("scrambled", "denoised", "chance"),
        (*trios[kind, 8, AT_LOG][1:], trios[kind, 8, CHANCE][2]),
        strict=True,
    )
}
print(
    f"single states, central 95 %: Haar {interval(random_share, 1)} %, low-entangled {interval(low_share, 1)} %"
)
for (kind, part), values in negative_shares.items():
    print(
        f"{kind} originals, {part}: mean {values.mean():.2f} %, central 95 % {interval(values, 1)} %"
    )

# %%
moved = {}
for kind in originals:
    before, after = (state_portrait(states) for states in trios[kind, 8, AT_LOG][:2])
    change = 100 * (after["negative"] - before["negative"]).mean(-1)
    moved[kind] = change
    print(
        f"{kind}: scrambling changes the negative share by {change.mean():.2f} ± {change.std() / n_draws**0.5:.2f} points, Σ|W|/ΣW from {before['norm'].mean():.2f} to {after['norm'].mean():.2f}"
    )

# %%
added = {
    key: (100 * means[key]["negative gained"], 100 * errors[key]["negative gained"])
    for key in results
}
best = max((key for key in added if key[2] != CHANCE), key=lambda key: added[key][0])
one = 100 * results[log8]["negative gained"]
print(
    f"denoised − scrambled at depth 8, percentage points: mean {added[log8][0]:z.2f} ± {added[log8][1]:.2f}, one state sd {one.std():.1f}, central 95 % {interval(one, 1)}"
)
print(
    f"the largest mean of all settings ({', '.join(map(str, best))}): {added[best][0]:.2f} ± {added[best][1]:.2f}"
)

# %% [markdown]
# A single denoised state may well be 2.3 points more negative than before, and another 2.3 points less: as a report on one state
# the number comes out. On average nothing is added, at any fidelity, so the step from one state to "injecting quantum coherence" is not
# supported.
#
# ## Who shares information with whom
#
# The research log follows two pairs of qubits: the pair that shares most in the original (0.61 bits, 0.75 after denoising) and the pair that
# shares most after scrambling (0.84 bits, dropping "back toward 0.21" after denoising). We read 0.21 as the value after denoising, but
# it may also be the value of that pair in the original; it is as ordinary there.

# %%
largest, largest_low = numbers["Haar"]["bits"], numbers["low-entangled"]["bits"]
strongest, strongest_low = (
    pair_information(mutual_information(trios[key][1])).amax(-1) for key in (log8, low8)
)
bits_before = {
    kind: restoration(known, mixed, known)["bits of scrambled pair"].flatten()
    for kind in originals
    for known, mixed, _ in [trios[kind, 6, AT_LOG]]
}
for key, name in (
    (key, name)
    for name in ("pair bits", "bits of scrambled pair")
    for key in (log6, low6, ("Haar", 6, SLOW), ("Haar", 6, CHANCE))
):
    print(f"{', '.join(map(str, key)):>40}, {name}: central 95 % {interval(results[key][name])}")

# %%
high = pair_information(mutual_information(trios[log6][1])).amax(-1) >= 0.8
chosen = results[log6]["bits of scrambled pair"]
print(
    f"leading pair after scrambling: {pair_information(mutual_information(trios[log6][1])).amax(-1).mean():.2f} bits; the same pair after denoising {with_error(log6, 'bits of scrambled pair', 2)}"
)
print(
    f"of those that shared 0.8 bits or more ({high.sum()} states), {chosen[high].mean():.2f} ± {chosen[high].std() / high.sum() ** 0.5:.2f} are left after denoising"
)
print(
    f"leading pair of the original: {largest.mean():.2f} bits; the same pair after denoising {with_error(log6, 'pair bits', 2)}"
)
print(
    f"a given pair of a random state: {bits.mean():.2f}; at most 0.21 in {(bits <= 0.21).double().mean():.1%} of cases, at least 0.75 in {(bits >= 0.75).double().mean():.1%}"
)

# %% [markdown]
# **The fall from 0.84 towards 0.21 bits is regression to the mean.** The pair was chosen because it shared most, and the largest of six
# pairs shares 0.61 bits on average. In an unrelated state the same pair shares 0.40 bits on average, and so it does after denoising, even where it shared 0.8 bits or
# more before. Moreover, the 0.84 belongs to a scrambler of depth 8 and the 0.21 to one of depth 6, so the two are not a
# before and after of one state. The original's pair behaves alike: its average falls from 0.62 to 0.41 bits. If 0.21 is the value of
# that pair in the original, it is as ordinary: a random pair shares at most 0.21 bits in 8.8 % of cases. The stated rise to
# 0.75 is the one number of the seven at the edge: a random pair shares at least 0.75 bits in 2.3 % of cases, and our denoised states
# barely reach it, too, as do chance states of the same fidelity, whose central 95 % end at 0.76 bits. One of seven numbers so far out is no surprise.
#
# The fair test of "partly restored" is how often the pair that led in the original leads again. Two unrelated states agree in 1 case of 6.
# We call an effect large enough to matter if the pair leads again in at least one more state of ten than by chance (0.267). Whoever shows a picture may show a
# good one, so we also ask it of the *best of ten*, the training state of each denoiser with the highest fidelity.

# %%
kept_pair = {}
for kind in originals:
    before, after = (
        leading_pair(mutual_information(states)) for states in trios[kind, 8, AT_LOG][:2]
    )
    kept_pair[kind] = (before == after).all(-1).flatten()
    print(
        f"{kind}: another pair leads after scrambling in {1 - kept_pair[kind].double().mean():.3f} of {n_draws * n_states} states; 5/6 = 0.833 for unrelated ones"
    )

# %%
restored = {}
for key in results:
    again, error = means[key]["same pair"], errors[key]["same pair"]
    restored[key] = again - 1.96 * error, again + 1.96 * error
    print(
        f"{', '.join(map(str, key)):>40}: F = {means[key]['fidelity']:.3f}, same pair {again:.3f} ± {error:.3f}"
    )


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


for name in ("fidelity", "same pair", "moduli gained"):
    for setting, values in by_setting(name, 6).items():
        if "best" in setting:
            print(f"{name}, {setting}: {values.mean():.3f} ± {values.std() / n_draws**0.5:.3f}")

# %% [markdown]
# At the research log's fidelity the pair leads again more often than by chance, in one state of five, but not by enough to matter, and no more often than in
# chance states of equal fidelity. At $F=0.63$, which the research log does not reach, it leads again in 0.30 of the states, whose interval lies
# above 0.267: a better denoiser brings the leading pair back in three states of ten, no more often than in chance states of that fidelity
# (0.31 at $F=0.6$, Figure 5). The same is true of the best of ten training states at the research log's fidelity: their own is 0.58 on average, and the
# pair leads again in one of three. So "partially restored" comes out if the state shown was the best of its ten, and not if it was an average one. One portrait decides nothing here.
#
# ## Schmidt spectrum and purity
#
# Haar states have the mean spectrum below, neither steep nor flat. The research log trains on Haar states, yet describes an original with almost
# all weight on one component. Its numbers are lost in our copy. We read its coefficients as squared, $\lambda_k$ with $\sum_k\lambda_k=1$: none of our
# 10,000 Haar states has $\lambda_1>0.9$; of the low-entangled ones about one in twelve has. Unsquared, the bound would be
# $\sqrt{\lambda_1}>0.9$, which 0.7 % of Haar states and 34 % of low-entangled ones pass. The verdict is the same.

# %%
haar_spectrum = schmidt_spectrum(haar, 2).mean(0).numpy()
print("Haar mean:", haar_spectrum.round(4))
steep = {name: (found["schmidt"] > 0.9).double().mean().item() for name, found in numbers.items()}
unsquared = {
    name: (found["schmidt"].sqrt() > 0.9).double().mean().item() for name, found in numbers.items()
}
print("a squared coefficient above 0.9:", {name: f"{x:.1%}" for name, x in steep.items()})
print("an unsquared one:", {name: f"{x:.1%}" for name, x in unsquared.items()})

# %%
entropies = {
    kind: entanglement_entropy(trios[kind, 8, AT_LOG][1], n // 2).flatten() for kind in originals
}
for kind, values in entropies.items():
    print(
        f"{kind}: entropy of the middle cut after scrambling {values.mean():.3f} bits (sd {values.std():.2f}, largest {values.max():.2f}); Page's value {page_entropy(4, 4):.4f}"
    )

# %% [markdown]
# Equal coefficients, as in a picture of a flat spectrum, would have 2 bits, more than any scrambled state here. "Maximum entanglement" may
# also mean as much as random states have; that much scrambled states do have.

# %% [markdown]
# Is the denoised spectrum between the original's and the scrambled one's? For Haar originals the three have the same distribution, so no
# average effect can exist. For low-entangled originals we give the statement its best case: those as steep as the research log describes, with a
# largest component $\lambda_1$ above 0.9, at both depths. We ask it of averages, and of single states: in how many does $\lambda_1$ lie strictly between the other two?

# %%
tops = {
    key: [schmidt_spectrum(states, 2)[..., 0] for states in trio] for key, trio in trios.items()
}


def steps_of(keys, steep=False):
    """λ₁ of original − denoised and of denoised − scrambled, mean and standard error of each, and their number."""
    chosen = [
        torch.stack([first - last, last - middle])[:, first > 0.9 * steep]
        for first, middle, last in (tops[key] for key in keys)
    ]
    steps = torch.cat(chosen, -1)
    return (
        steps.mean(-1).tolist(),
        (steps.std(-1) / steps.shape[-1] ** 0.5).tolist(),
        steps.shape[-1],
    )


cases = {
    "Haar": steps_of((log6, log8)),
    "low-entangled": steps_of((low6, low8)),
    "steep ones": steps_of((low6, low8), steep=True),
    "steep ones at the end of training": steps_of(
        [("low-entangled", depth, END) for depth in (6, 8)], steep=True
    ),
}
for name, (step, error, count) in cases.items():
    print(
        f"{name}: original − denoised {step[0]:.3f} ± {error[0]:.3f}, denoised − scrambled {step[1]:.3f} ± {error[1]:.3f} ({count} states)"
    )
between = {
    f"{kind} originals": torch.cat(
        [results[kind, depth, AT_LOG]["between"].flatten() for depth in (6, 8)]
    ).bool()
    for kind in originals
}
is_steep = torch.cat([tops["low-entangled", depth, AT_LOG][0].flatten() for depth in (6, 8)]) > 0.9
between["steep originals"] = between["low-entangled originals"][is_steep]
for name, inside in between.items():
    print(
        f"{name}: λ₁ between the other two in {inside.double().mean():.1%} of {len(inside)} states"
    )

# %% [markdown]
# In single states λ₁ lies strictly between the other two in 33 % of Haar originals, as it would for three unrelated states, in 42 % of low-entangled ones, and in 61 % of the 190 steep
# ones (95 % interval 53 to 68 %). So the sentence holds for most originals as steep as described, and not for those on which the research log trains.
#
# Unitaries keep pure states pure, so the last number of the portraits cannot be other than 1.

# %%
pure = purity(density_matrix(everything)).flatten()
least_pure = pure[(pure - 1).abs().argmax()].item()
print(f"largest deviation of a purity from 1: {abs(least_pure - 1):.0e}")

# %% [markdown]
# ## The portraits
#
# Single states scatter around the mean fidelity by the standard deviation printed below. We show, out of 1,280 denoised states, the one whose own fidelity is closest to
# the research log's 0.286 at depth 6; nothing else entered the choice.

# %%
example = {}
for kind in originals:
    distance = (results[kind, 6, AT_LOG]["fidelity"] - log_fidelity[6]).abs()
    example[kind] = divmod(distance.argmin().item(), n_states)
    spread = results[kind, 6, AT_LOG]["fidelity"].std().item()
    reached = results[kind, 6, AT_LOG]["fidelity"][example[kind]].item()
    print(
        f"{kind}: fidelity of single states {means[kind, 6, AT_LOG]['fidelity']:.3f}, sd {spread:.2f}; shown {reached:.4f}"
    )


def portraits_of(kind):
    """Arrays for `portrait_sheet`: original, scrambled and denoised state of the example."""
    reached = results[kind, 6, AT_LOG]["fidelity"][example[kind]]
    names = ("original", "scrambled, depth 6", f"denoised, F = {reached:.2f}")
    return {
        name: {
            "rho": density_matrix(state).numpy(),
            "wigner": discrete_wigner(state).numpy(),
            "bits": mutual_information(state).numpy(),
            "schmidt": schmidt_spectrum(state, 2).numpy(),
            "purity": purity(density_matrix(state)).numpy(),
        }
        for name, state in zip(
            names, (states[example[kind]] for states in trios[kind, 6, AT_LOG]), strict=True
        )
    }


figure = plt.figure(figsize=(PAGE, 6.1), dpi=150)
portrait_sheet(figure, portraits_of("Haar"), haar_spectrum)
book.save_figure(figure)

# %% [markdown]
# **Figure 1. Portraits of one Haar state: it would be hard to say which is which.** (a) The area of a square is $|\rho_{ij}|$ relative to the
# largest entry, its hue the phase. (b) The Wigner function times $4^n$, so that the maximally mixed state is 1 everywhere; rows are the strings of
# $s$, columns those of $s'$, blue is positive and red negative. (c) Mutual information of every pair of qubits in bits, the
# largest in bold. (d) Squared Schmidt coefficients $\lambda_k$ across the middle cut, with the mean of Haar states as black ticks, and the purity.

# %%
figure = plt.figure(figsize=(PAGE, 6.1), dpi=150)
portrait_sheet(figure, portraits_of("low-entangled"), haar_spectrum)
book.save_figure(figure, "low-entangled")

# %% [markdown]
# **Figure 2. The same for a low-entangled original:** at the research log's fidelity, what denoising brought back is hard to see here, too. In this example the
# original's leading pair (1, 2) leads again, as it does in about one state of five. Panels as in Figure 1.
#
# ## Moduli: from a pattern to Porter–Thomas, not to grey

# %%
figure, axes = plt.subplots(1, 4, figsize=(PAGE, 1.9), width_ratios=[1, 1, 1, 1.9], dpi=150)
shown_states = [trios["low-entangled", 6, AT_LOG][k][example["low-entangled"]] for k in (0, 1)] + [
    saturated[0]
]
rhos = [density_matrix(state).numpy() for state in shown_states]
top = max(np.abs(rho).max() for rho in rhos[1:])
for axis, rho, title in zip(
    axes, rhos, ("(a) original", "(b) depth 6", f"(c) depth {deep}"), strict=False
):
    image = modulus_heatmap(axis, rho, top=top)
    axis.set(title=title, xlabel="basis state $j$")
axes[0].set_ylabel("basis state $i$")
figure.colorbar(image, ax=axes[:3], shrink=0.8, label=r"$|\rho_{ij}|$", extend="max")
populations = {"low-entangled": shallow, f"depth {deep}": saturated, "Haar": haar}
porter_thomas_panel(
    axes[3], {name: states.abs().square().numpy() for name, states in populations.items()}
)
axes[3].set_title("(d) populations")
book.save_figure(figure, "moduli")

# %% [markdown]
# **Figure 3. A scrambled state is not grey.** (a) The low-entangled original of Figure 2, (b) scrambled, (c) $|0000\rangle$ after depth 24. (d) The
# populations of scrambled states follow the law of Haar states, $(1-\frac1d)(1-\frac xd)^{d-2}$ with $d=16$; equal moduli, the dotted line,
# are nowhere near.
#
# ## Where the research log's single portraits lie

# %%
unrelated = {"pair bits": bits[:, 0]}
followed = {
    "original's pair": {"pair bits": results[log6]["pair bits"]},
    "scrambled state's": {"pair bits": results[log6]["bits of scrambled pair"]},
    "any, random state": unrelated,
}
end_of_training = results["Haar", 6, END]
likenesses = {
    f"denoised, F = {means[log6]['fidelity']:.2f}": results[log6],
    "chance, same F": results["Haar", 6, CHANCE],
    f"denoised, F = {means['Haar', 6, END]['fidelity']:.2f}": end_of_training,
}
spectra = {
    "Haar": numbers["Haar"],
    "low-entangled": numbers["low-entangled"],
    "low-entangled, denoised": results[low6],
}
two = {name: numbers[name] for name in ("Haar", "low-entangled")}
shares = {"original 44.1": 113 / 2.56, "scrambled 43.8": 112 / 2.56, "denoised 46.1": 118 / 2.56}
panels = [
    (
        "(a) negative Wigner values",
        "share of 256 points (%)",
        numbers,
        "negative",
        np.arange(68.5, 157, 3) / 2.56,
        shares,
    ),
    (
        "(b) size of the negativity",
        r"$\Sigma|W|/\Sigma W$",
        numbers,
        "norm",
        np.linspace(0.4, 3.4, 46),
        {},
    ),
    (
        "(c) leading pair",
        "mutual information (bits)",
        two,
        "bits",
        np.linspace(0, 1.6, 41),
        {"original 0.61": 0.61, "scrambled 0.84": 0.84},
    ),
    (
        "(d) a given pair, denoised",
        "mutual information (bits)",
        followed,
        "pair bits",
        np.linspace(0, 2.1, 43),
        {"original's pair 0.75": 0.75, "scrambled state's 0.21": 0.21},
    ),
    (
        "(e) middle cut",
        r"largest component $\lambda_1$",
        spectra,
        "schmidt",
        np.linspace(0.3, 1, 29),
        {},
    ),
    (
        "(f) likeness of the moduli",
        r"correlation of $|\rho_{ij}|$",
        likenesses,
        "moduli",
        np.linspace(-0.8, 1, 28),
        {},
    ),
]
figure, axes = plt.subplots(2, 3, figsize=(PAGE, 4.4), dpi=150)
for axis, (title, label, samples, key, bins, marks) in zip(axes.flat, panels, strict=True):
    scale = 100 if key == "negative" else 1
    values = {name: scale * found[key].flatten().numpy() for name, found in samples.items()}
    ensemble_panel(axis, values, bins, marks)
    axis.set(xlabel=label, title=title)
    if key in ("schmidt", "moduli", "norm"):
        axis.set_ylim(top=1.45 * axis.get_ylim()[1])  # room for the legend
    if key != "negative":  # its colours are those of (b)
        axis.legend(loc="center right" if key in ("bits", "pair bits") else "upper left")
book.save_figure(figure, "ensembles")

# %% [markdown]
# **Figure 4. What the research log reads off single states (triangles) is what random states show.** (a), (c): its shares of negative values and
# its leading pairs; the colours of (a) are those of (b). (b): the size of the negative part tells the three ensembles apart, their mean shares hardly do. (d): after denoising at the research log's
# fidelity, neither the original's leading pair nor the scrambled state's can be told from any pair of a random state in a single state; 0.21 may also be
# the value in the original, where it is as ordinary. (e): denoised
# states of low-entangled originals have nearly the spectrum of Haar states, not of their originals. (f): the likeness of the moduli is that of chance states of
# equal fidelity. Densities over 10,000 random states, or 1,280 states of 128 denoisers at depth 6.
#
# ## What a portrait shows is the fidelity
#
# The curve of chance states needs no training: 2,500 originals of each kind, mixed with the same random states at every fidelity.

# %%
levels = np.linspace(0, 1, 11)
random_seed = next(children)
scrambled = haar[-n_chance:]  # what scrambling makes of either kind
curve_rows = []
for level in levels:
    fidelities = torch.full((n_chance,), level, dtype=torch.float64)
    found = restoration(
        haar[:n_chance], scrambled, chance_states(haar[:n_chance], fidelities, random_seed)
    )
    low = chance_states(shallow[:n_chance], fidelities, random_seed)
    low_component = schmidt_spectrum(low, 2)[..., 0].mean().item()
    curve_rows.append(
        {
            "F": level,
            **{name: x.mean().item() for name, x in found.items()},
            "schmidt, low-entangled": low_component,
        }
    )
chance = pd.DataFrame(curve_rows)
book.save_table(chance, "fidelity")
shown = chance.set_index("F")[
    [
        "moduli",
        "phases",
        "phases, weighted",
        "same pair",
        "pair bits",
        "negative",
        "schmidt, low-entangled",
    ]
]
shown.style.set_uuid("fidelity").format("{:.3f}").format_index("{:.1f}")

# %%
PI_HALF = np.pi / 2
quantities = [
    ("(a) likeness of the moduli", r"correlation of $|\rho_{ij}|$", "Haar", "moduli", 1),
    ("(b) phases, all entries alike", "phase error over π/2", "Haar", "phases", 1 / PI_HALF),
    (
        "(c) phases, weighted by moduli",
        "phase error over π/2",
        "Haar",
        "phases, weighted",
        1 / PI_HALF,
    ),
    ("(d) original's pair leads again", "share of states", "Haar", "same pair", 1),
    ("(e) negative Wigner values", "share of 256 points (%)", "Haar", "negative", 100),
    (
        "(f) largest Schmidt component",
        r"mean $\lambda_1$, low-entangled",
        "low-entangled",
        "schmidt",
        1,
    ),
]
limits = {"negative": (40, 50), "schmidt": (0.55, 0.8)}
markers = (
    (CHANCE, "x", THEORY),
    (AT_LOG, "o", ORIGINAL),
    (SLOW, "D", ORIGINAL),
    (END, "^", ORIGINAL),
    (HELD, "s", OTHER),
)
figure, axes = plt.subplots(2, 3, figsize=(PAGE, 4.3), dpi=150)
for axis, (title, label, kind, name, scale) in zip(axes.flat, quantities, strict=True):
    column = f"{name}, low-entangled" if kind == "low-entangled" else name
    axis.plot(levels, scale * chance[column], color=THEORY, label="chance states of one fidelity")
    for states, marker, colour in markers:
        key = kind, 6, states
        style = {
            "color": colour,
            "mfc": "white" if states == SLOW else colour,
            "ms": 6 if states == CHANCE else 4,
            "zorder": 4,
        }
        axis.errorbar(
            means[key]["fidelity"],
            scale * means[key][name],
            yerr=2 * scale * errors[key][name],
            fmt=marker,
            label=states,
            **style,
        )
    axis.axvline(log_fidelity[6], color=STATED, linestyle=":", linewidth=0.9)
    axis.set(title=title, ylabel=label, xlim=(-0.03, 1.03), ylim=limits.get(name, (-0.05, 1.1)))
    axis.plot(
        log_fidelity[6],
        axis.get_ylim()[0],
        "^",
        color=STATED,
        ms=5,
        clip_on=False,
        zorder=5,
        label="stated F, depth 6",
    )
for axis in axes[1]:
    axis.set_xlabel("fidelity $F$")
handles, labels = axes[0, 0].get_legend_handles_labels()
names = {
    CHANCE: "chance states, spread as the denoised",
    AT_LOG: "stopped at the research log's F",
    SLOW: "decaying learning rate",
    END: "end of training",
    HELD: "held-out states",
}
figure.legend(
    handles, [names.get(text, text) for text in labels], loc="outside lower center", ncols=3
)
book.save_figure(figure, "fidelity")

# %% [markdown]
# **Figure 5. Denoised states lie on or close to the curve of chance states: what a portrait shows is the fidelity.** Black: states with fidelity $F$ to their
# original that are random in every other respect, mean over 2,500; cross: chance states whose fidelities scatter as those of the denoised states do, which matters where the curve bends. Blue: denoised training states at depth 6, mean over 128 denoisers, stopped at
# the research log's fidelity (dot), with notebook 05's falling learning rate (open diamond), after 200 epochs (triangle); green: held-out
# states. Bars, mostly hidden by the symbols, are two standard errors. Vermilion: the research log's best training fidelity at depth 6. (a)–(e) Haar originals, (f) low-entangled
# ones. In (b) and (c) the phase error is divided by π/2.
#
# ## Does the choice of the stop matter?
#
# The same questions at depth 6, only that of the 46.1 % at depth 8 (46.1 % and the bits: `True` where the stated value lies in the central 95 % of single states), with the stop at the research log's fidelity, with the decaying rate, and for low-entangled originals.

# %%
checks = []
for key in (log6, ("Haar", 6, SLOW), low6, ("low-entangled", 6, SLOW), ("Haar", 6, END)):
    found = results[key]
    ahead = ways.set_index(["original", "depth", "states"]).loc[key] if key[2] != END else None
    share_low, share_high = restored[key]
    deep_key = (key[0], 8, key[2])
    checks.append(
        {
            "states": ", ".join((key[0], key[2])),
            "fidelity": f"{means[key]['fidelity']:.3f}",
            "moduli gained": means[key]["moduli gained"] > 2 * errors[key]["moduli gained"],
            "phases may be random": np.quantile(found["phases, ratio"].flatten(), 0.975) >= 1,
            "moduli ahead, alike / weighted": "–"
            if ahead is None
            else f"{ahead['moduli'] > ahead['phases']} / {ahead['moduli'] > ahead['phases, weighted']}",
            "0.75 and 0.21 bits in 95 %": all(
                np.quantile(found[name].flatten(), 0.025)
                <= stated
                <= np.quantile(found[name].flatten(), 0.975)
                for name, stated in (("pair bits", 0.75), ("bits of scrambled pair", 0.21))
            ),
            "46.1 % in 95 %, depth 8": bool(
                np.quantile(results[deep_key]["negative"].flatten(), 0.975) >= 0.461
            ),
            "negativity added (points), depth 6": f"{added[key][0]:z.2f} ± {added[key][1]:.2f}",
            "same pair, 95 %": f"{share_low:.3f} to {share_high:.3f}",
        }
    )
checks = pd.DataFrame(checks).set_index("states").T
book.save_table(checks.reset_index(names="criterion"), "control")
checks.style.set_uuid("control")

# %% [markdown]
# **What this does not show.** Which state the research log looked at, and how good its denoiser was on that state: with a better denoiser, or a state on which it did
# better than on average, more would be restored (Figure 5). If the state was held out from training, its fidelity was at chance, and its
# portrait that of an unrelated random state. The share of negative values depends on the kernel, of which there are several for qubits. And the denoisers here had one
# scrambler each and began from random angles, not from the research log's curriculum; since nothing is carried over from one stage to the next (notebook 05),
# that should make no difference.

# %% [markdown]
# ## Checks and verdicts
#
# Each measurement is held against the criterion that stands beside its claim in `data/claims.toml`, once for every setting that the research log leaves open.

# %%
kinds = {kind: f"{kind} originals" for kind in originals}
for qubits, size in zip((4, 16), sizes, strict=True):
    book.check(f"log-dimension-{qubits}q", size)
book.check("log-dark-rows", moduli.abs().max().item())
book.check("log-purity-one", least_pure)
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
originals_share = {"Haar": random_share, "low-entangled": low_share}
unrelated_pairs = random_share[: n_haar // 2] - random_share[n_haar - n_haar // 2 :]
for kind, setting in kinds.items():
    for part, values, null in (
        ("original", originals_share[kind], random_share),
        ("scrambled", negative_shares[kind, "scrambled"], random_share),
        ("denoised", negative_shares[kind, "denoised"], negative_shares["Haar", "chance"]),
    ):
        book.check(f"log-wigner-negative-{part}", values, setting=setting, null=null)
    book.check("log-negativity-survives-scrambling", moved[kind], setting=setting)
    change = 100 * results[kind, 8, AT_LOG]["negative gained"].flatten()
    book.check("log-denoiser-adds-negativity", change, setting=setting, null=unrelated_pairs)
    at_end = 100 * results[kind, 8, END]["negative gained"].mean(-1)
    injected = "log-denoiser-injects-coherence"
    book.check(injected, at_end, setting=f"{setting}, end of training")
for setting, gained in by_setting("negative gained", 8, best=False).items():
    book.check("log-denoiser-injects-coherence", 100 * gained, setting=setting)

# %%
largest_bits = {"Haar": largest, "low-entangled": largest_low}
scrambled_bits = {"Haar": strongest.flatten(), "low-entangled": strongest_low.flatten()}
for kind, setting in kinds.items():
    book.check("log-mi-original", largest_bits[kind], setting=setting, null=largest)
    book.check("log-mi-scrambled", scrambled_bits[kind], setting=setting, null=largest)
    book.check("log-mi-topology-changes", ~kept_pair[kind], setting=setting)
    for claim, name in (("original", "pair bits"), ("scrambled", "bits of scrambled pair")):
        values = results[kind, 6, AT_LOG][name].flatten()
        chance_bits = results["Haar", 6, CHANCE][name].flatten()
        after = setting if claim == "original" else f"{setting}, after denoising"
        book.check(f"log-mi-denoised-{claim}-pair", values, setting=after, null=chance_bits)
    before = f"{setting}, in the original"
    book.check("log-mi-denoised-scrambled-pair", bits_before[kind], setting=before)
for setting, again in by_setting("same pair", 6).items():
    book.check("log-mi-topology-restored", again - 1 / 6, setting=setting)
for name, setting in (("Haar", "Haar originals"), ("low-entangled", "low-entangled originals")):
    component = numbers[name]["schmidt"]
    book.check("log-schmidt-original-steep", component > 0.9, setting=f"{setting}, squared")
    unsquared_too = component.sqrt() > 0.9
    book.check("log-schmidt-original-steep", unsquared_too, setting=f"{setting}, unsquared")
    of_draw = entropies[name].reshape(n_draws, -1).mean(-1)
    flat = "log-schmidt-scrambled-flat"
    book.check(flat, of_draw / 2, setting=f"{setting}, maximum as equal coefficients")
    book.check(flat, of_draw / page_entropy(4, 4), setting=f"{setting}, maximum as Page's value")
for setting, inside in between.items():
    book.check("log-schmidt-denoised-between", inside, setting=setting)
book.verdicts()
