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
# # 11 · No unitary undoes depolarising noise; the best one leaves the state alone
#
# **The question.** Depolarising noise replaces, step by step, a share of a quantum state by the completely mixed state, in which all outcomes
# of every measurement are equally likely. The report *QAMP 2025: Enhancing Quantum Diffusion Models for Complex Image Generation* (part 1.3,
# equations 1 to 10) proposes to undo this as classical diffusion models undo Gaussian noise: a trained circuit, a unitary $U(\theta)$, takes
# each state back to the one before. Can any circuit do that? And do the classical equations on which the proposal builds hold as printed,
# with the remark that a simplified loss gives better samples than the full one?
#
# **The answer.** No circuit can. If the share $\alpha$ of a pure state survives the noise, its fidelity with the original is
# $\alpha+(1-\alpha)/d$, where $d$ is the dimension, and no unitary raises that. What helps is knowledge, such as a subspace in which the state is
# known to lie, which may cost nothing more, or a second copy and a measurement, which succeeds only sometimes. The classical equations hold, and in a toy with two dimensions the
# simplified loss does give better samples.
#
# **How sure are we?** That no unitary helps is a theorem, proved below in one line; of circuits trained from six random starts at each of
# five strengths of noise none passes the limit, and the best of each six ends at it, while some stop below. Every map is compared with a closed form or with Qiskit. The theorem concerns unitaries that act on one copy:
# where ancilla qubits are measured or a second copy is at hand, it does not apply. Which loss is better is an experiment: in 16 paired trainings
# of each of two lengths, the simplified loss brings the samples closer to the data, by 0.0134 in the squared energy distance after 250 steps of
# the optimiser (95 % interval 0.0095 to 0.0174) and by 0.00085 after 1000 (0.00012 to 0.0016). It concerns one toy and says nothing of images.
#
# **Conventions.** $d=2^n$; fidelity is the squared overlap, for mixed states Uhlmann's, squared; the trace distance is $\frac12\|\cdot\|_1$;
# Holevo information in bits, likelihoods in nats. The source's $\alpha_t$ of eq. 8 and $\bar\alpha_t$ of eq. 2 are one product,
# $\prod_s(1-p_s)$ or $\prod_s(1-\beta_s)$: what survives.
#
# **Writes** the figures `11_depolarizing_limits`, `-path`, `-losses`, `-bound`, `-toy` and their numbers. Takes about three minutes on one core.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from qiskit.quantum_info import DensityMatrix, state_fidelity
from scipy.stats import ttest_1samp

from qdm_utils.companion import Book
from qdm_utils.companion.figures import PAGE
from qdm_utils.diffusion import (
    LinearReverse,
    Mixture,
    bound_terms,
    bound_weights,
    cross_entropy,
    energy_distance,
    exact_reverse,
    forward_moments,
    linear_schedule,
    mean_from_noise,
    negative_log_likelihood,
    noised,
    posterior_coefficients,
    reverse_chain,
    reverse_shape,
    ring,
    survival,
    train_predictors,
    variational_bound,
)
from qdm_utils.diffusion.plots import (
    bound_panel,
    cloud_panel,
    paired_panel,
    reverse_shape_panel,
    sample_distance_panel,
    weight_panel,
)
from qdm_utils.qubits import Ansatz, density_matrix, haar_states, haar_unitaries, purity
from qdm_utils.qubits.depolarizing import (
    apply_kraus,
    depolarize,
    depolarized,
    depolarizing_kraus,
    depolarizing_path,
    holevo_information,
    loss_gradients,
    path_fidelity,
    path_holevo,
    path_purity,
    postselect,
    postselection_law,
    reset_fidelity,
    single_copy_law,
    slope_ratio,
    subspace_projector,
    subspace_reset,
    swap_test_law,
    swap_test_purify,
    trace_distance_law,
    train_unitary,
)
from qdm_utils.qubits.depolarizing.plots import (
    FIDELITY,
    forgetting_panel,
    path_panel,
    remedy_lines,
    slope_panel,
    training_panel,
    unitary_panel,
)
from qdm_utils.qubits.depolarizing.qiskit_channels import (
    depolarizing_to_qiskit,
    reset_by_qiskit,
    swap_test_by_qiskit,
)
from qdm_utils.qubits.states import (
    fidelity,
    trace_distance,
    uhlmann_fidelity,
    unitary_trace_distance,
)
from qdm_utils.randomness import spawn

# %% tags=["parameters"]
steps: int = 20  # T of the depolarizing path; in 6 … 10000
p_first: float = 0.02  # first and last depolarizing probability, linear between; > 0 and ≤ p_last
p_last: float = 0.4  # see above; > 0 and < 1
n_states: int = 12  # Haar targets of four qubits in a training; in 2 … 1000
r: int = 4  # dimensions of the known subspace; one of 2, 4, 8
alphas: list[float] = [0.1, 0.3, 0.5, 0.7, 0.9]  # survivals of the trainings; each > 0 and each ≤ 1
epochs: int = 300  # Adam steps of a unitary; ≥ 1
runs: int = 6  # independent initial angles; in 1 … 1000
n_random: int = 400  # random unitaries and random measurements; in 1 … 100000
n_models: int = 200  # reverse chains for the variational bound; in 1 … 100000
toy_steps: int = 50  # T of the two-dimensional toy; in 8 … 10000
beta_first: float = 0.001  # first and last variance of the toy, linear; > 0 and ≤ beta_last
beta_last: float = 0.2  # see above; > 0 and < 1
modes: int = 8  # Gaussians on the ring; in 2 … 1000
rates: list[float] = [0.0025, 0.005, 0.01, 0.02, 0.04, 0.08]  # of Adam; increasing and each > 0
seeds: int = 6  # trainings of each loss at each rate, from which its rate is chosen; in 1 … 1000
pairs: int = 16  # further trainings of both losses, from which they are compared; in 2 … 10000
budgets: list[int] = [250, 1000]  # Adam steps of the toy; of 2 entries and increasing and each ≥ 1
points: int = 2000  # samples that are compared with as many points of the data; in 2 … 100000
seed: int = 20251208  # root seed of everything random here; ≥ 0

