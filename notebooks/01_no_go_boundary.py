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
# # 01 · Undoing photon loss with the score is no longer a legal quantum operation once cosh 2r > ν
#
# **The question.** Light that loses photons fades towards the vacuum. A classical diffusion model undoes such a process by
# running it backwards with the same noise and a corrected drift; the correction is the *score*, the gradient of the logarithm
# of the probability density. For classical noise this rewind is exact. A quantum state of light has a Wigner function in place
# of a density, and its score is as easily written down. Does quantum mechanics allow the rewind?
#
# **The answer.** Only as long as the loss itself does not raise the entropy of the state. We describe a one-mode Gaussian state
# by its thermal parameter ν (1 for a pure state) and its squeezing r (0 if both quadratures are equally noisy). Loss lowers the
# entropy of a state with cosh 2r < ν (it *cools* it) and raises that of one with cosh 2r > ν (it *heats* it). It also changes
# the entropy at the *lowest* rate of all legal Gaussian processes with the same diffusion. So where even loss raises the entropy, no legal
# Gaussian process with that diffusion lowers it, and a rewind would have to: **the rewind is legal if and only if cosh 2r ≤ ν.** This is Theorem 1 of the source. *Legal* means completely positive (CP):
# the output is a state even if the process acts on one half of an entangled pair.
#
# **How sure are we?** The argument above is a proof; its two formulas stand below. The theorem is then confirmed
# on a grid and by two computations that never form the matrix it is stated for. It concerns one recipe, the score drift with the
# noise left as it was. Another drift can undo the loss legally (notebook 08), and extra noise makes this drift legal (02).
#
# After A. Fayad, *Quantum Diffusion Models: Score Reversal Is Not Free in Gaussian Dynamics*, arXiv:2603.06488v1 (Theorem 1,
# Lemma 1, left panel of Fig. 1), and the qualitative statements of its lay summary. Takes about 40 s on two cores.

# %%
import matplotlib.pyplot as plt
import numpy as np

from qdm_utils.companion import Book
from qdm_utils.companion.figures import PAGE
from qdm_utils.gaussian import (
    attenuate,
    attenuator,
    bayes_cp_margin,
    bayes_reverse,
    check_covariance,
    cp_margin,
    cp_matrix,
    critical_squeezing,
    critical_transmissivity,
    entanglement_witness,
    entropy_rate,
    evolve,
    formal_reverse,
    margin_zero,
    repaired_reverse,
    squeezed_thermal,
    step_channel,
    symplectic_eigenvalues,
    symplectic_form,
    transmissivity,
    two_mode_squeezed,
    vacuum_area_rate,
)
from qdm_utils.gaussian.plots import (
    FORMAL,
    boundary,
    cp_map,
    half_loss_panel,
    phase_space_panel,
    witness_panel,
)
from qdm_utils.gaussian.second_opinions.fock import choi_margin
from qdm_utils.gaussian.second_opinions.learned_score import learned_covariance
from qdm_utils.gaussian.second_opinions.optics import optical_noising_path

# %% tags=["parameters"]
nu_max: float = 4.0  # largest thermal parameter of the map, vacuum is 1; > 1
r_max: float = 1.2  # largest squeezing of the map; > 0
n_grid: int = 161  # grid points along each axis of the map; in 3 … 2001
nu_cut: float = 1.5  # thermal parameter of the cut through the threshold; > 1
n_cut: int = 9  # squeezings on that cut at which the witnesses are evaluated; in 2 … 201
n_generators: int = 20  # random drifts, and as many random diffusions, all paired; in 1 … 200
n_networks: int = 4  # score networks trained at each squeezing of the cut; in 2 … 200
pair_squeezing: float = 1.5  # two-mode squeezing of the entangled pair; > 0
step: float = 1e-4  # duration of the finite reverse step, in inverse damping rates; in 1e-8 … 0.01
r_data: float = 0.8  # squeezing of the pure state in the phase-space pictures; > 0
noising_time: float = 1.5  # how long that state is noised, in inverse damping rates; > 0
seed: int = 20260306  # root seed of everything random here; ≥ 0

