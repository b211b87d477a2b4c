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
# # 05 · Ten training states are partly memorised at every depth; a small, falling learning rate can explain the reported decline
#
# **The question.** A circuit of 84 adjustable angles on four qubits is trained to undo a *scrambler*, a random
# circuit. It sees ten random states, before and after scrambling. After every 100 training steps (epochs) a new and
# deeper scrambler takes over. In the research log that reports this experiment, the fidelity climbs within each
# stage, collapses when the scrambler changes, and peaks lower at greater depth: at 0.301 for depth 2, at 0.103 for
# depth 12. On states that were not trained on it stays near 0.06. Are deeper scramblers harder to learn?
#
# **The answer.** Their ten training states are not harder to fit with an open chain of entangling gates, at constant
# rates up to 0.05; the scrambler itself is harder to undo (Figure 3). The sawtooth of climb and collapse occurs at every
# learning rate that we tried, whole in at least 84 % of the runs. The decline does not: at a constant rate of 0.05
# the mean peaks lie between 0.66 and 0.68 at every depth, at 0.002 between 0.27 and 0.29. Peaks that decline as
# reported do appear when the learning rate is small and falls during the run, and nearly all other numbers of this
# part of the research log then come out with them. The circuit memorises its ten states in part and learns little
# of the scrambler: averaged over all states, its fidelity ends between 0.18 and 0.24 even at the constant rate 0.05, where
# chance is 0.06.
#
# ![Fidelity over six stages of training at a constant and at a falling learning rate, with the maxima of the research log](../figures/05_sawtooth_curriculum.png)
#
# **The sawtooth is there at either rate; the decline comes with the falling one.** Blue: the ten training states (median and 10–90 % of 200 runs); green: all states; grey: held-out
# states under another scrambler; triangles: maxima stated in the research log. (Published run; drawn again below.)
#
# **How sure are we?** Each statement about a rate rests on 50 to 200 independent runs. At the rate 0.05 the
# peaks of single runs scatter by 0.04 to 0.07 (standard deviation) and lie 0.38 to 0.56 above those of the research
# log. The falling rate was found by search, after we had seen the numbers: it is an explanation that fits,
# not a finding. The research log states neither rate, entangling gates nor seed. A map of 672 settings shows
# which ones fit: a narrow band of rates, but any of three kinds of entangling gates. One line from its author would
# settle the matter.
#
# *After the parts "What We Built" and "Training" of the research log* Quantum Diffusion Models: First Experiments.
# *No other notebook is needed first. Some seconds, from the records of about 24,500 trained circuits in*
# `data/campaigns/05_sawtooth_curriculum` *(half a core-hour; a few of them are recomputed below).*

# %%
from dataclasses import replace
from types import SimpleNamespace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch

from qdm_utils import qubits
from qdm_utils.companion import Book
from qdm_utils.companion.campaigns import records_of
from qdm_utils.companion.figures import PAGE
from qdm_utils.qubits.circuits.qiskit_circuits import ansatz_to_qiskit
from qdm_utils.qubits.denoising import chance_maximum, plots
from qdm_utils.statistics import joint_predictive

# %% tags=["parameters"]
n_seeds: int = 200  # runs at the two learning rates that the verdicts rest on; in 2 … 100000
n_scan: int = 50  # independent runs at every other learning rate; in 2 … 100000
n_few: int = 16  # independent runs of every other variant; in 2 … 100000
epochs: int = 100  # Adam steps in each stage; ≥ 2
rate: float = 0.05  # our constant learning rate, the research log states none; > 0 and ≤ 1
slow_rate: float = 0.002  # one whose maxima come near to the first one reported; > 0 and ≤ 1
rates: list[float] = [0.0005, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]  # more constant rates; each > 0
halving: list[list[float]] = [
    [0.004, 200.0],
    [0.003, 200.0],
]  # first rate, epochs in which it halves, first is drawn; each of 2 entries and each > 0
falling: list[list[float]] = [
    [0.04, 0.8, 8.0],
    [0.03, 0.8, 10.0],
    [0.02, 0.8, 15.0],
]  # rate, factor between stages, epochs of 1/e; each of 3 entries and each > 0
state_counts: list[int] = [1, 2, 3, 4, 7, 10, 13, 16, 20, 30, 40]  # training states; each ≥ 1
layer_counts: list[int] = [6, 12]  # entangling layers of the reach; contains 6 and each in 1 … 100
sizes: list[int] = [4, 6, 8, 10]  # qubits of the reported table; each one of 4, 6, 8, 10
few_by_size: list[int] = [16, 8, 4, 2]  # runs at each of them; as long as sizes and each ≥ 2
n_map: int = 32  # runs at each point of the map of falling rates; in 12 … 100000
map_rates: list[float] = [0.01, 0.015, 0.02, 0.03, 0.04, 0.06, 0.09]  # first rates; each > 0
map_within: list[float] = [5, 8, 12, 18, 30, 1000]  # epochs of 1/e within a stage; each > 0
map_between: list[float] = [0.7, 0.8, 0.9, 1.0]  # factors between stages; each > 0
seed: int = 20261121  # root seed of everything random here; ≥ 0

# %%
book = Book("05_sawtooth_curriculum", globals())
records = records_of(book)
# The campaign has the other children of this seed.
checks, here, chance, null_seed, inverse_seed, one_seed = (
    np.random.SeedSequence(seed, spawn_key=(child,)) for child in (6, 9, 8, 10, 11, 13)
)
base = qubits.DenoiserConfig(epochs=epochs, learning_rate=rate)
d, depths = 2**base.n, np.array(base.depths)
stated = np.array([book.claims[f"log-stage-max-depth{depth}"].stated for depth in depths])

# %% [markdown]
# ## This is the whole experiment, for one run
#
# A *scrambler* is a brickwork of random two-qubit gates, its depth counted in half-layers. Six stages of 100 epochs follow each other, at depths 2, 4, …, 12. Every stage draws a new scrambler and ten
# random states, which stay fixed within it. Angles and optimiser are carried from stage to stage; only scrambler and states change. The research log does not say at
# which learning rate.