# %%
book = Book("11_depolarizing_limits", globals())
torch.set_num_threads(1)
n, d = 4, 16
children = iter(np.random.SeedSequence(seed).spawn(30))

# %% [markdown]
# ## Classical diffusion, equations 1 to 6
#
# A step $x_t=\sqrt{1-\beta_t}\,x_{t-1}+\sqrt{\beta_t}\,\varepsilon$ has moments that Gauss–Hermite nodes for $\varepsilon$ give exactly; steps
# compose to $x_t=\sqrt{\bar\alpha_t}\,x_0+\sqrt{1-\bar\alpha_t}\,\varepsilon$.

# %%
betas = linear_schedule(toy_steps, beta_first, beta_last)
bars = survival(betas)
node, weight = (torch.tensor(v) for v in np.polynomial.hermite_e.hermegauss(9))
weight = weight / weight.sum()
start = torch.linspace(-2, 2, 9, dtype=torch.float64)[:, None, None]
stepped = noised(start, betas, node[:, None, None, None])[..., 0]
mean = torch.einsum("k,kxt->xt", weight, stepped)
variance = torch.einsum("k,kxt->xt", weight, (stepped - mean).square())

# %%
step_off = max(
    (mean - (1 - betas).sqrt() * start[:, 0]).abs().max().item(),
    (variance - betas).abs().max().item(),
)
moments = [(start[:, 0], torch.zeros(9, 1, 1, dtype=torch.float64))]
for beta in betas:
    moments.append(forward_moments(*moments[-1], beta))
off = [
    (m - b.sqrt() * start[:, 0]).abs().max().item() for (m, _), b in zip(moments, bars, strict=True)
]
off += [(c - (1 - b)).abs().max().item() for (_, c), b in zip(moments, bars, strict=True)]
jump_off = max(off)
print(f"largest residual of eq. 1: {step_off:.0e}, of eq. 2: {jump_off:.0e}")

# %% [markdown]
# **Equation 3** models the reverse step by a Gaussian. For a mixture of two Gaussians of standard deviation $s$ in one dimension the true
# $q(x_{t-1}|x_t)$ is a mixture too. Its third cumulant is of order $\beta^3$ and its variance of order $\beta$, so its skewness, and with it the total
# variation from the Gaussian *with its own mean and variance*, goes like $\beta^{3/2}$. With the variance fixed at $\beta_t$, one of the two choices that the source names (fixed or learned), it
# goes like $\beta$. What counts as a small step is set by the finest structure of the data: $\beta$ must be small beside $s^2$. The table therefore has
# several $\beta$ and two widths $s$; a total variation of 1 would mean that two distributions have nothing in common.

# %%
ladder = torch.logspace(-5, -0.2, 13, dtype=torch.float64)
widths = (0.3, 0.1)
shapes = {
    s: reverse_shape(Mixture(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), s), ladder)
    for s in widths
}
shape = shapes[widths[0]]
models = {
    "own mean and variance": shape.matched.numpy(),
    r"own mean, variance $\beta$": shape.fixed.numpy(),
}
order = {
    label: np.polyfit(ladder[:4].log().numpy(), np.log(values[:4]), 1)[0]
    for label, values in models.items()
}
own, fixed = order.values()
assert abs(own - 1.5) < 0.1
assert abs(fixed - 1.0) < 0.1
book.save_table(
    {"beta": ladder, "matched": shape.matched, "fixed": shape.fixed, "kl": shape.divergence},
    "reverse",
)
variation = pd.DataFrame(
    {(f"s = {s}", kind): getattr(shapes[s], kind) for s in widths for kind in ("matched", "fixed")}
)
variation.index = [f"β = {beta:.1e}" for beta in ladder]
variation.style.set_uuid("reverse").format("{:.1e}")

# %% [markdown]
# *Matched* is the Gaussian with the mean and variance of the true reverse step, *fixed* has its mean and the variance $\beta$. The numbers
# near $10^{-15}$ are rounding: two modes of $s=0.1$ hardly overlap, and a single mode has an exactly Gaussian reverse step. For steps of a
# hundredth of $s^2$ and less both models are accurate to 0.2 per cent; for $\beta\approx s^2$ the one with variance $\beta$ is off by about a sixth.

# %%
reach = {"1/100 of the finest variance": 0.01, "1/10 of the finest variance": 0.1}
reach["the finest variance"] = 1.0
variations = {
    (kind, size): torch.cat([getattr(shapes[s], kind)[ladder <= share * s**2] for s in widths])
    for kind in ("fixed", "matched")
    for size, share in reach.items()
}
print(f"the distance falls as β^{own:.2f}, with variance β as β^{fixed:.2f}; largest values:")
for (kind, size), values in variations.items():
    print(f"{kind}, β up to {size}: {values.max():.4f}")

# %% [markdown]
# **Equations 4 and 5.** With Gaussian data and a reverse chain of linear Gaussian steps both sides are closed forms. The bound comes from
# moments of neighbours $(x_{t-1},x_t)$ in the forward chain, the sum of eq. 5 from the posteriors $q(x_{t-1}|x_t,x_0)$: two routes to one number.
# Reverse chains are the exact one, disturbed at random by more and more.