# %%
book = Book("01_no_go_boundary", globals())

# %% [markdown]
# ## The threshold is where loss turns from cooling to heating
#
# A Gaussian state with zero mean is given by the covariance matrix γ of its quadratures $\xi=(x,p)$. We use the convention of
# Heinosaari, Holevo and Wolf (HHW): $[x,p]=2i$, so the vacuum has $\gamma=1$, and $\sigma=\begin{pmatrix}0&1\\-1&0\end{pmatrix}$
# holds the commutators. A squeezed thermal state has $\gamma(\nu,r)=\nu\,\mathrm{diag}(e^{2r},e^{-2r})$ up to a rotation. Gaussian
# noise with drift $K$ and diffusion $D$ moves it as $\dot\gamma=K\gamma+\gamma K^T+D$; pure loss (the quantum-limited attenuator)
# has $K=-\tfrac12 1$, $D=1$, and leaves the fraction $\eta=e^{-t}$ of the light after the time $t$, in units of the inverse damping rate.
#
# Since $\det\gamma=\nu^2$, every entropy of a one-mode Gaussian state grows with $\ln\det\gamma$. Its rate is
#
# $$\frac{d\ln\det\gamma}{dt}=\mathrm{tr}(\gamma^{-1}\dot\gamma)=2\,\mathrm{tr}K+\mathrm{tr}(\gamma^{-1}D),
# \qquad\text{for pure loss}\quad e=\mathrm{tr}\,\gamma^{-1}-2=\frac{2\cosh2r}{\nu}-2 .$$
#
# A generator with $D=1$ is CP if and only if $|\mathrm{tr}K|\le1$ (the matrix $M$ of the next section says so). Its lowest legal
# rate is therefore $e$, which loss attains with $\mathrm{tr}K=-1$. The rewind needs the rate $-e$. That is legal if and only if $-e\ge e$,
# hence $e\le0$, hence $\cosh2r\le\nu$: Theorem 1. (The highest legal rate, $e+4$, is never in the way.)
#
# The cell below integrates the loss for a short time and compares the slope of $\ln\det\gamma$ with the formula: below the
# threshold, on it, and past it.

# %%
moment = 1e-4
for r_test in (0.3, critical_squeezing(nu_cut), 0.8):
    around = evolve(squeezed_thermal(nu_cut, r_test), attenuator(), [0.0, moment, 2 * moment])
    slope = np.log(np.linalg.det(around[2]) / np.linalg.det(around[0])) / (2 * moment)
    rate = entropy_rate(around[1])
    assert abs(slope - rate) < 1e-6
    # Adding zero turns a rounded −0 into 0.
    print(
        f"ν = {nu_cut:g}, r = {r_test:.3f}: slope of ln det γ {round(slope, 3) + 0.0:+.3f}, formula {round(rate, 3) + 0.0:+.3f}"
    )

# %% [markdown]
# The slope is negative below the threshold, vanishes on it and is positive past it. With the opposite sign it is the eigenvalue that decides in Theorem 1.
#
# ## The path to be reversed, and its rewind
#
# The rewind keeps the diffusion and corrects the drift by the score. For a Gaussian Wigner function $W$ the score is
# $\nabla\ln W=-\gamma^{-1}\xi$, so
#
# $$K_\mathrm{rev}=-K-D\gamma^{-1}=\tfrac12 1-\gamma^{-1}.$$
#
# The source calls it the Bayes reverse. As a classical diffusion it is exact, for any reference. A quantum evolution must also be CP:
#
# $$M(K,D)=D+i(K\sigma+\sigma K^T)\succeq0 .$$
#
# For one mode $K\sigma+\sigma K^T=\mathrm{tr}(K)\,\sigma$, and $\mathrm{tr}K_\mathrm{rev}=1-2\cosh(2r)/\nu$. So the eigenvalues of
# $M^\mathrm{Bayes}$ are $2\cosh(2r)/\nu$ and $2-2\cosh(2r)/\nu=-e$. **CP fails if and only if $\cosh2r>\nu$.**
#
# First the path itself, computed in three ways: the closed form, the differential equation, and an optical circuit in Strawberry Fields.