# %%
circuit = qubits.Ansatz(4, 6)  # 4 qubits, 6 entangling layers, 84 angles
angle_seed, *stage_seeds = one_seed.spawn(1 + 2 * len(depths))


def one_run(rate_at):
    theta = circuit.random_angles(1, angle_seed)[0].requires_grad_()
    adam = torch.optim.Adam([theta])
    curve = []
    for stage, depth in enumerate(depths):
        clean = qubits.haar_states(10, 4, stage_seeds[2 * stage])  # the ten training states
        scrambler = qubits.brickwork(4, int(depth), stage_seeds[2 * stage + 1])
        scrambled = scrambler.apply(clean)
        for epoch in range(epochs):
            adam.param_groups[0]["lr"] = rate_at(stage, epoch)
            adam.zero_grad()
            reached = qubits.fidelity(circuit.apply(theta, scrambled), clean).mean()
            (1 - reached).backward()
            adam.step()
            curve.append(reached.item())
    return np.reshape(curve, (len(depths), epochs))


written_out = one_run(lambda stage, epoch: rate)
print(f"largest fidelity of each stage at the rate {rate:g}:", written_out.max(1).round(2))
print("in the research log:                       ", stated.round(2))

# %% [markdown]
# ## Circuit, gradient and optimiser are what they are said to be
#
# The denoiser has $L+1$ layers of three rotations, $R_z(c)R_y(b)R_z(a)$, on each of $n$ qubits. Between them stand
# $L$ layers of CNOT gates along an open chain, 0→1, 1→2, 2→3. That makes $3n(L+1)$ angles, 84 for $n=4$ and $L=6$.
# Fidelity is the squared overlap, and two unrelated random states have $1/d$ on average, with $d=2^n$ (*chance*).
#
# Each angle enters as $e^{-i\theta\sigma/2}$, so the loss is a sinusoid in it and
# $\partial_\theta=\tfrac12[\,\cdot\,(\theta+\tfrac\pi2)-\cdot\,(\theta-\tfrac\pi2)]$ exactly, at the price of two
# evaluations an angle. Training here uses the closed-form adjoint instead.

# %%
ansatz = qubits.Ansatz(4, 6)
cases = [(n, layers) for n in (2, 4, 6, 8) for layers in (1, 6, 8)]
built = [
    ansatz_to_qiskit(qubits.Ansatz(*case), qubits.Ansatz(*case).random_angles(1, 0)[0]).count_ops()
    for case in cases
]
counts = [
    abs(ops["rz"] + ops["ry"] - 3 * n * (layers + 1))
    for (n, layers), ops in zip(cases, built, strict=True)
]
theta = ansatz.random_angles(1, checks)[0].requires_grad_()
scrambled, states = qubits.haar_states(20, 4, checks.spawn(1)[0]).view(2, 10, 16)
loss = 1 - qubits.fidelity(ansatz.apply(theta, scrambled), states).mean()
loss.backward()
asked = []


def counted_loss(angles):
    asked.append(len(angles))
    return 1 - qubits.fidelity(ansatz.apply(angles, scrambled), states).mean(-1)


shifted = qubits.parameter_shift(counted_loss, theta.detach())
shift_gap = (shifted - theta.grad).abs().max().item()
print(
    f"{ansatz.parameter_count} angles, {sum(asked)} shifted evaluations, largest difference of the gradients {shift_gap:.0e}"
)
rotations = built[cases.index((4, 6))]["rz"] + built[cases.index((4, 6))]["ry"]
scrambler = qubits.haar_unitaries(1, 16, inverse_seed)[0]
undone = states @ scrambler.T @ scrambler.conj()  # rows are states: U, then its inverse
least_loss = (1 - qubits.fidelity(undone, states)).mean().item()
print(f"loss of the exact inverse of a random scrambler: {abs(least_loss):.0e}")

# %% [markdown]
# The update rule of Adam is a definition, not a finding. The next cell only confirms that the library's step is the
# formula that the research log describes.

# %%
library, ours = (ansatz.random_angles(1, checks)[0].requires_grad_() for _ in range(2))
adam = torch.optim.Adam([library], lr=rate)
first, second, adam_gap = 0.0, 0.0, 0.0
for step in range(1, epochs + 1):
    for angles in (library, ours):
        angles.grad = None
        (1 - qubits.fidelity(ansatz.apply(angles, scrambled), states).mean()).backward()
    adam.step()
    first = 0.9 * first + 0.1 * ours.grad
    second = 0.999 * second + 0.001 * ours.grad**2
    with torch.no_grad():
        ours -= rate * (first / (1 - 0.9**step)) / ((second / (1 - 0.999**step)).sqrt() + 1e-8)
    adam_gap = max(adam_gap, (library - ours).abs().max().item())
print(f"largest difference of the angles after {epochs} updates: {adam_gap:.0e}")

# %% [markdown]
# ## The same, a thousand times, is kept
#
# What follows trains one circuit a thousand times over, so the trainings are computed once, by
# `python -m qdm_utils campaign 05`, and kept: `campaigns/05_sawtooth_curriculum.py` says which, and this notebook
# reads what they gave. It refuses records that were made by other code than the present one. The next cell trains four new
# circuits by the same call, and repeats the first five updates of four kept trainings, chosen by the seed of this
# notebook, beside the numbers that were kept.

# %%
four = qubits.train_denoiser(replace(base, seeds=4, eval_every=epochs, seed=here))
kept = records.select(study="rates", config={"learning_rate": rate})
print("largest fidelity of each stage at depths", depths.tolist())
print("  four runs, trained here:", four.best().mean(0).round(2))
print("  the first kept runs:    ", kept[0].best.mean(0).round(2))
records.recompute(4).style.set_uuid("probes").format(precision=5).format(
    "{:.0e}", subset=["difference"]
).hide(axis="index")