# %%
source = torch.Generator().manual_seed(int(next(children).generate_state(1)[0]))
data = torch.tensor([0.7, -0.4]).double(), torch.tensor([[0.5, 0.3], [0.3, 0.4]]).double()
true = exact_reverse(*data, betas)
size = torch.cat([torch.zeros(1), torch.logspace(-3, -0.5, n_models)]).double()[:, None, None, None]
shifts = torch.randn(n_models + 1, toy_steps, 2, 4, generator=source, dtype=torch.float64)
chains = LinearReverse(
    true.matrices + size * shifts[..., :2],
    true.offsets + size[..., 0] * shifts[..., 2],
    true.covariances * (size * shifts[..., :1, 3:]).exp(),
)

# %%
nll, bound = (
    negative_log_likelihood(*data, chains).numpy(),
    variational_bound(*data, chains, betas).numpy(),
)
total = bound_terms(*data, chains, betas).sum(-1).numpy()
entropy_of_data = cross_entropy(*data, *data).item()
book.save_table({"nll": nll, "bound": bound, "sum_of_terms": total}, "bound")
scaled = np.abs(bound - total) / np.maximum(1.0, np.abs(bound))
print(
    f"bound less negative log-likelihood: {(bound - nll).min():.1e} nats for the exact reverse chain, {np.median(bound - nll):.2g} nats in the median"
)

# %% [markdown]
# Eq. 4 calls the negative log-likelihood $\mathcal L$, and eq. 5 the bound. We read eq. 5 as a statement on the bound: for $-\log p$ it would be wrong by
# the distance just printed.

# %% [markdown]
# **Equation 6.** For $\sigma_t^2=\tilde\beta_t$ every KL term is $w_t\|\varepsilon-\varepsilon_\theta\|^2$ with
# $w_t=\beta_t^2/[2\sigma_t^2(1-\beta_t)(1-\bar\alpha_t)]$: checked at random points with random predictions. The simple loss drops $w_t$.

# %%
x0, noise, guess = torch.randn(3, 64, 2, generator=source, dtype=torch.float64)
weights = {v: bound_weights(betas, v) for v in ("posterior", "forward")}
off = []
for t in range(2, toy_steps + 1):
    x = noised(x0, 1 - bars[t], noise)
    a, b, spread = posterior_coefficients(betas, t)
    gap = a * x0 + b * x - mean_from_noise(x, guess, betas, t)
    divergence = gap.square().sum(-1) / (2 * spread)  # of two Gaussians with one variance
    law = weights["posterior"][t - 1] * (noise - guess).square().sum(-1)
    off.append(((divergence - law).abs() / law).max().item())
term_off = max(off)
ratio = (weights["posterior"].max() / weights["posterior"].min()).item()
print(f"largest relative residual: {term_off:.0e}; the weights differ by a factor {ratio:.0f}")

# %%
figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.5))
reverse_shape_panel(axes[0], ladder.numpy(), models, order)
bound_panel(axes[1], nll - entropy_of_data, bound - nll)
weight_panel(
    axes[2],
    {
        rf"$\sigma_t^2={s}$": weights[k] / weights[k].mean()
        for k, s in (("posterior", r"\tilde\beta_t"), ("forward", r"\beta_t"))
    },
)
for axis, title in zip(
    axes,
    ("(a) how Gaussian a reverse step is", "(b) what the bound gives away", "(c) what eq. 6 drops"),
    strict=True,
):
    axis.set_title(title)
book.save_figure(figure, "bound")

# %% [markdown]
# **The Gaussian model of a reverse step is good for small steps; the bound is tight for the exact chain only; the simple loss drops weights.** (a) Total variation between the true reverse step
# and its Gaussian model against $\beta$, for two Gaussians of standard deviation $s=0.3$. (b) What the variational bound gives away, against how much the chain's own
# likelihood falls short of the data's entropy; every dot is a reverse chain. (c) The weights $w_t$ of eq. 6, in units of their mean, for the two usual variances.

# %% [markdown]
# ## In a toy of two dimensions the simple loss gives better samples
#
# The data are a ring of eight Gaussians, the noise predictor $\varepsilon_\theta$ is a perceptron with two hidden layers. It is trained once with the
# simple loss and once with the bound of eqs 4 and 5 for $\sigma_t^2=\tilde\beta_t$, with which all samples are drawn. Both trainings of a pair share the
# starting weights, the data, the steps and the noise, and later the noise of the reverse chain and the data with which its samples are compared; Adam
# does not see the scale of a loss. A sample is judged by its squared energy distance $2E|X-Y|-E|X-X'|-E|Y-Y'|$ from as many fresh points of the
# data. The estimator is unbiased, so its mean is zero for a perfect sampler and single values may be negative.
#
# Two controls are measured with the same estimator and the same number of points: fresh points of the data against fresh points of the data,
# and samples drawn with the exact predictor, which is known for a mixture and shows what is lost to $T$ steps alone. Each repetition of a
# control and each pair of trainings has its own noise and its own data.

# %%
data = ring(modes, 1.2, 0.1)