# %%
times = np.linspace(0.0, 3.0, 13)
start = squeezed_thermal(nu_cut, r_data)
closed = attenuate(start, transmissivity(times))
by_ode = evolve(start, attenuator(), times)
by_optics = optical_noising_path(nu_cut, r_data, transmissivity(times))
gap = max(np.abs(closed - by_ode).max(), np.abs(closed - by_optics).max())
assert gap < 1e-9
print("closed form, ODE and Strawberry Fields agree to 1e-9")

# %% [markdown]
# ### Classically the rewind is free
#
# The Bayes reverse of a covariance path retraces it. Nothing in this computation asks whether the map is a quantum operation.

# %%
rewound = evolve(closed[-1], formal_reverse(start, times[-1]), times)[-1]
classical_gap = np.abs(rewound - start).max()
print(f"rewound and initial covariance agree to 1e-8: {classical_gap < 1e-8}")

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
assert closed_gap < 1e-12
print(
    f"{off_curve.sum()} points, wrong side: {wrong_side:.0%}; matrix and closed form agree to 1e-12"
)

# %% [markdown]
# The zero of $\lambda_\min$ itself, found by bisection on the matrix for each $\nu$, against $r=\tfrac12\mathrm{arcosh}\,\nu$:

# %%
away_from_vacuum = nu[nu > 1.0]
zero_gap = np.abs(margin_zero(away_from_vacuum) - critical_squeezing(away_from_vacuum)).max()
assert zero_gap < 1e-10
print("zero of the smallest eigenvalue and curve agree to ten digits of r")
sigma, u = symplectic_form(1), np.array([1, 1j]) / np.sqrt(2)
eigenvector_gap = np.abs(sigma @ u - 1j * u).max()
vacuum = symplectic_eigenvalues(squeezed_thermal(1.0, 0.0))[0]

# %% [markdown]
# ## Lemma 1: no sign convention can save it
#
# Reversing the sign of the drift replaces $M$ by its complex conjugate, $M(-K,D)=\overline{M(K,D)}$, which has the same
# eigenvalues. No choice of sign can therefore rescue the reversal. This is an identity: the check below, on 300 random generators of
# one, two and three modes, compares a Hermitian matrix with its conjugate and could fail only through a programming error.

# %%
random = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
lemma_gap = 0.0
for size in (2, 4, 6):
    drift, root = random.normal(size=(2, 100, size, size))
    diffusion = root @ root.swapaxes(-1, -2)
    forward, flipped = (np.linalg.eigvalsh(cp_matrix(sign * drift, diffusion)) for sign in (1, -1))
    lemma_gap = max(lemma_gap, np.abs(forward - flipped).max())
print(f"the two spectra agree to 1e-12: {lemma_gap < 1e-12}")

# %% [markdown]
# ## Two computations that never form M find the same threshold
#
# 1. **Half of an entangled pair.** The reverse acts for a short time ε on one half of a two-mode squeezed vacuum.
#    If $\gamma_\mathrm{out}+i\sigma\oplus\sigma$ has a negative eigenvalue, the output is no state.
# 2. **Choi matrix.** The Fokker–Planck equation of $(K,D)$ as a superoperator on eight Fock levels (three qubits), exponentiated and
#    judged by Qiskit. Cutting off the ladder changes the dynamics but not the verdict: $x$ and $p$ stay independent and traceless.
#
# Beside them stands a **learned covariance**, which does use $M$. Networks trained by denoising score matching on samples of the Wigner
# function, without being told ν or r, give an estimate of γ, and that estimate is put into $M$. It shows that a score
# learned from samples is good enough to find the threshold to within the spacing of the cut. It is no run of a trained decoder.

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
book.save_table(
    {**columns, "learned_mean": learned.mean(1), "learned_sd": learned.std(1, ddof=1)}, "witnesses"
)

# %% [markdown]
# ### Drift and diffusion constrain each other
#
# One cut at $D=1$ says little about the general condition, so here both are random: drifts $K$ with independent normal entries and
# diffusions $D=RR^T\succeq0$, every drift paired with every diffusion. The Choi matrix of a finite step, built without $M$, must call
# exactly those pairs legal for which $M\succeq0$.