# %% [markdown]
# ## The sawtooth occurs at any rate, the decline at a falling one
#
# The angles start uniform on $[0,2\pi)$, and they and Adam's moments are carried from stage to stage. The research log does not give its learning rate. Two are held side by side below, in 200 runs each with the same
# scramblers, states and initial angles: a constant rate of 0.05, and one **declared falling rate**,
#
# $$\eta=0.04\cdot0.8^{\,s}\,e^{-e/8},$$
#
# where $s=0,\dots,5$ counts the stages and $e$ the epochs within a stage. It was found by a search over about fifty
# such rates, after we had seen the reported numbers. Further rates follow in the next section, with 50 runs each.

# %%
constants = sorted({*rates, slow_rate, rate})


def fall(first_rate, factor, within):
    """A rate that decays within each stage and from stage to stage."""
    return {"learning_rate": first_rate, "stage_factor": factor, "decay_epochs": within}


def name_of(first_rate, factor, within):
    return f"{first_rate:g}·{factor:g}^s·exp(−e/{within:g})"


constant, slow, declared = f"constant {rate:g}", f"constant {slow_rate:g}", name_of(*falling[0])
halvings = {
    f"{first_rate:g}, halved every {half:g} epochs": (first_rate, half)
    for first_rate, half in halving
}
halves = next(iter(halvings))
halved = f"from {halving[0][0]:g}, halved every {halving[0][1]:g} epochs"
settings = {f"constant {value:g}": {"learning_rate": value} for value in constants}
settings |= {
    name: {"learning_rate": first_rate, "half_life": half}
    for name, (first_rate, half) in halvings.items()
}
settings |= {name_of(*values): fall(*values) for values in falling}
settings |= {
    f"{constant}, brick": {"learning_rate": rate, "entangler": "brick"},
    f"{slow}, brick": {"learning_rate": slow_rate, "entangler": "brick"},
}
settings |= {
    f"{declared}, brick": fall(*falling[0]) | {"entangler": "brick"},
    f"{declared}, ring": fall(*falling[0]) | {"entangler": "ring"},
    f"{declared}, small first angles": fall(*falling[0]) | {"start": "small"},
}


# %%
def joined(**wanted):
    """What the campaign kept of all runs with these values, run by run."""
    found = records.select(**wanted)
    return SimpleNamespace(**{name: np.concatenate([r[name] for r in found]) for name in found[0]})


by_setting = {name: joined(study="rates", config=config) for name, config in settings.items()}
run, declared_run = by_setting[constant], by_setting[declared]
fresh_start = joined(study="alone")
n_judged, n_others = len(run.best), len(by_setting[slow].best)
for record in (run, declared_run):
    record.config = base
    record.stage = np.repeat(np.arange(len(depths)), epochs)

# %%
figure, axes = plt.subplots(2, 1, figsize=(PAGE, 4.6), sharex=True)
for panel, record, title in zip(
    axes,
    (run, declared_run),
    (
        f"(a) constant learning rate {rate:g}",
        f"(b) falling learning rate {falling[0][0]:g}·{falling[0][1]:g}$^s$·exp(−$e$/{falling[0][2]:g})",
    ),
    strict=True,
):
    plots.sawtooth_panel(panel, record, stated)
    panel.set_title(title)
axes[1].set_xlabel("epoch, counted over all stages")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
book.save_figure(figure)

# %% [markdown]
# **Figure 1. The sawtooth is there at either rate. The decline comes with the falling rate, not with the depth.**
# Fidelity over the six stages, (a) at a constant learning rate, (b) at the declared falling one, $s$ being the stage
# and $e$ the epoch within it. Lines are medians over 200 runs, bands 10–90 %. Blue: the ten training states. Green:
# all states under the same scrambler, exactly. Grey: 50 held-out states under another scrambler, which is chance by
# construction. Triangles: the maxima of the stages in the research log, drawn in the middle of the stage. The ceiling
# (dashed) is explained below. *Not shown:* that the research log used such a rate.

# %%
summary = pd.concat(
    [
        pd.DataFrame(
            {
                "learning rate": name,
                "depth": depths,
                "stage maximum": by_setting[name].best.mean(0),
                "sd": by_setting[name].best.std(0, ddof=1),
                "research log": stated,
                "first epoch": by_setting[name].first.mean(0),
                "all states, same scrambler": by_setting[name].all_last.mean(0),
                "50 held-out, same scrambler": by_setting[name].held.mean(0),
                "sd held-out": by_setting[name].held.std(0, ddof=1),
                "50 held-out, another scrambler": by_setting[name].other.mean(0),
            }
        )
        for name in (constant, declared)
    ]
)
book.save_table(summary, "stages")
summary.style.set_uuid("stages").format(precision=3).hide(axis="index")

# %%
curve = []
for name in (constant, declared):
    record = by_setting[name]
    known = np.isfinite(record.average_fidelity).all(0)
    quantiles = {
        f"{measure} {q:g}": np.quantile(getattr(record, measure)[:, known], q, axis=0)
        for measure in ("train_fidelity", "average_fidelity")
        for q in (0.1, 0.5, 0.9)
    }
    curve.append(
        pd.DataFrame(
            {
                "learning rate": name,
                "epoch": np.flatnonzero(known),
                "depth": depths[record.stage[known]],
                **quantiles,
            }
        )
    )
book.save_table(pd.concat(curve), "curve")

# %% [markdown]
# The collapse at each change of scrambler is complete, and at the constant rate 0.05, where we measured it, nothing
# carries over: depth 12 after five stages is learned no better than from a fresh start.

# %%
after_change = {name: by_setting[name].first[:, 1:].mean(1) * d for name in (constant, declared)}
for name, after in after_change.items():
    sem = after.std(ddof=1) / np.sqrt(n_judged)
    print(f"first epoch of stages 2 to 6, over chance, {name}: {after.mean():.3f} ± {sem:.3f}")