def train_and_score(budget, rates_of, count, root):
    """Reverse paths, and energy distances in 10⁻³ of shape (count, losses, rates); rates_of: loss → rates."""
    rows = torch.stack(list(losses.values())).repeat_interleave(len(rates_of["simple"]), 0)
    tried = torch.tensor([rate for loss in losses for rate in rates_of[loss]])
    train_seed, chain_seed, data_seed = spawn(root, 3)
    net, _ = train_predictors(data, betas, rows, tried, count, 48, 64, budget, train_seed)
    path = reverse_chain(
        net, points, 2, betas, "posterior", count * len(rows), chain_seed, groups=count
    )
    held = [data.sample((points,), child) for child in spawn(data_seed, count)]
    scores = [energy_distance(cloud, held[k // len(rows)]) for k, cloud in enumerate(path[-1])]
    finite = np.nan_to_num(scores, nan=np.inf)  # a network that diverged is infinitely far off
    return path, 1000 * finite.reshape(count, len(losses), -1)


losses = {"simple": torch.ones(toy_steps).double(), "bound": weights["posterior"]}

# %% [markdown]
# **First the learning rates.** Each loss takes, for each length of training, the rate at which its mean distance over a few seeds is lowest.
# The grid is wide enough if that rate does not lie at either end. Networks that
# diverge (a distance above 1) are left out of mean and standard deviation in the table, but not where the rate is chosen.

# %%
first_seed, second_seed, exact_seed, floor_seed = (next(children) for _ in range(4))
tried = {}
for budget, child in zip(budgets, spawn(first_seed, len(budgets)), strict=True):
    _, tried[budget] = train_and_score(budget, dict.fromkeys(losses, rates), seeds, child)
places = {
    budget: dict(zip(losses, tried[budget].mean(0).argmin(-1), strict=True)) for budget in budgets
}
inside = all(0 < place < len(rates) - 1 for found in places.values() for place in found.values())
toy = pd.DataFrame(
    [
        (budget, loss, rate, *tried[budget][:, i, j])
        for budget in budgets
        for i, loss in enumerate(losses)
        for j, rate in enumerate(rates)
    ],
    columns=["updates", "loss", "rate", *(f"seed {k}" for k in range(seeds))],
)
book.save_table(toy, "toy")
summary = toy[["updates", "loss", "rate"]].copy()
by_seed = toy.filter(like="seed").where(lambda found: found < 1000)  # 1000 in 10⁻³: diverged
summary["mean"], summary["standard deviation"] = by_seed.mean(axis=1), by_seed.std(axis=1)
summary["diverged"] = by_seed.isna().sum(axis=1)
print("every chosen rate lies inside the grid:", inside)
summary.style.set_uuid("toy").hide(axis="index").format(
    {"rate": "{:g}", "mean": "{:.2f}", "standard deviation": "{:.2f}"}
)

# %% [markdown]
# **Then the comparison**, at those rates and on seeds that had no part in choosing them: the difference of each pair, its mean over the pairs,
# and the 95 % interval of that mean by Student's t. A rate at an end of the grid would leave the question open.

# %%
perfect = reverse_chain(
    lambda x, t: data.noise(x.double(), bars[t.item()].item()),
    points,
    2,
    betas,
    "posterior",
    pairs,
    exact_seed,
    groups=pairs,
)
fresh = [data.sample((points,), child) for child in spawn(floor_seed, 3 * pairs)]
exact = 1000 * np.array(
    [energy_distance(cloud, held) for cloud, held in zip(perfect[-1], fresh[:pairs], strict=True)]
)
floor = 1000 * np.array(
    [
        energy_distance(*two)
        for two in zip(fresh[pairs : 2 * pairs], fresh[2 * pairs :], strict=True)
    ]
)
for label, values in (("exact predictor", exact), ("data against data", floor)):
    error = values.std(ddof=1) / pairs**0.5
    print(
        f"{label}: {values.mean():.2f} ± {error:.2f} (standard error over {pairs}), one repetition scatters by {values.std(ddof=1):.2f}"
    )

# %%
compared, paths, gains, tests = {}, {}, {}, {}
for budget, child in zip(budgets, spawn(second_seed, len(budgets)), strict=True):
    best_rates = {loss: [rates[place]] for loss, place in places[budget].items()}
    paths[budget], found = train_and_score(budget, best_rates, pairs, child)
    compared[budget] = dict(zip(losses, found[..., 0].T, strict=True))
    gains[budget] = compared[budget]["bound"] - compared[budget]["simple"]
    tests[budget] = ttest_1samp(gains[budget], 0.0)
intervals = {budget: test.confidence_interval(0.95) for budget, test in tests.items()}
verdict_rows = [
    {
        "updates": budget,
        "simple": compared[budget]["simple"].mean(),
        "rate of simple": rates[places[budget]["simple"]],
        "bound": compared[budget]["bound"].mean(),
        "rate of bound": rates[places[budget]["bound"]],
        "bound − simple": gains[budget].mean(),
        "95 % from": intervals[budget].low,
        "to": intervals[budget].high,
        "simple lower in": f"{(gains[budget] > 0).sum()} of {pairs}",
        "p": tests[budget].pvalue,
    }
    for budget in budgets
]
comparison = pd.DataFrame(verdict_rows).set_index("updates")
book.save_table(
    pd.DataFrame({f"{loss}, {k}": compared[k][loss] for k in budgets for loss in losses}), "pairs"
)
comparison.style.set_uuid("pairs").format(precision=2).format("{:.1g}", subset="p").format(
    "{:g}", subset=["rate of simple", "rate of bound"]
)

# %%
mid, long = toy_steps // 4, budgets[-1]
stops = (0, mid // 2, mid, toy_steps)
held = fresh[0]
forward = [held] + [
    noised(held, 1 - bars[t], torch.randn(held.shape, generator=source, dtype=held.dtype))
    for t in stops[1:]
]
figure = plt.figure(figsize=(PAGE, 3.6))
left, right = figure.subfigures(1, 2, width_ratios=(5, 3))
panels = left.subplots(2, 4)
for k, t in enumerate(stops):
    cloud_panel(panels[0, k], forward[k], f"forward, $t={t}$", "0.35")
    cloud_panel(panels[1, k], paths[long][toy_steps - t, 0], f"reverse, $t={t}$")
distance, difference = right.subplots(2, 1, height_ratios=(5, 3))
sample_distance_panel(
    distance, rates, {k: tried[long][:, i] for i, k in enumerate(losses)}, exact, floor, top=30
)
distance.set_title(f"(b) after {long} updates")
paired_panel(
    difference,
    {f"{k} updates": gains[k] for k in budgets},
    {f"{k} updates": intervals[k] for k in budgets},
)
difference.set_title("(c) pairs")
panels[0, 0].set_title("(a) forward, $t=0$", fontsize=7)
book.save_figure(figure, "toy")

# %% [markdown]
# **The simple loss samples the ring better at both lengths of training.** (a) The forward process on data, and the reverse process of one
# network trained with the simple loss. (b) Energy distance from the data against the learning rate, for the seeds from which the rates
# were chosen: mean, standard deviation (bars) and single seeds (small dots); what lies above the panel is in the table. The grey band is the mean and standard deviation of data against data. (c) Bound minus
# simple on the seeds kept for the comparison: small dots are pairs, the black dot is their mean and the bar its 95 % interval.

# %% [markdown]
# ## The depolarising path, equations 7 and 8
#
# $\rho_t=(1-p_t)\rho_{t-1}+p_t\,1/d$ is all Pauli strings applied with probability $p_t/d^2$ each; it stays completely positive up to
# $p=d^2/(d^2-1)$. The steps compose to $\rho_t=\alpha_t\rho_0+(1-\alpha_t)1/d$, for a pure start
#
# $$F=\alpha+\frac{1-\alpha}d,\qquad \mathrm{Tr}\rho^2=\alpha^2+\frac{1-\alpha^2}d,\qquad \chi=\log_2d-S(\rho_t)\approx\frac{(d-1)\alpha^2}{2\ln2}.$$

# %%
psi = haar_states(n_states, n, next(children))
rho = density_matrix(psi)
probabilities = linear_schedule(steps, p_first, p_last)
alpha = survival(probabilities)
path = depolarizing_path(rho, probabilities)
off = [
    (apply_kraus(depolarizing_kraus(n, p), rho) - depolarize(rho, p)).abs().max().item()
    for p in (0.0, 0.1, 0.5, 1.0)
]
channel = depolarizing_to_qiskit(n, 0.3)
off.append(
    abs(DensityMatrix(rho[0].numpy()).evolve(channel).data - depolarize(rho[0], 0.3).numpy()).max()
)
channel_off = max(off)

# %%
off = [(rows - depolarized(rho, a)).abs().max().item() for rows, a in zip(path, alpha, strict=True)]
two = density_matrix(haar_states(1, 2, next(children))[0])
opinion = DensityMatrix(two.numpy())
for p in probabilities.tolist():
    opinion = opinion.evolve(depolarizing_to_qiskit(2, p))
off.append(abs(opinion.data - depolarized(two, alpha[-1]).numpy()).max())
composed_off = max(off)
print(f"largest residual of eq. 7: {channel_off:.0e}, of eq. 8: {composed_off:.0e}")

# %%
mixed = torch.eye(d, dtype=torch.complex128) / d
basis = density_matrix(
    haar_unitaries(1, d, next(children))[0]
)  # rows: pure states whose mean is 1/d
computed = {
    "F": torch.einsum("si,tsij,sj->ts", psi.conj(), path, psi).real.mean(1),
    "purity": purity(path).mean(1),
    "holevo": holevo_information(depolarizing_path(basis, probabilities)),
}
closed = {
    "F": path_fidelity(alpha, d),
    "purity": path_purity(alpha, d),
    "holevo": path_holevo(alpha, d),
}
assert all((computed[k] - closed[k]).abs().max() < 1e-10 for k in closed)
book.save_table({"t": range(steps + 1), "alpha": alpha, **computed}, "path")

# %%
small = torch.logspace(-4, 0, 13, dtype=torch.float64)
away = trace_distance(depolarized(rho[0], small), mixed)
bits = torch.stack([holevo_information(depolarized(basis, a)) for a in small])
left = {
    "trace distance\nfrom $1/d$": (small * (1 - 1 / d), away),
    "Holevo information\n(bits)": (path_holevo(small, d), bits),
}
off = max((found - law).abs().max().item() for law, found in left.values())
print(
    f"distance and information against their closed forms for α from {small[0]:.0e} to 1: they agree to {off:.0e}"
)
assert off < 1e-12

# %%
figure, axes = plt.subplots(1, 4, figsize=(PAGE, 2.3))
names = {"F": "fidelity with $\\rho_0$", "purity": "purity", "holevo": "Holevo information (bits)"}
for axis, (key, label), level in zip(axes, names.items(), (1 / d, 1 / d, 0.0), strict=False):
    path_panel(
        axis,
        closed[key].numpy(),
        computed[key].numpy(),
        label,
        level,
        "$1/d$" if level else "nothing",
    )
forgetting_panel(axes[3], small.numpy(), {k: (a.numpy(), b.numpy()) for k, (a, b) in left.items()})
for axis, letter in zip(axes, "abcd", strict=True):
    axis.set_title(f"({letter})")
book.save_figure(figure, "path")

# %% [markdown]
# **The state fades along the closed forms.** (a) to (c) Fidelity with the start, purity, and Holevo information of a basis of 16 states along this
# notebook's schedule. (d) What is left for a given survival $\alpha$: the distance from $1/d$ falls like $\alpha$, the information like $\alpha^2$.
# Lines are closed forms, markers density matrices.
#
# That both vanish for $\alpha_T\to0$ follows from eq. 8 by definition: the distance is $\alpha(1-1/d)\le\alpha$ and the information, a convex function of
# $\alpha$, at most $\alpha n$. Whether a given schedule comes near this limit is another matter. With this notebook's the state ends close to $1/d$, and with
# $p_s=1/(s+1)^2$ half of it survives any number of steps.

# %%
end, left_bits = trace_distance(path[-1], mixed).max().item(), computed["holevo"][-1].item()
slow = survival(1.0 / torch.arange(2, 10002, dtype=torch.float64).square())
print(
    f"this notebook's schedule, {steps} steps: α_T = {alpha[-1]:.5f}, trace distance {end:.5f}, information {left_bits:.2e} bits"
)
half_way = steps // 2
print(
    f"half of it, {half_way} steps: trace distance {trace_distance(path[half_way], mixed).max():.3f}, information {computed['holevo'][half_way]:.2f} bits"
)
print(
    f"p_s = 1/(s+1)², ten thousand steps: α_T = {slow[-1]:.5f}, trace distance {slow[-1] * (1 - 1 / d):.5f}"
)

# %% [markdown]
# ## The theorem: the identity is the best unitary
#
# For any unitary $D$, $\langle\psi|D\rho_tD^\dagger|\psi\rangle=\alpha|\langle\psi|D|\psi\rangle|^2+\frac{1-\alpha}d\le\alpha+\frac{1-\alpha}d$,
# with equality for $D=1$. Nor can a unitary bring $\rho_t$ closer to $\rho_{t-1}$: it keeps the spectrum, and no two spectra come closer than in
# order (Mirsky), so that
#
# $$\min_U\tfrac12\|U\rho_tU^\dagger-\rho_{t-1}\|_1=\tfrac12\sum_i|\lambda_i(\rho_t)-\lambda_i(\rho_{t-1})|=(\alpha_{t-1}-\alpha_t)\Big(1-\frac1d\Big),$$
#
# which is the distance before any unitary. A circuit is trained on eq. 10 at several $\alpha$ from random angles: it cannot pass that line.

# %%
circuit = Ansatz(n, 8)
noisy = torch.stack([depolarized(rho, a) for a in alphas])
trained = train_unitary(circuit, noisy, rho, "infidelity", epochs, 0.1, runs, next(children))
reached = 1 - trained.loss[-1]
ceiling = path_fidelity(alphas, d)
excess = (reached - ceiling[:, None]).max().item()
best_run = reached.max(1).values
short = (ceiling[:, None] - reached).numpy()
print(
    f"largest fidelity above the identity's: {excess:.0e}; best runs below it by {short.min(1).round(7) + 0.0}"
)
print(
    f"runs that end more than 0.001 below it: {(short > 1e-3).sum()} of {short.size}, by up to {short.max():.2f}"
)
assert excess < 1e-10

# %%
random = haar_unitaries(n_random, d, next(children))
overlap = fidelity(psi[0], random @ psi[0])
fine = torch.linspace(0, 1, 101, dtype=torch.float64)
sampled = [fine * torch.quantile(overlap, q) + (1 - fine) / d for q in (0.05, 0.95)]
both = torch.cat([random, trained.unitaries.flatten(0, 1)])
moved = trace_distance(both @ mixed @ both.mH, mixed).max().item()
print(f"{len(both)} random and trained unitaries move 1/d by {moved:.0e} in trace distance")

# %%
spectral = unitary_trace_distance(path[1:], path[:-1])[:, 0]
direct, law = trace_distance(path[1:], path[:-1])[:, 0], (alpha[:-1] - alpha[1:]) * (1 - 1 / d)
hard = spectral.argmax().item()
lesser = density_matrix(haar_states(4, 3, next(children)))
pair = depolarized(lesser, alpha[hard + 1]), depolarized(lesser, alpha[hard])
step = train_unitary(
    Ansatz(3, 6), pair[0][None], pair[1], "trace distance", epochs, 0.1, runs, next(children)
).loss[-1]
floor = (law[hard] * (1 - 1 / 8) / (1 - 1 / d)).item()
print(
    f"step {hard + 1}: least distance {spectral[hard]:.6f}, law {law[hard]:.6f}, untouched {direct[hard]:.6f}"
)
print(f"three qubits, trained: {step.min():.7f}, law {floor:.7f}")
assert (spectral - law).abs().max() < 1e-10
assert (step >= floor - 1e-10).all()

# %%
law_off = max((spectral - law).abs().max().item(), (direct - law).abs().max().item())
law_off = max(law_off, floor - step.min().item())
print(f"largest residual of the law, over all steps: {law_off:.0e}")

# %% [markdown]
# ## What does help
#
# - **A known subspace** of $r$ dimensions: reset to it, $F=\alpha+\frac{1-\alpha}r$, always succeeds; or keep only what is found in it,
#   $F=(\alpha+\frac{1-\alpha}d)/p$ with $p=\alpha+(1-\alpha)\frac rd$.
# - **A second copy**: a swap test that finds the copies symmetric leaves $(\rho+\rho^2)/(1+P)$, $P=\mathrm{Tr}\rho^2$, with
#   $F'=(F+F^2)/(1+P)$ and probability $\frac12(1+P)$.
# - **An ancilla alone does not help.** For one copy of a Haar state any measurement outcome with Kraus operators $K$ leaves the overlap
#   $\alpha\frac{\sum|\mathrm{Tr}K|^2/\mathrm{Tr}\sum K^\dagger K+1}{d+1}+\frac{1-\alpha}d\le\alpha+\frac{1-\alpha}d$, post-selected or not.

# %%
projector = subspace_projector(n, r)
inside = torch.zeros(n_states, d, dtype=torch.complex128)
inside[:, :r] = haar_states(n_states, r.bit_length() - 1, next(children))
marks = torch.linspace(0.05, 0.95, 10, dtype=torch.float64)
kept = depolarized(density_matrix(inside)[:, None], marks)
maps = {"post-selected": postselect(kept, projector), "swap test": swap_test_purify(kept)}
maps["reset"] = subspace_reset(kept, projector), torch.ones(n_states, len(marks))

# %%
laws = {
    "post-selected": postselection_law(fine, d, r),
    "swap test": swap_test_law(fine, d),
    "reset": (reset_fidelity(fine, r), fine**0),
}
gained = {
    k: torch.einsum("si,smij,sj->sm", inside.conj(), state, inside).real.mean(0)
    for k, (state, _) in maps.items()
}
chance = {k: p.mean(0) for k, (_, p) in maps.items()}
at_marks = {
    "post-selected": postselection_law(marks, d, r),
    "swap test": swap_test_law(marks, d),
    "reset": (reset_fidelity(marks, r), marks**0),
}
off = [
    (values - at_marks[k][i]).abs().max().item()
    for i, found in enumerate((gained, chance))
    for k, values in found.items()
]
print(f"density matrices against closed forms: {max(off):.0e}")
assert max(off) < 1e-10

# %%
half = {k: [x[50].item() for x in laws[k]] for k in laws}
remedies = pd.DataFrame(half, index=["fidelity", "probability"]).T
remedies.loc["best unitary"] = path_fidelity(0.5, d).item(), 1.0
book.save_table(remedies.reset_index(names="map"), "remedies")
remedies.style.set_uuid("remedies").format("{:.4f}").set_caption(f"α = 0.5, d = {d}, r = {r}")

# %% [markdown]
# Qiskit's density matrices as second opinion: the swap test as a circuit of Hadamards and controlled swaps on two copies of two qubits each,
# the reset as its `reset` instruction.

# %%
state, probability = swap_test_by_qiskit(depolarized(two, 0.5))
ours, p = swap_test_purify(depolarized(two, 0.5))
off = [abs(state - ours.numpy()).max(), abs(probability - p.item())]
single = depolarized(density_matrix(inside[0]), 0.5)
off.append(
    abs(
        reset_by_qiskit(single, n - r.bit_length() + 1) - subspace_reset(single, projector).numpy()
    ).max()
)
print(f"Qiskit against the maps here: {max(off):.0e}")
assert max(off) < 1e-10

# %%
outcomes = torch.randn(n_random, 3, d, d, generator=source, dtype=torch.complex128)
over = max(
    (single_copy_law(outcomes * 5.0**k + torch.eye(d), a)[0] - path_fidelity(a, d)).max().item()
    for a in alphas
    for k in range(-3, 2)  # from almost nothing to almost noise
)
gain = half["swap test"][0] - path_fidelity(0.5, d).item()
print(
    f"swap test at α = 0.5: {gain:+.3f} with probability {half['swap test'][1]:.2f}; best of {5 * n_random} random measurements on one copy, over all α tried: {over:+.0e}"
)
ancilla_gains = torch.stack([gained[k] for k in laws]) - path_fidelity(marks, d)
reset_moves = trace_distance(subspace_reset(mixed[None], projector), mixed).item()
print(f"a reset to the subspace moves 1/d by {reset_moves:.2f} in trace distance")

# %%
labels = {k: f"{k}, $p={half[k][1]:.3g}$" for k in laws}
bare = {
    "post-selected": f"post-selected, $r={r}$",
    "swap test": "swap test, two copies",
    "reset": f"reset, $r={r}$",
}
identity = path_fidelity(fine, d).numpy()
lines = np.stack([alphas, best_run.numpy()], 1)
values = {k: np.stack([marks, gained[k]], 1) for k in laws}
odds = {k: np.stack([marks, chance[k]], 1) for k in laws}

# %%
figure, axes = plt.subplots(1, 2, figsize=(PAGE, 3.4), width_ratios=(3, 2))
unitary_panel(axes[0], fine.numpy(), identity, lines, tuple(q.numpy() for q in sampled), 1 / d)
remedy_lines(
    axes[0],
    fine.numpy(),
    {k: v[0].numpy() for k, v in laws.items()},
    values,
    {k: f"{k}, $p={half[k][1]:.3g}$" for k in laws},
)
remedy_lines(axes[1], fine.numpy(), {k: v[1].numpy() for k, v in laws.items()}, odds, bare)
axes[0].set(ylabel=FIDELITY, ylim=(0, 1.04), title=f"(a) $d={d}$, subspace of $r={r}$")
axes[1].set(ylabel="probability of success $p$", ylim=(0, 1.04), title="(b) what it costs")
axes[0].legend(
    loc="lower right",
    bbox_to_anchor=(1.0, 0.19),
    fontsize=6,
    title=r"$p$: probability at $\alpha=0.5$",
    title_fontsize=6,
)
axes[1].legend(loc="lower right", fontsize=6)
book.save_figure(figure)

# %% [markdown]
# **Nothing unitary passes the line of the identity; knowledge or a second copy does.** (a) Mean fidelity with the original against the surviving share $\alpha$. Line: the identity,
# which no unitary exceeds. Open dots: the best of six trained circuits at each $\alpha$. Band: 5 to 95 % of random unitaries. Coloured lines are closed forms, markers density
# matrices: a reset into a known subspace of $r$ dimensions, keeping only what is found in it, and a swap test on two copies. (b) How often each of
# them succeeds. Not shown: preparing a second copy, which takes as much again.

# %% [markdown]
# ## Fidelity and trace distance as losses, equation 10
#
# For a pure target eq. 10 is one minus the squared Uhlmann fidelity. For mixed states the printed formula is compared with Qiskit and with
# the eigenvalues of $\rho\sigma$, which are those of $\sqrt\rho\sigma\sqrt\rho$. As a loss, the trace distance of $\alpha|\varphi\rangle\langle\varphi|+(1-\alpha)1/d$ from $|\psi\rangle\langle\psi|$ is a function of the
# same overlap $c=|\langle\varphi|\psi\rangle|^2$:
#
# $$T=(1-\alpha)\Big(\frac12-\frac1d\Big)+\frac12\sqrt{(1-\alpha)^2+4\alpha(1-c)},\qquad\frac{|\nabla T|}{|\nabla(1-F)|}=\frac1{\sqrt{(1-\alpha)^2+4\alpha(1-c)}}.$$

# %%
images = torch.cat(
    [
        path[3],
        apply_kraus(depolarizing_kraus(n, 0.3), random[:n_states] @ rho @ random[:n_states].mH),
    ]
)
overlaps = torch.einsum("si,msij,sj->ms", psi.conj(), images.unflatten(0, (2, n_states)), psi).real
loss = 1 - overlaps
off = (loss - (1 - uhlmann_fidelity(images.unflatten(0, (2, n_states)), rho))).abs().max().item()
loss_off = off
compared_states = list(zip(path[5].numpy(), images[n_states:].numpy(), strict=True))
printed = [np.sqrt(np.linalg.eigvals(a @ b).real).sum() ** 2 for a, b in compared_states]
qiskit_says = [state_fidelity(DensityMatrix(a), DensityMatrix(b)) for a, b in compared_states]

# %%
here = uhlmann_fidelity(path[5], images[n_states:]).numpy()
fidelity_off = max(abs(here - printed).max(), abs(here - qiskit_says).max())
print(f"largest residual of eq. 10: {loss_off:.0e}, of the fidelity: {fidelity_off:.0e}")

# %%
kinds, levels, child = ("infidelity", "trace distance"), (0.3, 0.9), next(children)
noisy = torch.stack([depolarized(lesser, a) for a in levels])
ran = {
    kind: train_unitary(Ansatz(3, 6), noisy, lesser, kind, epochs, 0.1, 2 * runs, child)
    for kind in kinds
}
ceiling = path_fidelity(levels, 8)[:, None]
gaps = {kind: (ceiling - run.overlap).numpy() for kind, run in ran.items()}
least = trace_distance_law(1.0, levels, 8)[:, None]
assert (ran["trace distance"].loss > least - 1e-10).all()
assert min(g.min() for g in gaps.values()) > -1e-10
book.save_arrays("losses", infidelity=gaps["infidelity"], trace_distance=gaps["trace distance"])

# %%
lies = haar_states(20, n, next(children))
theta = circuit.random_angles(20, next(children))
wanted, turned = (
    torch.linspace(0.01, 0.99, 20, dtype=torch.float64),
    torch.einsum("bij,bj->bi", circuit.unitary(theta), lies),
)
other = haar_states(20, n, next(children))
other = other - torch.linalg.vecdot(turned, other)[:, None] * turned
goal = density_matrix(
    wanted.sqrt()[:, None] * turned
    + (1 - wanted).sqrt()[:, None] * other / other.norm(dim=-1, keepdim=True)
)
ratios = {}
for a in (0.3, 0.7, 0.95):
    lengths = [
        loss_gradients(circuit, theta, depolarized(density_matrix(lies), a), goal, kind)
        for kind in kinds[::-1]
    ]
    ratios[a] = np.stack([wanted, lengths[0] / lengths[1]], 1)
    assert np.allclose(ratios[a][:, 1], slope_ratio(wanted, a))

# %%
figure, axes = plt.subplots(1, 3, figsize=(PAGE, 2.5))
for axis, k, letter in zip(axes, range(2), "ab", strict=False):
    training_panel(
        axis,
        {kind: rows[:, k] for kind, rows in gaps.items()},
        rf"({letter}) three qubits, $\alpha={levels[k]:g}$",
    )
slope_panel(
    axes[2], fine[:-1].numpy(), {a: slope_ratio(fine[:-1], a).numpy() for a in ratios}, ratios
)
axes[2].set_title("(c) steepness of the two losses")
book.save_figure(figure, "losses")

# %%
reached = pd.DataFrame(
    {(kind, a): (gaps[kind][-1, k] < 1e-3).mean() for kind in kinds for k, a in enumerate(levels)},
    index=["share of runs at the identity"],
)
reached.style.set_uuid("losses").format("{:.2f}")

# %% [markdown]
# One best unitary (angles may get stuck on the way, as some of the runs above did), and for a single target one direction of the gradient: the losses differ in its length alone. The trace distance is flatter far
# from the target and steeper near it, up to $1/(1-\alpha)$, so that here, with one learning rate for both, it ends closer to the identity where
# little noise is left (b). Where $c\approx1/d$ the trace distance is the flatter of the two, and neither lifts the ceiling $\alpha+(1-\alpha)/d$.

# %% [markdown]
# ## What this does not show
#
# That denoising is impossible: knowledge of the ensemble, a second copy or measured ancillas
# (`10_quddpm_generation`) make it possible, most of them at a price in probability or copies, and the source mentions ancillas itself. The toy says nothing of
# images, where Ho et al. found the simple loss better; with a thousand steps the weights it drops vary far more than here. How far the two
# losses lie apart may change with the length of training, the batch, the network and the way in which the steps $t$ are drawn, none of which is varied
# here but the length. The bound is checked for Gaussian data, where a linear reverse chain can be exact. Eq. 3 at $\beta\to0$ is a statement on one step; a chain needs the more of them.

# %% [markdown]
# ## Checks and verdicts

# %%
book.check("qamp-eq1", step_off)
book.check("qamp-eq2", jump_off)
models_of = {"fixed": "covariance β", "matched": "learned covariance"}
for (kind, size), values in variations.items():
    book.check("qamp-eq3", values, setting=f"{models_of[kind]}, β up to {size}")
book.check("qamp-eq4", bound - nll)
book.check("qamp-eq5", scaled.max())
book.check("qamp-eq6", term_off)
for budget, setting in zip(budgets, ("250 updates", "1000 updates"), strict=True):
    relative = gains[budget] / compared[budget]["bound"].mean()
    book.check("qamp-simple-loss-better", relative, setting=setting)

# %%
book.check("qamp-eq7", channel_off)
book.check("qamp-eq8", composed_off)
book.check("qamp-maximally-mixed-limit", away / small)
book.check("qamp-limit-forgets", bits / (small * n))
book.check("qamp-generate-from-mixed", moved, setting="the unitary of eq. 9")
book.check("qamp-generate-from-mixed", reset_moves, setting="a reset by measured ancillas")
book.check("qamp-eq9", law_off)
book.check("qamp-ancilla-and-measurement", (ancilla_gains > 0.05).numpy())
book.check("qamp-eq10", loss_off)
book.check("qamp-uhlmann-fidelity", fidelity_off)
book.verdicts()