# %%
random = np.random.default_rng(np.random.SeedSequence(seed).spawn(3)[2])
drifts = 0.5 * random.normal(size=(n_generators, 2, 2))
roots = random.normal(size=(n_generators, 2, 2))
diffusions = roots @ roots.swapaxes(-1, -2)
pairs = [[choi_margin(drift, diffusion, step=step) for diffusion in diffusions] for drift in drifts]
legal = np.array(pairs) > -1e-6  # a legal pair has margin zero, with rounding of about 1e-11
margins = np.array([[cp_margin(drift, diffusion) for diffusion in diffusions] for drift in drifts])
agree = legal == (margins >= 0)
both = (legal.any(1) & ~legal.all(1)).sum(), (legal.any(0) & ~legal.all(0)).sum()
print(
    f"{legal.size} pairs, {legal.sum()} of them legal; "
    f"Choi matrix and M disagree on {(~agree).sum()} of them"
)
print(f"{both[0]} of {n_generators} drifts are legal with some diffusions and illegal with others")
print(f"{both[1]} of {n_generators} diffusions are legal with some drifts and illegal with others")

# %% [markdown]
# ### What complete positivity guards, and what it does not
#
# The lay summary calls complete positivity the police that makes sure that nobody creates a state which violates the uncertainty
# principle. For the same generators we apply a short step to one half of an entangled pair, and to the single-mode state that suffers
# most from it. For single modes that state is known: over all pure inputs γ the least $\sqrt{\det(X\gamma X^T+Y)}$ is
# $|\det X|+\sqrt{\det Y}$ (Minkowski's inequality, with equality where $X\gamma X^T\propto Y$), and the uncertainty relation
# asks that it is at least 1. For a short step this means $\sqrt{\det D}\ge-\mathrm{tr}K$, which is *half* of complete positivity,
# $\sqrt{\det D}\ge|\mathrm{tr}K|$.

# %%
entangled = two_mode_squeezed(pair_squeezing)
pair_kept, single_kept = np.empty_like(legal), np.empty_like(legal)
for place in np.ndindex(legal.shape):
    X, Y = step_channel(drifts[place[0]], diffusions[place[1]], step)
    on_half, noise = np.eye(4), np.zeros((4, 4))
    on_half[:2, :2], noise[:2, :2] = X, Y
    out = on_half @ entangled @ on_half.T + noise
    smallest = np.linalg.eigvalsh(out + 1j * symplectic_form(2))[0]
    least_area = abs(np.linalg.det(X)) + np.sqrt(np.linalg.det(Y))
    pair_kept[place] = smallest / step > -1e-6
    single_kept[place] = (least_area - 1) / step > -1e-6
for name, kept in (("half of an entangled pair", pair_kept), ("every single mode", single_kept)):
    print(
        f"{name} stays within the uncertainty relation: "
        f"{kept[legal].sum()} of {legal.sum()} legal generators, "
        f"{kept[~legal].sum()} of {(~legal).sum()} illegal ones"
    )

# %% [markdown]
# So for Gaussian generators complete positivity is *sufficient* for the uncertainty relation of every input, and it is *equivalent* to it once halves of entangled pairs are
# among the inputs. For single modes alone it is stronger than needed: the generators that are illegal and yet keep every single mode within
# the uncertainty relation are those with $\mathrm{tr}K>\sqrt{\det D}$, amplifiers with too little noise. They turn Gaussian states of one mode into states, but not all
# states: amplified by a power gain $G>1$ without any noise, a single photon would be found in the vacuum with the probability $-2(G-1)/(G+1)^2$. The score reversal of loss is never
# one of them, because $\mathrm{tr}K_\mathrm{rev}=1-2\cosh(2r)/\nu<1=\sqrt{\det D}$. Where it is illegal, some single mode exposes it, at one instant the
# vacuum.

# %% [markdown]
# ### The threshold by entangled pairs, over the plane and beside the curve
#
# The entangled pair is now tried on a coarser grid of references and, together with the Choi matrix, at 5 % less and 5 % more squeezing than on
# the curve.