head_start = run.best[:, -1] - fresh_start.best[:, 0]
print(
    f"maximum at depth 12 after five stages minus that of a fresh start: {head_start.mean():+.4f} "
    f"± {head_start.std(ddof=1) / np.sqrt(n_judged):.4f}"
)

# %% [markdown]
# ## At small constant rates depth hardly matters with a chain; two ways of falling make it seem to
#
# Constant rates from 0.0005 to 0.3, two rates that halve every 200 epochs of the whole run, and three rates that fall
# within each stage and from stage to stage. The entangling gates are not stated either, so three of these are
# repeated with *brick* placement, where the CNOTs of a layer act on the pairs 01, 23 or on 12 in turn.

# %%
blues = ("#0b3c66", "#0173b2", "#56a5d8")
pink = plots.ENTANGLER_COLOURS["brick"]


def late_share(record):
    """For each run the share of its gain, summed over the stages, that comes after epoch 30."""
    return (record.last - record.at_30).sum(1) / (record.last - record.first).sum(1)


def gained(record):
    """Mean share of the gain made by each epoch of a stage."""
    mean = record.curve.mean(0)
    return (mean - mean[0]) / (mean[-1] - mean[0])


figure, axes = plt.subplots(2, 2, figsize=(PAGE, 5.2))
by_rate = [by_setting[f"constant {value:g}"].best for value in constants]
plots.rate_panel(axes[0, 0], np.array(constants), by_rate, stated)
axes[0, 0].set_title("(a) constant rates, chain")
shown = {
    f"chain, {constant}": constant,
    f"brick, {constant}": f"{constant}, brick",
    f"chain, {slow}": slow,
}
best = {label: by_setting[name].best for label, name in shown.items()}
plots.settings_panel(
    axes[0, 1], depths, best, stated, (blues[0], pink, blues[2]), (0.77, 0.445, 0.305)
)
axes[0, 1].set_title("(b) constant rates, by depth")
shown = {halved: halves, "falling within and between stages (declared)": declared}
best = {label: by_setting[name].best for label, name in shown.items()}
plots.settings_panel(axes[1, 0], depths, best, stated, ("0.25", blues[1]), (0.52, 0.44))
axes[1, 0].set_title("(c) falling rates, chain")
curves = {name: gained(by_setting[name]) for name in (constant, slow)}
curves |= {
    halved.replace(", ", ",\n"): gained(by_setting[halves]),
    "declared": gained(by_setting[declared]),
}
places = ((34, 0.68), (62, 0.2), (54, 0.31), (8, 1.01))
plots.gain_panel(axes[1, 1], curves, (blues[0], blues[2], "0.25", blues[1]), places)
axes[1, 1].set_title("(d) when a stage gains, chain")
book.save_figure(figure, "rates")

# %% [markdown]
# **Figure 2. At small constant rates the maxima do not decline with a chain; at falling ones they do.** (a) Best
# training fidelity of a stage against a constant learning rate: one band (central 95 % of all runs and stages) with
# six mean lines. The six depths nearly coincide up to 0.05; at 0.1 and 0.3 depth 2 lies above the others. (b), (c) The same by depth: means with the central 95 % of single
# runs. Triangles: the research log. With brick-placed gates the maxima fall from depth 2 to depth 4 even at a constant
# 0.05, but stay far above the triangles. (c) The rate that halves starts from 0.004. (d) Share of a stage's gain made by each epoch, mean over stages and runs. The
# research log says that almost nothing comes after epoch 30 (dotted). 200 runs for the constant rate 0.05 and for the
# declared rate, 50 for each of the others.
#
# The table asks of every setting how many of the reported numbers a single run of ours could have given. *Sawtooth*
# is the share of runs that climb in every stage and fall at every change of scrambler. *Maxima within* counts those
# of the six stated maxima that lie inside the central 95 % of single runs; *runs farther out* is the share of our
# runs that lie farther from the mean, all six maxima taken together with their correlations, than the research log
# does. A value near zero excludes the setting.

# %%
named = [base.depths.index(depth) for depth in (2, 6, 12)]
stated_held = np.array([book.claims[f"log-eval-depth{depth}"].stated for depth in (2, 6, 12)])


def farther_out(values, point):
    """Share of the rows of `values` at a larger Mahalanobis distance from their mean than `point`."""
    inverse = np.linalg.pinv(np.cov(values.T))
    squares = [
        np.einsum("...i,ij,...j", x - values.mean(0), inverse, x - values.mean(0))
        for x in (values, point)
    ]
    return np.mean(squares[0] >= squares[1])


def inside(values, numbers):
    """How many of the stated numbers lie in the central 95 % of single runs."""
    low, high = np.quantile(values, (0.025, 0.975), axis=0)
    return int(((low - 0.0005 <= numbers) & (numbers <= high + 0.0005)).sum())


def sawtooth(record):
    """Whether a run climbs in every stage and falls at every change of scrambler."""
    return (record.last > record.first).all(1) & (record.first[:, 1:] < record.last[:, :-1]).all(1)


rows = []
for name in settings:
    record = by_setting[name]
    best, same = record.best, record.held
    rows.append(
        {
            "setting": name,
            "runs": len(best),
            "sawtooth": sawtooth(record).mean(),
            **{f"depth {depth}": best[:, k].mean() for k, depth in enumerate(depths)},
            "sd": best.std(0, ddof=1).mean(),
            "maxima within": inside(best, stated),
            "runs farther out": farther_out(best, stated),
            "gain after epoch 30": late_share(record).mean(),
            "held-out, same": same.mean(),
            "held-out, other": record.other.mean(),
            "held-out within": inside(same[:, named], stated_held),
            "ratio": (best.max(1) / same.mean(1)).mean(),
        }
    )
table = pd.DataFrame(rows)
book.save_table(table, "rates")
table.style.set_uuid("rates").format(precision=3).format(
    precision=2, subset=["sawtooth", "runs farther out"]
).hide(axis="index")

# %% [markdown]
# At constant rates from 0.01 upwards no stated maximum is within reach of a single run. At 0.002 three of the six
# are, but the maxima do not decline. A rate that halves every 200 epochs does give a decline. Starting from 0.004 the
# mean maxima fall from 0.36 to 0.13, and four of the six stated ones are within reach. Starting from 0.003 five are.
# But with either about 70 % of the gain comes after epoch 30, where the research log has almost nothing. The three
# rates that fall within and between stages give five or six of the maxima, and 34 to 55 % of their runs lie farther
# out than the research log. They differ in the gain after epoch 30: it is 4 %, 7 % and 16 % of the whole.
#
# The entangling gates matter as well. With bricks at 0.05 the mean falls from 0.58 at depth 2 to 0.52 at depth 4 and
# then stays, at 1.8 to 5 times the reported maxima; a chain at 0.3 does the same, from 0.79 to 0.71.
#
# ## The reported held-out values are what chance gives
#
# **Held out** means: new states under the *same* scrambler, here and in notebook 06, which is the plain reading of
# the research log. The *null* is a circuit that has learned nothing: 50 Haar states against unrelated Haar states. Their mean
# fidelity is 1/16 on average, with a standard deviation of 0.008, printed below. Another scrambler gives nearly the
# same whatever was learned, since $\overline{|\mathrm{Tr}\,DU|^2}=1$ for a new scrambler $U$.

# %%
no_learning = chance_maximum(base.n, base.n_eval, 1, 3 * 4000, null_seed).reshape(3, -1)
for name, values in {
    "one evaluation": no_learning[0],
    "mean of three evaluations": no_learning.mean(0),
    "one evaluation of a run, new scrambler": run.other[:, named].ravel(),
}.items():
    low, high = np.quantile(values, (0.025, 0.975))
    print(
        f"chance, {name}: {values.mean():.4f}, standard deviation {values.std(ddof=1):.4f}, "
        f"central 95 % from {low:.3f} to {high:.3f}"
    )
as_close = np.mean(np.ptp(no_learning, axis=0) <= np.ptp(stated_held) + 0.0005)
print(f"three evaluations within {np.ptp(stated_held):.3f} of each other: {as_close:.0%} of draws")
at_6, at_4 = base.depths.index(6), base.depths.index(4)
single_runs = pd.DataFrame(
    [
        {"quantity": quantity}
        | {
            name: "{:.3f} to {:.3f}".format(*np.quantile(values(by_setting[name]), (0.025, 0.975)))
            for name in (declared, constant, slow)
        }
        for quantity, values in {
            "gain after epoch 30, share": late_share,
            "maximum at depth 6 minus at depth 4": lambda r: r.best[:, at_6] - r.best[:, at_4],
            **{f"held-out after depth {depths[k]}": lambda r, k=k: r.held[:, k] for k in named},
            "largest training over held-out": lambda r: r.best.max(1) / r.held[:, named].mean(1),
        }.items()
    ]
)
single_runs.style.set_uuid("single_runs").hide(axis="index")

# %% [markdown]
# The table gives the central 95 % of single runs. At the declared rate they contain the three held-out values and the ratio of about five, and the
# gain after epoch 30 is small, so the research log is consistent with itself. At the constant rate 0.05 none of the maxima and none of the held-out
# values is within reach. But the held-out values have no power to tell these settings apart: all three lie in what single draws give when nothing was
# learned, and a new scrambler gives them too.
#
# Two remarks keep this in proportion. First, "roughly constant regardless of depth" cannot be seen from values like the reported ones: even by chance
# three of them lie as close together in 52 % of the cases. Our exact averages over all states fall with depth, from 0.240 to 0.184 at the constant rate 0.05.
# At the declared one they fall from 0.079 to 0.065, about as much as the largest difference that the research log calls constant. Second, the rise of the
# maximum by 0.077 from depth 4 to depth 6 is near the edge of what the declared rate allows, with single runs between −0.16 and 0.08.
#
# What is true at either rate: the circuit fits its training states better than others, and its fidelity over all
# states rises, though not far. That the loss aims at the identity for $DU$ is a statement of purpose. The exact
# average over all states ends at 0.20 at the constant rate and at 0.07 at the falling one, where success would be 1.
#
# ## What fits everything at once is a small rate that falls within each stage
#
# Six maxima, three held-out values and "almost nothing" after epoch 30 are statements about one run, so they should come out together. The map varies what the research log leaves
# open: the first rate, its decay within a stage, the factor from stage to stage, the entangling gates and the first angles (uniform, or within ±0.1). At each of the 672 settings 32 runs share scramblers and states with
# those of all others. For each we ask how many further runs would lie farther out than the nine reported numbers, taken together with their correlations (Hotelling's $T^2$),
# and which part of the gain comes after epoch 30.

# %%
stated_all = np.concatenate([stated, stated_held])
circuits = {
    "chain": ("chain", "uniform"),
    "ring": ("ring", "uniform"),
    "brick": ("brick", "uniform"),
    "chain, small first angles": ("chain", "small"),
}
rows = []
for title, (entangler, start) in circuits.items():
    for factor in map_between:
        config = {"entangler": entangler, "start": start, "stage_factor": factor}
        (kept_map,) = records.select(study="map", config=config)
        for i, first_rate in enumerate(map_rates):
            for j, within in enumerate(map_within):
                best, held = kept_map.best[i, j], kept_map.held[i, j]
                gain = (kept_map.last - kept_map.first)[i, j].sum(1)
                late = (kept_map.last - kept_map.at_30)[i, j].sum(1)
                numbers = np.concatenate([best, held[:, named]], 1)
                density, farther = joint_predictive(numbers, stated_all)
                row = {"circuit": title, "first rate": first_rate, "within": within}
                row |= {"between": factor, "log density": density, "runs farther out": farther}
                row |= {
                    "gain after epoch 30": np.mean(late / gain),
                    "ratio": np.mean(best.max(1) / held[:, named].mean(1)),
                }
                rows.append(row)