# %%
every = slice(None, None, max(1, n_grid // 20))
witness = np.array(
    [[entanglement_witness(a, b, pair_squeezing, step) for a in nu[every]] for b in r[every]]
)
past, below = excess[every, every] > 1e-9, excess[every, every] < -1e-9
exposed = witness < 0
matches_curve = (exposed == past)[past | below]
matches_matrix = matches_curve & (exposed == (margin[every, every] < 0))[past | below]
print(
    f"{exposed[past].sum()} of {past.sum()} points past the line are exposed, "
    f"{exposed[below].sum()} of {below.sum()} below it"
)

# %%
mixed = nu[every] > 1  # at ν = 1 the curve lies at r = 0 and has one side only
near_nu = nu[every][mixed]
near_r = critical_squeezing(near_nu)[:, None] * np.array([0.95, 1.05])
near_pair, near_choi = np.empty(near_r.shape, bool), np.empty(near_r.shape, bool)
for place in np.ndindex(near_r.shape):
    a, b = near_nu[place[0]], near_r[place]
    near_pair[place] = entanglement_witness(a, b, pair_squeezing, step) < 0
    near_choi[place] = choi_margin(*bayes_reverse(squeezed_thermal(a, b)), step=step) < -1e-6
expected = np.array([False, True])
beside_curve = np.concatenate([(near_pair == expected).ravel(), (near_choi == expected).ravel()])
print(
    f"beside the curve {beside_curve.sum()} of {beside_curve.size} verdicts are as Theorem 1 says"
)
needs_squeezing = (witness[0, mixed] > -1e-9) & near_pair[:, 1]

# %% [markdown]
# ### A forbidden state comes out, or not: it depends on what goes in
#
# The lay summary says that the formal rewind leads to a negative probability or to a state which quantum mechanics forbids. For a reference past the
# line half of an entangled pair always becomes forbidden, and so does the vacuum, whose $\det\gamma$ falls below 1 at once. The *noised state itself*
# does not: the rewind leads it back to the data, which are a state. Data on the grid past the line, noised and rewound:

# %%
vacuum_exposed = vacuum_area_rate(*bayes_reverse(squeezed_thermal(nu[None, :], r[:, None]))) < 0
data_past = [(a, b) for b in r[every] for a in nu[every] if np.cosh(2 * b) > a + 1e-9]
data_past = data_past[:: max(1, len(data_past) // 20)]
rewound_exposed = []
for nu_data, r_data_past in data_past:
    target = squeezed_thermal(nu_data, r_data_past)
    noised = attenuate(target, transmissivity(noising_time))
    back = evolve(noised, formal_reverse(target, noising_time), [0.0, noising_time])[-1]
    rewound_exposed.append(symplectic_eigenvalues(back)[0] < 1 - 1e-6)
print(
    f"forbidden after a moment from the vacuum: {vacuum_exposed[excess > 1e-9].sum()} "
    f"of {(excess > 1e-9).sum()} references past the line"
)
print(f"forbidden at the end, from the noised state: {sum(rewound_exposed)} of {len(data_past)}")

# %% [markdown]
# ## Pure squeezed states fail while more than half of them survives
#
# Let $a,b$ be the eigenvalues of the data's covariance $\gamma(0)$, $A=a-1$, $B=b-1$. With the fraction η left, CP fails iff
# $\eta AB+\tfrac12(A+B)<0$. A pure state has $AB=-(A+B)$, so it fails exactly for $\eta>\tfrac12$, whatever its squeezing. The entropy
# tells why: $\nu^2=1+\eta(1-\eta)(A+B)$ is largest at half loss, where heating turns into cooling.

# %%
eta = np.linspace(1e-3, 1.0, 400)
pure_r = np.array([0.25, 0.5, 0.8])
paths = {x: cp_margin(*bayes_reverse(attenuate(squeezed_thermal(1.0, x), eta))) for x in pure_r}
many = np.linspace(0.01, 2.0, 200)
half = critical_transmissivity(squeezed_thermal(1.0, many))
signs = [
    cp_margin(*bayes_reverse(attenuate(squeezed_thermal(1.0, many), 0.5 + shift)))
    for shift in (-1e-6, 1e-6)
]
assert np.abs(half - 0.5).max() < 1e-9
assert (signs[0] > 0).all()
assert (signs[1] < 0).all()
book.save_table({"eta": eta} | {f"r={x}": path for x, path in paths.items()}, "half_loss")

# %% [markdown]
# ## The figure

# %%
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(PAGE, 2.6), width_ratios=(1.15, 1, 1))
mesh = cp_map(left, nu, r, margin)
boundary(left, nu, critical_squeezing(nu))
figure.colorbar(
    mesh,
    ax=left,
    label=r"$\lambda_{\min}$ (damping rates)",
    extend="min",
    ticks=[-1, -0.5, 0, 0.5, 1],
)
left.set_title(r"(a) smallest eigenvalue of $M^{\mathrm{Bayes}}$")
witness_panel(middle, nu_cut, r_cut, choi, pair, learned)
middle.set_title(rf"(b) witnesses, $\nu={nu_cut:g}$")
half_loss_panel(right, eta, paths)
right.set_title("(c) half-loss, pure states")
book.save_figure(figure)

# %% [markdown]
# **Squeezing is what breaks the reversal.** (a) The smallest eigenvalue $\lambda_{\min}$ of $M^\mathrm{Bayes}$, from the matrix; colours end
# at −1, the values go on to −9. Grey: where the computed $\lambda_{\min}$ is zero; dashed on top: $\cosh2r=\nu$. (b) Line: closed form.
# The Choi matrix of a legal short step here has, within rounding, the smallest eigenvalue 0, so the squares leave the axis only past the threshold. The entangled pair (dots) gives
# $\lambda_{\min}$ times a positive number that depends on the squeezing of the pair. Triangles: the covariance that networks estimate, put into $M$ (mean and
# standard deviation over four networks). (c) Three pure squeezed states with squeezing $r$ along the loss. Shaded: the reverse is not CP.
#
# ## Seen in phase space: a decoder started from the vacuum
#
# A diffusion model starts its decoder from a *prior*, here the vacuum, and not from the noised state itself. The vacuum saturates
# the uncertainty relation, $\det\gamma=1$. If the Bayes reverse at a reference γ(ν, r) acts on it for a moment, $\det\gamma$ changes at the
# rate $4(1-\cosh(2r)/\nu)$: past the threshold the area of *the vacuum* falls at once below what any quantum state can have. No
# entanglement is needed then. For other inputs this is not so, and along a whole decoder it depends on how well the vacuum
# imitates the noised state: the longer the noising time T, the smaller the mismatch.

# %%
rates = vacuum_area_rate(*bayes_reverse(squeezed_thermal(nu[None, :], r[:, None])))
assert np.abs(rates + 4 * excess / nu[None, :]).max() < 1e-12
no_state_at_the_end = []
for nu_prior, r_prior in ((1.0, r_data), (nu_cut, 1.0)):
    target = squeezed_thermal(nu_prior, r_prior)
    for duration in (1.0, noising_time, 2.0, 3.0, 5.0):
        depths = np.linspace(0.0, duration, 201)
        area = np.linalg.det(evolve(np.eye(2), formal_reverse(target, duration), depths))
        no_state_at_the_end.append(area[-1] < 1)
        print(
            f"data ν={nu_prior:g}, r={r_prior:g}, T={duration:g}: "
            f"smallest det γ {area.min():.4f}, last {area[-1]:.4f}"
        )

# %% [markdown]
# For the pure state the output is unphysical at every T tried, by an amount that tends to zero with the mismatch: at a pure target there is
# no room for any error. For ν = 1.5, r = 1 the decoder started from the vacuum
# is unphysical at T = 1, and from T = 1.5 on it **never leaves the physical region, although its generator is not CP** over the last part of
# the path. So a physical output from one input does not show that a process is legal; the entangled pair does tell. And a decoder that uses the free
# rewind is always an illegal process past the line, but it does not always generate something impossible.

# %%
data = squeezed_thermal(1.0, r_data)
onset = noising_time + np.log(critical_transmissivity(data))
depths = np.linspace(0.0, noising_time, 61)
formal = evolve(np.eye(2), formal_reverse(data, noising_time), depths)
repaired = evolve(np.eye(2), repaired_reverse(data, noising_time), depths)
reference = attenuate(data, transmissivity(noising_time - depths))
check_covariance(repaired, "repaired")
areas = {
    name: np.linalg.det(path)
    for name, path in [("formal", formal), ("repaired", repaired), ("reference", reference)]
}
book.save_table({"depth": depths, **areas}, "phase_space")
figure, axes = plt.subplots(1, 4, figsize=(PAGE, 1.9), sharey=True)
shown = np.searchsorted(depths, [0.0, onset, (onset + noising_time) / 2, noising_time])
for axis, k in zip(axes, shown, strict=True):
    phase_space_panel(axis, reference[k], formal[k], repaired[k])
    axis.set_title(rf"$s={depths[k]:.2g}$, formal $\det\gamma={areas['formal'][k]:.2f}$")
    if areas["formal"][k] < 1.0 - 1e-9:
        axis.text(
            0.5,
            0.06,
            "no quantum state",
            color=FORMAL,
            ha="center",
            transform=axis.transAxes,
            fontsize=7,
        )
axes[0].set_ylabel("$p$ (vacuum s.d.)")
figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
book.save_figure(figure, "phase_space")

# %% [markdown]
# **The formal reversal of the vacuum ends outside quantum mechanics; here T = 1.5 and the data are pure, r = 0.8.** Grey: Wigner function of the
# reference, which runs from the noised state (depth $s=0$) back to the data (right). Ellipses at one standard deviation. Formal reversal (dashed)
# and repaired decoder both start from the vacuum. The final $\det\gamma=0.73$ is the mismatch of that prior at this T. The repaired
# decoder pays with extra noise, the subject of notebook 02.
#
# ## What this does not show
#
# The theorem speaks of one reverse, the one with the diffusion left as it was; the introduction of v1 says the same,
# and adds that Petz recovery, which is CP by construction, is not contradicted, nor are non-Gaussian or measured decoders excluded.
# Another drift can be CP without any noise on the boundary itself (notebook 08), and extra diffusion repairs any drift (notebook 02). The
# phase-space pictures are one path from one prior. No trained decoder was run.
#
# ## Checks and verdicts

# %%
book.check("fayad-threshold", np.concatenate([matches_curve, beside_curve]))
book.check("fayad-figure1-left", matches_matrix)
book.check("summary-squeezed-states-fail", exposed[past])
book.check("fayad-thermal-never-fails", witness[0])
book.check("summary-mild-states-reverse", witness[0])
book.check("fayad-squeezing-is-the-cause", needs_squeezing)
book.check("fayad-eigenvector", eigenvector_gap)
book.check("fayad-vacuum-convention", vacuum)
book.check("fayad-lemma1", lemma_gap)
book.check("fayad-generator-coupling", agree)
book.check("summary-classical-rewind-is-free", classical_gap)

# %%
forbidden = {
    "one half of an entangled pair, for a moment": exposed[past],
    "the vacuum, for a moment": vacuum_exposed[excess > 1e-9],
    "the noised state itself, all the way back": rewound_exposed,
}
for state, outputs in forbidden.items():
    book.check("summary-impossible-output", outputs, setting=state)
failing = {
    "past the line, an illegal process": exposed[past],
    "past the line, an impossible output from a vacuum prior": no_state_at_the_end,
    "any squeezing, an illegal process": exposed[1:],
}
for reading, failures in failing.items():
    book.check("summary-free-models-fail", failures, setting=reading)
guarded = {
    "as a sufficient condition, for every input tried": (pair_kept & single_kept)[legal],
    "as a necessary one, if halves of entangled pairs count": ~pair_kept[~legal],
    "as a necessary one, if only single modes count": ~single_kept[~legal],
}
for reading, cases in guarded.items():
    book.check("summary-cp-guards-uncertainty", cases, setting=reading)
book.verdicts()