family = pd.DataFrame(rows)
family["behind the best"] = family["log density"].max() - family["log density"]
book.save_table(family, "family")

near = family["behind the best"] <= np.log(20)  # likelihoods within a factor of 20
early = family["gain after epoch 30"] <= 0.1
possible = family["runs farther out"] > 0.05
print(
    f"{len(family)} settings: {possible.sum()} are not excluded by the nine numbers at 5 %, "
    f"{near.sum()} are within a factor of 20 of the likeliest, {(near & early).sum()} of these "
    "have at most 10 % of the gain after epoch 30"
)
budget = (family["first rate"] * family["within"])[near]
print(f"first rate times decay within a stage: {budget.min():.2f} to {budget.max():.2f}")
counts_near = family[near].groupby("circuit").size()
print("by circuit:", {title: int(counts_near.get(title, 0)) for title in circuits})
print("by factor between stages:", family[near].groupby("between").size().to_dict())
endless = family["within"] == max(map_within)
print(f"no decay within a stage: share at most {family[endless]['runs farther out'].max():.0e}")
family[near & early].sort_values("behind the best").style.set_uuid("family").format(
    precision=2
).format("{:g}", subset=["first rate", "within", "between"]).hide(axis="index")

# %%
figure, axes = plt.subplots(2, 2, figsize=(PAGE, 5.0), sharex=True, sharey=True)
for axis, title, letter in zip(axes.flat, circuits, "abcd", strict=True):
    part = family[family["circuit"] == title]
    at_best = part.loc[part.groupby(["first rate", "within"])["log density"].idxmax()]
    grid = {
        name: at_best.pivot(index="within", columns="first rate", values=name).to_numpy()
        for name in ("behind the best", "gain after epoch 30", "between")
    }
    mesh = plots.family_panel(axis, map_rates, map_within, *grid.values())
    axis.set_title(f"({letter}) {title}")
for axis in axes[:, 0]:
    axis.set_ylabel("decay within a stage (epochs)")
for axis in axes[1]:
    axis.set_xlabel("first learning rate")
figure.colorbar(mesh, ax=axes, label="log likelihood behind the best (nats)", shrink=0.8)
book.save_figure(figure, "family")

# %% [markdown]
# **What fits is a budget: first rate times decay is about 0.3, whatever the gates.** Colours: likelihood of the nine reported numbers at the best of the four factors between stages, which
# is written into the cell, behind that of the best setting of all. Frames: at most 10 % of the gain comes after epoch 30. Panels: entangling gates and first angles. 32 runs at each setting.
#
# **How sharp is it, and what follows?** Of 672 settings 29 are within a factor of 20 of the likeliest. They share a product of first rate and decay within a stage between 0.24 and 0.48, the
# distance that an angle can go in a stage, and a further fall from stage to stage by a factor of 0.7 to 0.9. They do not share the gates: chains, rings, bricks and either kind of first
# angles are among them, so these numbers cannot tell which circuit was trained. Without any decay within a stage nothing comes near. Without a fall between stages 22 settings are not excluded at
# 5 %, but such a test of nine numbers at once has little power, and their mean maximum at depth 12 lies two to three standard deviations above the reported one. What
# the research log reads as an effect of depth is, in all settings that fit, one of the rate. One line from its author, the schedule of the rate, would settle it.
#
# The map was made after the numbers had been seen: it shows what they are compatible with, and proves nothing about what was run.
#
# ## More states teach more, up to a ceiling; the reach of the circuit comes next
#
# A unitary that is perfect on $S$ Haar states of a Haar-typical target has on average at most $F=(S^2+d+1)/(d(d+1))$
# on all states. This *memorisation ceiling* (quantum no-free-lunch bound, Poland–Beer–Osborne) is 0.43 for ten states
# of four qubits. It holds for a circuit that reproduces its training states perfectly, so for the curriculum above
# the line is only a guide. $S$ pairs fix $2dS-S^2-1$ real numbers, 59 for two and 86 for three, but the circuit moves
# in 72 directions: from three states on it cannot be perfect.

# %%
by_states = records.select(study="states")
trained = np.array([result.last[:, 0] for result in by_states])
held = np.array([result.all_last[:, 0] for result in by_states])
cases = [(entangler, layers) for layers in layer_counts for entangler in ("chain", "ring", "brick")]
reach_depths = (1, 2, 4, 8, 12)
reach = {case: [] for case in cases}
for result in records.select(study="reach"):
    config = result.task["config"]
    reach[config["entangler"], config["layers"]].append(result.all_last[:, 0])
reach = {case: np.array(found) for case, found in reach.items()}
ceiling = qubits.no_free_lunch_bound(np.array(state_counts), d)
book.save_table(
    {
        "states": state_counts,
        "train": trained.mean(1),
        "all": held.mean(1),
        "sd": held.std(1, ddof=1),
        "ceiling": ceiling,
    },
    "states",
)
book.save_table(
    {"depth": reach_depths, **{f"{e} L={k}": v.mean(1) for (e, k), v in reach.items()}}, "reach"
)
print(
    "chain, L = 6:",
    dict(zip(reach_depths, reach["chain", 6].mean(1).round(2).tolist(), strict=True)),
)

# %%
figure, axes = plt.subplots(1, 2, figsize=(PAGE, 2.9))
plots.states_panel(axes[0], np.array(state_counts), trained, held, d)
axes[0].set_title("(a) how many states, depth 12")
plots.reach_panel(axes[1], reach_depths, reach)
axes[1].set_title("(b) reach of the ansatz")
book.save_figure(figure, "evidence")

# %% [markdown]
# **Figure 3. What ten states can teach, and what the circuit can do at all.** Medians with 10–90 % of 16 runs of 300
# epochs. (a) With one training state, training is perfect and the fidelity over all states stays near chance
# (dotted). More states pay, below the ceiling (dashed); at 40 the mean is 0.41, still rising towards the reach of 0.49
# in (b). (b) Here the exact
# average over all states is the cost. With six layers (solid) shallow scramblers are nearly within reach of a
# chain, and deep ones of no circuit. Behind deep scramblers twice the layers (dashed) help more than any repair below. Colours: the placement of the CNOTs.
#
# ## The repairs, after equally many epochs
#
# Each variant spends the same number of epochs at a constant rate of 0.05. The measure is the exact average fidelity
# under the scrambler of its last stage. The depth-adaptive curriculum is held against training at its last depth
# alone; nested means that the stages are growing prefixes of one circuit. "All states" and "all product states" are
# exact averages, data without limit. The two local rows differ from the global ones in the inputs, products instead of
# Haar states, as well as in the cost, so they do not say which of the two matters; notebook 06 separates them.

# %%
adaptive = tuple(qubits.saturation_schedule(4))
variants = {
    "research log's curriculum": "curriculum",
    "Adam reset": "adam-reset",
    "nested scramblers": "nested",
    "depth 12 alone": "depth12",
    "84 fixed states": "84-states",
    "fresh batch": "fresh-batch",
    "all states": "all-states",
    "local cost, all product states": "local-all",
    "local cost, 10 product states": "local-10",
    "fresh, depth 12 alone": "fresh-depth12",
    f"depth {adaptive[-1]} alone": "adaptive-last",
    f"adaptive {', '.join(map(str, adaptive))}": "adaptive",
    "adaptive, nested": "adaptive-nested",
}
contest = list(variants)[-3:]
repairs = {
    label: joined(study="repairs", variant=name).all_last[:, -1] for label, name in variants.items()
}
table = pd.DataFrame(
    [
        {"variant": name, "runs": len(v), "mean": v.mean(), "sem": v.std(ddof=1) / np.sqrt(len(v))}
        for name, v in repairs.items()
    ]
)
book.save_table(table, "repairs")
baseline = repairs["research log's curriculum"]
gains = {name: repairs[name].mean() / baseline.mean() for name in list(variants)[4:9]}
print({name: round(float(gain), 2) for name, gain in gains.items()})

# %%
more_data = {
    name: repairs[name] - baseline for name in ("fresh batch", "84 fixed states", "all states")
}
for name, gain in more_data.items():
    sem = gain.std(ddof=1) / np.sqrt(len(gain))
    print(
        f"{name}: {gain.mean():+.3f} ± {sem:.3f} (standard error), a factor {gains[name]:.2f}, "
        f"{len(gain)} pairs"
    )

# %% [markdown]
# The depth-adaptive curriculum has two fair opponents: the research log's own curriculum, which ends at a deeper
# scrambler, and training at the same last depth alone. The first comparison asks whether the proposal pays, the
# second whether it is the stages that pay.

# %%
single, staged, nested = (repairs[name] for name in contest)

shallower = {
    "against the six stages up to depth 12": staged - run.all_last[:, -1],
    "against its last depth alone": staged - single,
}
for name, gain in {**shallower, "nested, against its last depth alone": nested - single}.items():
    sem = gain.std(ddof=1) / np.sqrt(len(gain))
    print(f"{name}: {gain.mean():+.3f} ± {sem:.3f}")

# %% [markdown]
# ## Six, eight and ten qubits
#
# The research log also gives the largest held-out fidelity for each number of qubits. Below stand the largest of six
# evaluations of 50 states, once for each run at a constant rate of 0.05, under the same scrambler and under another
# one, and the *null*: the largest of six evaluations if nothing was learned. Notebook 06 judges these maxima.

# %%
grown = records.select(study="sizes")
log_maxima = dict(zip((4, 6, 8, 10), (0.072, 0.020, 0.004, 0.0012), strict=True))
rows = []
for n, r, child in zip(sizes, grown, chance.spawn(len(sizes)), strict=True):
    same, other = r.held.max(1), r.other.max(1)
    guesses = chance_maximum(n, base.n_eval, len(depths), 4000, child)
    rows.append(
        {
            "n": n,
            "runs": len(same),
            "research log": log_maxima[n],
            "largest held-out, same": same.mean(),
            "sd": same.std(ddof=1),
            "largest held-out, other": other.mean(),
            "sd other": other.std(ddof=1),
            "null": guesses.mean(),
            "sd null": guesses.std(ddof=1),
            "train": r.best.mean(),
            "chance": 2.0**-n,
        }
    )
by_size = pd.DataFrame(rows)
book.save_table(by_size, "sizes")
largest = declared_run.held.max(1)
print(
    f"four qubits at {declared}, same scrambler: {largest.mean():.3f}, sd {largest.std(ddof=1):.3f} over {n_judged} runs"
)
for values in falling[1:]:
    others = by_setting[name_of(*values)].held.max(1)
    print(
        f"four qubits at {name_of(*values)}, same scrambler: {others.mean():.3f}, sd {others.std(ddof=1):.3f} over {n_others} runs"
    )
by_size.style.set_uuid("sizes").format(precision=4).hide(axis="index")

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(PAGE, 3.2), width_ratios=(1.1, 1))
plots.repair_panel(left, repairs, 1 / d)
left.set_title("(a) repairs after 600 epochs, four qubits")
plots.size_panel(
    right,
    np.array(sizes),
    [r.best.mean(1) for r in grown],
    [r.held.mean(1) for r in grown],
    log_maxima,
    base.n_states,
)
right.set_title("(b) more qubits, ten fixed states")
book.save_figure(figure, "repairs")

# %% [markdown]
# **Figure 4. More data help; stages do not.** (a) Exact average fidelity under the last scrambler, mean with standard
# error over 16 runs, or 200 in the last three rows; the runs are the grey dots. Dotted: chance. More data help, run
# by run: fresh batches by 0.138 ± 0.014 (standard error), 84 states by 0.206 ± 0.014, all states by 0.239 ± 0.011. The local cost on product states ends below the global cost on Haar states
# (0.38 against 0.44 with all of them, 0.17 against 0.20 with ten); inputs and cost change together here. Resetting Adam or nesting the scramblers does not help. The depth-adaptive curriculum ends 0.033 ±
# 0.004 (standard error) above the six stages of the research log in the 200 runs of Figure 1 (0.184; the first row
# has 16 others), but 0.018 ± 0.005 below training at its last depth alone: the shallower scrambler pays, not the
# stages. (b) Mean and standard deviation over the runs of the table, at a constant rate. Training climbs far above
# chance at every size while held-out fidelity sinks to it. Triangles: the largest values of the research log. What
# makes up the wall is the subject of notebook 06.
#
# ## Change this and see
#
# The run from the beginning, with a rate that falls within each stage and from stage to stage. Its maxima lie where those of the research log do; with `0.002, 1, 1e9`, a small constant rate, they
# do not decline.

# %%
first_rate, between, within = 0.04, 0.8, 8  # try 0.02, 0.8, 15


def my_rate(stage, epoch):
    return first_rate * between**stage * np.exp(-epoch / within)


print("largest fidelity of each stage:", one_run(my_rate).max(1).round(2))
print("in the research log:           ", stated.round(2))

# %% [markdown]
# ## What this does not show
#
# It does not show what the research log ran. The declared rate was chosen among about
# fifty after the numbers were known, from a family of three adjustable numbers, and its neighbours fit about as well.
# That many rows come out under it is therefore one piece of evidence, not many. Nor does it show that depth never
# matters: the maxima fall beyond depth 2 with brick-placed gates and at rates above 0.05, and another ansatz could do
# worse. The reach in Figure 3 is what Adam
# finds from random angles in this budget, a lower bound on what the circuit can do.
#
# ## Checks and verdicts
#
# The criteria and their reasons stand beside the claims in `data/claims.toml`. The research log is a single run, so its numbers are held against single
# runs of ours at several settings; the names of the settings are those of the published parameters, and the gates form an open chain where
# nothing else is said.

# %%
book.check("log-parameter-count-law", max(counts))
book.check("log-parameters-4q", rotations)
book.check("log-loss-inverts-scrambler", least_loss)
book.check("log-parameter-shift-exact", shift_gap)
book.check("log-parameter-shift-evaluations", sum(asked))
book.check("log-adam-update", adam_gap)
book.check("log-collapse-complete", after_change[declared], setting="small decaying rate")
book.check("log-collapse-complete", after_change[constant], setting="constant 0.05")
book.check("log-no-transfer", head_start, setting="constant 0.05")

# %%
tried = {
    "small decaying rate": declared_run,
    "constant 0.05": run,
    "constant 0.002": by_setting[slow],
    "rate halved every 200 epochs": by_setting[halves],
    "constant 0.05, brick entangler": by_setting[f"{constant}, brick"],
    "small decaying rate, brick entangler": by_setting[f"{declared}, brick"],
    "ring entangler": by_setting[f"{declared}, ring"],
    "small first angles": by_setting[f"{declared}, small first angles"],
}
for setting, runs in tried.items():
    best, late = runs.best, late_share(runs)
    book.check("log-sawtooth", sawtooth(runs), setting=setting)
    book.check("log-stage-max-depth2", best[:, 0], setting=setting)
    book.check("log-stage-max-depth4", best[:, 1], setting=setting)
    book.check("log-stage-max-depth6", best[:, 2], setting=setting)
    book.check("log-stage-max-depth8", best[:, 3], setting=setting)
    book.check("log-stage-max-depth10", best[:, 4], setting=setting)
    book.check("log-stage-max-depth12", best[:, 5], setting=setting)
    decline = best[:, :3].mean(1) - best[:, 3:].mean(1)
    book.check("log-stage-max-declines", decline, setting=setting)
    book.check("log-stage-max-varies-by-draw", best[:, 2] - best[:, 1], setting=setting)
    book.check("log-most-gain-by-epoch-30", late < 0.5, setting=setting)
    book.check("log-gain-over-by-epoch-30", late <= 0.1, setting=setting)
    book.check("log-memorisation", (runs.last - runs.held).mean(1), setting=setting)

# %%
# For each setting: the runs, their held-out fidelities, and what these are on average.
held_out = {
    f"{setting}, same scrambler": (tried[setting], tried[setting].held, tried[setting].all_last)
    for setting in tried
    if setting in ("small decaying rate", "constant 0.05", "small first angles")
    or setting.endswith("entangler")
}
held_out |= {
    f"{setting}, new scrambler": (tried[setting], tried[setting].other, tried[setting].other)
    for setting in ("small decaying rate", "constant 0.05")
}
null_level = np.round(no_learning.mean(0), 2)
for setting, (runs, held, expected) in held_out.items():
    reported = held[:, named].astype(float)
    level = reported.mean(1)
    gap = np.round(runs.best.max(1) / level)
    change = expected[:, 0] - expected[:, -1]
    book.check("log-eval-depth2", reported[:, 0], setting=setting, null=no_learning[0])
    book.check("log-eval-depth6", reported[:, 1], setting=setting, null=no_learning[1])
    book.check("log-eval-depth12", reported[:, 2], setting=setting, null=no_learning[2])
    book.check("log-eval-level", np.round(level, 2), setting=setting, null=null_level)
    book.check("log-eval-independent-of-depth", change, setting=setting)
    book.check("log-train-eval-gap", gap, setting=setting)

# %%
book.check("log-fresh-states-fix", more_data["fresh batch"], setting="constant 0.05")
book.check("log-wider-variety-pays", more_data["84 fixed states"], setting="constant 0.05")
for setting, gain in shallower.items():
    book.check("log-shallower-curriculum", gain, setting=setting)
book.verdicts()
