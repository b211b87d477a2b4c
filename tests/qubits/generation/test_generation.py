"""Ensembles, the forward diffusion, measured steps, distances between ensembles and the chain
trained from them.
"""

from dataclasses import replace
from math import cos, pi

import numpy as np
import ot
import pytest
import torch

from qdm_utils.optimise import DivergenceError
from qdm_utils.qubits import density_matrix, haar_states, haar_unitaries
from qdm_utils.qubits.generation import (
    NARROW,
    TASKS,
    FidelityKernel,
    GenerationConfig,
    MeasuredStep,
    Training,
    bloch_vectors,
    branched_mmd_squared,
    circle_states,
    cluster_states,
    correlated_noise_states,
    diffuse,
    direct_config,
    empty_share,
    ensemble_scores,
    fitting_offset,
    frozen_probabilities,
    haar_mmd_squared,
    inferred_probability,
    ising_ground_states,
    magnetisation,
    measure,
    mmd_null,
    mmd_squared,
    overlaps,
    path_distances,
    path_wasserstein,
    published_config,
    published_trainings,
    reachable_fidelity,
    sampling_bias,
    select,
    step_loss,
    thinned,
    train_chain,
    train_task,
    wasserstein,
)
from qdm_utils.qubits.generation import chain as generation
from qdm_utils.qubits.generation import tasks as quddpm
from qdm_utils.randomness import spawn

FIRST, SECOND = FidelityKernel(), FidelityKernel((1, 2))
KERNELS = [
    FIRST,
    SECOND,
    FidelityKernel((2, 3)),
    FidelityKernel((), (0.2,)),
    FidelityKernel((1,), (0.1, 0.5)),
    FidelityKernel((4,)),
]


def stabiliser_states(n: int) -> torch.Tensor:
    """All of them, found by H, S and CZ from |0…0⟩: a 3-design, so exactly Haar up to the third
    moment of F.
    """
    h = torch.tensor([[1, 1], [1, -1]], dtype=torch.complex128) / 2**0.5
    one, s = (
        torch.eye(2, dtype=torch.complex128),
        torch.diag(torch.tensor([1, 1j], dtype=torch.complex128)),
    )
    gates = (
        [h, s]
        if n == 1
        else [torch.kron(g, one) for g in (h, s)] + [torch.kron(one, g) for g in (h, s)]
    )
    gates += [torch.diag(torch.tensor([1, 1, 1, -1], dtype=torch.complex128))] * (n == 2)
    found = [torch.eye(2**n, dtype=torch.complex128)[0]]
    for state in found:
        for gate in gates:
            new = gate @ state
            if all((torch.vdot(new, old).abs() < 1 - 1e-9) for old in found):
                found.append(new)
    return torch.stack(found)


# The no-go.


@pytest.mark.parametrize("n", [1, 2])
def test_no_unitary_changes_what_any_kernel_sees_of_haar_states(n):
    design, data = stabiliser_states(n), haar_states(5, n, seed=3)
    assert len(design) == {1: 6, 2: 60}[n]
    for kernel in (FIRST, SECOND, FidelityKernel((3,))):
        for unitary in haar_unitaries(4, 2**n, seed=1):
            turned = design @ unitary.mT
            assert (
                abs(kernel(overlaps(turned, data)).mean(0) - kernel.haar_mean(2**n)).max() < 1e-10
            )
    fourth = FidelityKernel((4,))
    assert (
        abs(fourth(overlaps(design, data)).mean(0) - fourth.haar_mean(2**n)).max() > 1e-3
    )  # the design ends there


def test_the_discrepancy_of_haar_states_is_the_purity_less_its_least():
    data = cluster_states(4000, 2, 0.3, seed=1)
    rho = density_matrix(data).mean(0)
    pairs = (
        4000 * torch.trace(rho @ rho).real - 1
    ) / 3999  # without the pairs of a state with itself
    assert abs(haar_mmd_squared(data, FIRST) - (pairs - 0.25)) < 1e-12
    assert (
        abs(mmd_squared(haar_states(4000, 2, seed=2), data, FIRST) - haar_mmd_squared(data, FIRST))
        < 0.01
    )


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_kernels_haar_mean_is_that_of_samples(kernel):
    for d in (2, 4):
        values = kernel(haar_states(40_000, d // 2, seed=5)[:, 0].abs().square())
        assert abs(values.mean() - kernel.haar_mean(d)) < 5 * values.std() / 200


def test_without_ancillas_training_leaves_noise_noise():
    config = GenerationConfig(
        MeasuredStep(1, 0, 4), FIRST, iterations=40, rate=0.1, batch=50, inputs=100
    )
    path = TASKS["cluster, 1 qubit"].path(2, seed=1)[::10]
    out = train_chain(config, path, seed=2).generate(
        haar_states(4000, 1, seed=3).view(2, 2000, 2), seed=4
    )[0][0]
    # F of a Haar qubit is uniform: the mean of 2000 has a standard error of 0.0065.
    assert abs(out[..., 0].abs().square().mean(-1) - 0.5).max() < 5 / (12 * 2000) ** 0.5


# Distances.


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_discrepancy_is_unbiased_and_zero_in_the_mean_for_equal_ensembles(kernel):
    states = haar_states(2 * 300 * 12, 1, seed=1).view(2, 300, 12, 2)
    values = mmd_squared(states[0], states[1, :, :7], kernel)
    assert values.shape == (300,)
    assert abs(values.mean()) < 4 * values.std() / 300**0.5
    assert values.min() < 0


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_discrepancy_is_the_sum_over_pairs(kernel):
    x, y = haar_states(5, 2, seed=1), cluster_states(7, 2, 0.5, seed=2)
    k = lambda a, b: kernel(torch.linalg.vecdot(a, b).abs().square()).item()  # noqa: E731
    within = [
        np.mean([k(a, b) for i, a in enumerate(z) for j, b in enumerate(z) if i != j])
        for z in (x, y)
    ]
    expected = sum(within) - 2 * np.mean([k(a, b) for a in x for b in y])
    assert abs(mmd_squared(x, y, kernel).item() - expected) < 1e-12


def test_the_first_moment_sees_the_mean_density_matrix_only():
    """Haar, a basis and a circle have the mean 1/d: the fidelity does not tell them apart, its
    square does.
    """
    basis = torch.eye(2, dtype=torch.complex128)[torch.arange(4000) % 2]
    for other in (basis, circle_states(4000, seed=1)):
        haar = haar_states(4000, 1, seed=2)
        assert abs(mmd_squared(haar, other, FIRST)) < 2e-3
        assert mmd_squared(haar, other, FidelityKernel((2,))) > 0.01
    assert abs(haar_mmd_squared(basis, FidelityKernel((2,))) - (1 / 2 - 1 / 3)) < 1e-3


def test_the_null_distribution_is_what_equal_ensembles_show():
    x, y = (cluster_states(150, 1, 0.3, seed=k) for k in (1, 2))
    null = mmd_null(x, y, SECOND, 400, seed=3)
    real = np.array(
        [
            mmd_squared(*cluster_states(300, 1, 0.3, seed=10 + k).view(2, 150, 2), SECOND).item()
            for k in range(200)
        ]
    )
    assert abs(null.mean()) < 4 * null.std() / 20
    assert 0.7 < null.std() / real.std() < 1.4
    shifted = mmd_null(x, haar_states(150, 1, seed=5), SECOND, 50, seed=3)
    assert mmd_squared(x, haar_states(150, 1, seed=5), SECOND).item() > 5 * shifted.max()
    few = x[:7]  # of unequal sizes, so that neither part's number can stand for the other's
    split = mmd_null(few, y, SECOND, 1, seed=8)
    first = torch.randperm(157, generator=torch.Generator().manual_seed(8)) < 7
    pooled = torch.cat((few, y))
    assert np.isclose(split, mmd_squared(pooled[first], pooled[~first], SECOND).item(), rtol=1e-9)


def test_wasserstein_is_pots_and_its_gradient_that_of_differences():
    data, inputs = haar_states(5, 1, seed=1), haar_states(4, 1, seed=2)
    cost = 1 - overlaps(inputs, data)
    assert abs(wasserstein(inputs, data) - ot.emd2([], [], cost.numpy())) < 1e-12
    assert wasserstein(data, data) < 1e-12
    step = MeasuredStep(1, 1, 2)
    theta = step.circuit.random_angles(1, seed=3)[0].requires_grad_()
    assert torch.autograd.gradcheck(lambda x: wasserstein(step.branches(x, inputs), data), theta)


def test_wasserstein_weights_every_branch_with_its_probability():
    """To a single state everything has to be carried: the cost is 1 − Σ_m |⟨φ|K_m ψ⟩|², whatever
    the probabilities.
    """
    step, inputs = MeasuredStep(1, 1, 3), haar_states(6, 1, seed=1)
    branches = step.branches(step.circuit.random_angles(1, seed=2)[0], inputs)
    weights = branches.abs().square().sum(-1)
    assert (weights.max(-1).values > 0.6).any()
    target = haar_states(1, 1, seed=3)
    reached = (branches @ target[0].conj()).abs().square().sum(-1)
    assert abs(wasserstein(branches, target) - (1 - reached).mean()) < 1e-12
    # With several targets: the transport between masses p/S and 1/B at the costs of normalised
    # states.
    data = haar_states(5, 1, seed=4)
    after = (branches / weights.sqrt()[..., None]).flatten(0, 1)
    cost = 1 - (after @ data.mH).abs().square()
    expected = ot.emd2((weights.flatten() / 6).numpy(), np.full(5, 0.2), cost.numpy())
    assert abs(wasserstein(branches, data) - expected) < 1e-12
    even = ot.emd2(np.full(12, 1 / 12), np.full(5, 0.2), cost.numpy())
    assert abs(even - expected) > 1e-3


def test_wasserstein_along_a_path_is_that_of_the_states_compared():
    path, data = haar_states(36, 1, seed=1).view(3, 2, 6, 2), haar_states(9, 1, seed=2)
    found, discrepancies = path_wasserstein(path, data, 5), path_distances(path, data, SECOND)
    assert found.shape == discrepancies.shape == (3, 2)
    for step in range(3):
        for run in range(2):
            assert abs(found[step, run] - wasserstein(path[step, run, :5], data[:5]).item()) < 1e-12
            assert (
                abs(discrepancies[step, run] - mmd_squared(path[step, run], data, SECOND).item())
                < 1e-12
            )


def test_every_score_of_an_ensemble_that_can_be_counted_by_hand():
    half = 0.5**0.5
    # |00⟩ three times, |11⟩, |10⟩, (|00⟩ + |10⟩)/√2 and one with 0.81 on |00⟩
    rows = 3 * [[1, 0, 0, 0]] + [
        [0, 0, 0, 1],
        [0, 0, 1, 0],
        [half, 0, half, 0],
        [0.9, 0, 0, 0.19**0.5],
    ]
    states = torch.tensor(rows, dtype=torch.complex128)
    data = torch.eye(4, dtype=torch.complex128)[[0, 0, 3]]
    found = ensemble_scores(states, data, SECOND)
    assert found["mean F₀"] == pytest.approx((3 + 0 + 0 + 0.5 + 0.81) / 7)
    assert found["below .8"] == pytest.approx(3 / 7)
    # |Σ Z|/2 is 1 on |00⟩ and |11⟩ and 0 on |01⟩ and |10⟩.
    assert found["magnetisation"] == pytest.approx((3 + 1 + 0 + 0.5 + 1) / 7)
    assert found["F₁₀ < 1e-6"] == pytest.approx(5 / 7)
    assert found["inferred p"] == pytest.approx(1.5 / 7 / (0.55 * (0.5 - 3**0.5 / (8 * np.pi / 3))))
    # 7/3 of the seven shares go to |11⟩: that state itself, |10⟩, which is as far from |00⟩, and a
    # third of the state between.
    assert found["Wasserstein"] == pytest.approx((0 + 0 + 1 + (2 / 3 * 0.5 + 1 / 3 * 1) + 0.19) / 7)
    pairs = lambda x, y, skip: np.mean(  # noqa: E731
        [
            abs(torch.vdot(a, b)) ** 2
            for i, a in enumerate(x)
            for j, b in enumerate(y)
            if not (skip and i == j)
        ]
    )
    expected = (
        pairs(states, states, True) + pairs(data, data, True) - 2 * pairs(states, data, False)
    )
    assert found["first moment"] == pytest.approx(expected)
    assert found["MMD²"] == pytest.approx(mmd_squared(states, data, SECOND).item())
    assert abs(found["MMD²"] - found["first moment"]) > 1e-3
    single = ensemble_scores(haar_states(5, 1, seed=1), haar_states(6, 1, seed=2), FIRST)
    assert np.isnan([single["F₁₀ < 1e-6"], single["inferred p"]]).all()
    assert np.isfinite(
        [single[name] for name in ("MMD²", "Wasserstein", "mean F₀", "below .8", "magnetisation")]
    ).all()


def test_the_sampling_bias_is_that_of_the_gradient_by_differences():
    step, data = MeasuredStep(1, 1, 2), cluster_states(8, 1, 0.3, seed=1)
    cosines, omitted = sampling_bias(step, data, SECOND, draws=3, inputs=6, seed=9)
    assert cosines.shape == omitted.shape == (3,)
    angle_seed, noise_seed = spawn(9, 2)
    theta, inputs = step.circuit.random_angles(3, angle_seed), haar_states(6, 1, noise_seed)
    with torch.no_grad():
        weights = step.branches(theta, inputs).abs().square().sum(-1, keepdim=True)

    def losses(x: torch.Tensor, frozen: bool) -> torch.Tensor:
        branches = step.branches(x, inputs)
        if frozen:  # the probabilities stay those at the centre
            branches = branches * (weights / branches.abs().square().sum(-1, keepdim=True)).sqrt()
            return branched_mmd_squared(branches, data, SECOND)
        return branched_mmd_squared(branches, data, SECOND)

    slopes = {}
    for frozen in (False, True):
        columns = []
        for index in np.ndindex(*step.circuit.shape):
            shift = torch.zeros_like(theta)
            shift[(slice(None), *index)] = 1e-5
            with torch.no_grad():
                columns.append(
                    (losses(theta + shift, frozen) - losses(theta - shift, frozen)) / 2e-5
                )
        slopes[frozen] = torch.stack(columns, -1)
    np.testing.assert_allclose(
        cosines, torch.cosine_similarity(slopes[False], slopes[True]), atol=1e-6
    )
    lengths = (slopes[False] - slopes[True]).norm(dim=1) / slopes[False].norm(dim=1)
    np.testing.assert_allclose(omitted, lengths, atol=1e-6)
    assert (omitted > 1e-3).all()
    # A step without a measurement has no probabilities to freeze.
    cosines, omitted = sampling_bias(MeasuredStep(1, 0, 2), data, SECOND, draws=3, inputs=6, seed=9)
    np.testing.assert_allclose(cosines, 1.0, atol=1e-9)
    np.testing.assert_allclose(omitted, 0.0, atol=1e-9)


# Measured steps.


@pytest.mark.parametrize("ancillas", [0, 1, 2])
def test_a_step_is_a_channel_and_its_branches_have_probabilities(ancillas):
    step = MeasuredStep(2, ancillas, 3)
    theta, states = step.circuit.random_angles(3, seed=1), haar_states(12, 2, seed=2).view(3, 4, 4)
    kraus = step.kraus(theta)
    assert kraus.shape == (3, 2**ancillas, 4, 4)
    assert abs((kraus.mH @ kraus).sum(1) - torch.eye(4)).max() < 1e-12
    branches = step.branches(theta, states)
    assert abs(branches.abs().square().sum((-2, -1)) - 1).max() < 1e-12
    # The ancillas are the first qubits and start in |0…0⟩.
    whole = torch.zeros(3, 4, 2**ancillas, 4, dtype=torch.complex128)
    whole[:, :, 0] = states
    assert abs(step.circuit.apply(theta, whole.flatten(-2)).view_as(whole) - branches).max() < 1e-12


def test_sampled_outcomes_come_with_their_probabilities():
    step = MeasuredStep(1, 2, 4)
    theta, state = step.circuit.random_angles(1, seed=1)[0], haar_states(1, 1, seed=2)
    branches = step.branches(theta, state)
    after, outcomes = measure(branches.expand(40_000, -1, -1), torch.Generator().manual_seed(3))
    expected = branches[0].abs().square().sum(-1)
    shares = torch.bincount(outcomes, minlength=4) / 40_000
    assert (abs(shares - expected) < 5 * (expected * (1 - expected) / 40_000).sqrt() + 1e-9).all()
    assert abs(torch.linalg.vector_norm(after, dim=-1) - 1).max() < 1e-12
    which = outcomes[17]
    assert abs(after[17] - branches[0, which] / branches[0, which].norm()).max() < 1e-12


def test_the_exact_discrepancy_is_the_mean_over_sampled_outcomes():
    step, data = MeasuredStep(1, 1, 3), cluster_states(30, 1, 0.2, seed=1)
    branches = step.branches(step.circuit.random_angles(1, seed=4)[0], haar_states(20, 1, seed=5))
    after, _ = measure(branches.expand(4000, -1, -1, -1), torch.Generator().manual_seed(6))
    for kernel in KERNELS:
        sampled = mmd_squared(after, data, kernel)
        exact = branched_mmd_squared(branches, data, kernel)
        assert abs(sampled.mean() - exact) < 4 * sampled.std() / 4000**0.5


def test_sampling_omits_the_change_of_the_probabilities_and_nothing_else():
    step, data, inputs = (
        MeasuredStep(1, 1, 2),
        cluster_states(10, 1, 0.2, seed=1),
        haar_states(6, 1, seed=2),
    )
    theta = step.circuit.random_angles(1, seed=3).requires_grad_()
    kept = torch.autograd.grad(
        branched_mmd_squared(
            frozen_probabilities(step.branches(theta, inputs)), data, SECOND
        ).sum(),
        theta,
    )[0]
    exact = torch.autograd.grad(
        branched_mmd_squared(step.branches(theta, inputs), data, SECOND).sum(), theta
    )[0]
    copies = theta.expand(4000, -1, -1, -1)
    config = GenerationConfig(step, SECOND, sampled=True, dtype=torch.float64)
    values = step_loss(config, copies, inputs, data, torch.Generator().manual_seed(4))
    sampled = torch.autograd.grad(values.sum(), copies)[0]
    error = sampled.std(0) / 4000**0.5
    assert (abs(sampled.mean(0) - kept[0]) < 5 * error + 1e-9).all()
    assert (abs(sampled.mean(0) - exact[0]) > 10 * error).any()


def test_an_outcome_that_cannot_occur_is_refused():
    branches = torch.tensor([[[1, 0j], [0, 0]]], dtype=torch.complex128)
    with pytest.raises(
        ValueError,
        match="Argument `outcomes` must be possible, but got an outcome of probability 0e\\+00",
    ):
        select(branches, torch.tensor([1]))
    _, drawn = measure(branches.expand(1000, -1, -1), torch.Generator().manual_seed(1))
    assert (drawn == 0).all()


@pytest.mark.parametrize(
    ("n", "ancillas", "steps", "bound"),
    [(2, 1, 1, 0.5), (3, 1, 2, 0.5), (3, 1, 1, 0.25), (2, 0, 9, 0.25)],
)
def test_the_budget_binds_every_circuit(n, ancillas, steps, bound):
    assert reachable_fidelity(n, ancillas, steps) == bound
    step = MeasuredStep(n, ancillas, 4)
    mean = torch.eye(2**n, dtype=torch.complex128).expand(200, -1, -1) / 2**n
    for t in range(steps):
        kraus = step.kraus(step.circuit.random_angles(200, seed=t))
        mean = (kraus @ mean.unsqueeze(1) @ kraus.mH).sum(1)
    assert torch.linalg.eigvalsh(mean).max() <= bound + 1e-12


# Ensembles and their diffusion.


def test_the_ensembles_are_normalised_and_what_they_say():
    for task in TASKS.values():
        data = task.data(50, 1)
        assert abs(torch.linalg.vector_norm(data, dim=-1) - 1).max() < 1e-12
        assert torch.equal(data, task.data(50, 1))
    assert (
        abs(TASKS["cluster, 1 qubit"].data(40_000, 1)[:, 0].abs().square().mean() - 0.9875) < 5e-4
    )
    assert (
        abs(TASKS["cluster, 2 qubits"].data(40_000, 1)[:, 0].abs().square().mean() - 0.979) < 5e-4
    )
    circle = bloch_vectors(circle_states(4000, seed=1))
    assert abs(circle[:, 1]).max() < 1e-12
    assert abs(circle.mean(0)).max() < 0.05


def test_correlated_noise_turns_by_xx_or_zz_at_the_full_angle():
    """exp(−iδP) with P = XX or ZZ: no half in the exponent, so the largest turn is π/3 and not π/6."""
    states = correlated_noise_states(20_000, seed=1)
    start = torch.polar(
        *torch.tensor([[0.1, 0.55, 0, 0.35], [0.8, 1.7, 0, 2.4]], dtype=torch.float64)
    ).to(torch.complex128)
    start = start / start.abs().clamp_min(1e-300).sqrt()  # the first row holds probabilities
    by_xx = states[:, 2].abs() > 1e-12  # ZZ only turns phases: amplitude 10 stays empty
    assert abs(by_xx.double().mean() - 0.8) < 0.015
    x, z = (
        torch.tensor([[0, 1], [1, 0]]).to(torch.complex128),
        torch.diag(torch.tensor([1, -1])).to(torch.complex128),
    )
    for chosen, pauli in ((by_xx, x), (~by_xx, z)):
        pair = torch.kron(pauli, pauli)
        # ⟨ψ₀|ψ⟩ = cos δ − i sin δ ⟨PP⟩ and ⟨ψ₀|PP|ψ⟩ = cos δ ⟨PP⟩ − i sin δ: two equations for the
        # cosine and the sine.
        mean = (start.conj() @ pair @ start).real
        one, two = states[chosen] @ start.conj(), states[chosen] @ (pair @ start).conj()
        cosine, sine = (
            ((one - mean * two) / (1 - mean**2)).real,
            -((two - mean * one) / (1 - mean**2)).imag,
        )
        turned = (
            torch.linalg.matrix_exp(-1j * torch.atan2(sine, cosine)[:50, None, None] * pair) @ start
        )
        assert (
            abs(turned - states[chosen][:50]).max() < 1e-6
        )  # the phases of ψ₀ are kept in single precision
        angles = torch.atan2(sine, cosine)
        assert abs(angles).max() < np.pi / 3 + 1e-9
        assert angles.max() > np.pi / 3 - 0.01
        assert angles.min() < -np.pi / 3 + 0.01
        assert (
            abs(angles.square().mean() / (np.pi**2 / 27) - 1) < 0.05
        )  # uniform: mean square (π/3)²/3


def test_the_scores_of_correlated_noise_infer_its_probability_and_see_the_empty_amplitude():
    data = correlated_noise_states(20_000, seed=2)
    assert abs(inferred_probability(data) - 0.8) < 0.02
    assert abs(empty_share(data) - 0.2) < 0.01
    # A turn by δ = π/2 carries all of |01⟩ to |10⟩: probability 0.55, with ⟨sin² δ⟩ = ½ − √3/(8π/3)
    # in the data.
    whole = torch.tensor([[0.35, 0.0, 0.55, 0.1]], dtype=torch.float64).sqrt() + 0j
    assert abs(inferred_probability(whole) - 1 / (0.5 - 3**0.5 / (8 * np.pi / 3))) < 1e-12
    assert empty_share(whole) == 0
    for function in (inferred_probability, empty_share):
        with pytest.raises(ValueError, match="Argument `states` must have two qubits"):
            function(haar_states(3, 1, seed=1))


def test_the_narrow_kernel_sees_what_two_moments_hide():
    """Data whose empty amplitude is filled a little: as good as equal in two moments, far apart for
    the narrow kernel.
    """
    data, other = (correlated_noise_states(1000, seed=k) for k in (1, 2))
    blurred = other + 0.2 * haar_states(1000, 2, seed=3)
    blurred = blurred / torch.linalg.vector_norm(blurred, dim=-1, keepdim=True)
    ratios = [
        mmd_squared(blurred, data, kernel).item()
        / np.quantile(mmd_null(other, data, kernel, 200, seed=4), 0.95)
        for kernel in (SECOND, NARROW)
    ]
    assert ratios[1] > 20
    assert ratios[1] > 5 * ratios[0]
    found = ensemble_scores(blurred, data, SECOND)
    assert found["narrow kernel"] == mmd_squared(blurred, data, NARROW).item()
    assert found["F₁₀ < 1e-6"] == 0
    assert found["inferred p"] == inferred_probability(blurred).item()
    kernel = lambda f: (np.exp(-(1 - f) / 0.1) + np.exp(-(1 - f) / 0.02)) / 2  # noqa: E731
    assert abs(NARROW(torch.tensor(0.93, dtype=torch.float64)).item() - kernel(0.93)) < 1e-12


def test_a_fixed_set_of_targets_shifts_the_discrepancy_below_zero():
    """A generator of given weights over states, as branches of equal inputs, has the mean MMD² over
    all it could draw.
    """
    for kernel in (FIRST, SECOND, NARROW):
        targets = haar_states(40, 2, seed=1)
        offset = fitting_offset(targets, kernel)
        pairs = kernel(overlaps(targets, targets))
        mean = (pairs.sum() - 40) / (40 * 39)  # k(x, x) = 1
        assert abs(offset + (1 - mean) / 40) < 1e-12
        repeated = (targets / 40**0.5).expand(3, -1, -1)
        assert abs(branched_mmd_squared(repeated, targets, kernel) - offset) < 1e-12
        for seed in range(5):  # no other generator gets below
            weights = torch.rand(
                60, generator=torch.Generator().manual_seed(seed), dtype=torch.float64
            )
            mixture = (
                torch.cat((targets, haar_states(20, 2, seed=seed + 2)))
                * (weights / weights.sum()).sqrt()[:, None]
            )
            assert branched_mmd_squared(mixture.expand(3, -1, -1), targets, kernel) > offset + 1e-6
    assert abs(fitting_offset(haar_states(100, 2, seed=1), SECOND) + 0.00825) < 1e-4


def test_ising_ground_states_have_the_lowest_energy():
    states = ising_ground_states(5, 3, seed=2)
    assert abs(states.imag).max() == 0
    x, z, one = (
        torch.tensor(m, dtype=torch.float64)
        for m in ([[0, 1], [1, 0]], [[1, 0], [0, -1]], [[1, 0], [0, 1]])
    )
    kron = lambda *ops: torch.kron(torch.kron(ops[0], ops[1]), ops[2])  # noqa: E731
    coupling = -(kron(z, z, one) + kron(one, z, z))
    field = -(kron(x, one, one) + kron(one, x, one) + kron(one, one, x))
    for state in states.real:
        fields = torch.linspace(0.2, 0.4, 400)
        residuals = [
            (h @ state - (state @ h @ state) * state).norm()
            for h in (coupling + g * field for g in fields)
        ]
        best = coupling + fields[int(np.argmin(residuals))] * field
        assert min(residuals) < 1e-3
        assert abs(state @ best @ state - torch.linalg.eigvalsh(best)[0]) < 1e-5
    assert magnetisation(states).min() > 0.9


def test_the_diffusion_goes_from_data_to_haar_and_its_gates_have_the_stated_angles():
    states = torch.eye(4, dtype=torch.complex128)[:1].expand(3000, -1)
    small = diffuse(states, [0.01], seed=1)
    assert torch.equal(small[0], states)
    # |00⟩: the z rotations and ZZ only turn its phase; Ry by h·U[−π/8, π/8] has ⟨sin²(y/2)⟩ =
    # h²π²/768 for each qubit.
    lost = 1 - small[1, :, 0].abs().square().mean()
    assert abs(lost / (2 * 0.01**2 * np.pi**2 / 768) - 1) < 0.05
    plus = torch.full((1, 4), 0.5, dtype=torch.complex128).expand(3000, -1)
    kept = diffuse(plus, [0.01], seed=2)[1]
    # |++⟩ feels Rz, Ry, Rz on either qubit, h²π²/768 each, and ZZ with mean γ² = h²(.25 + .01/3)/8.
    expected = 6 * 0.01**2 * np.pi**2 / 768 + 0.01**2 * (0.25 + 0.01 / 3) / 8 / 4
    assert abs((1 - kept.mean(-1).abs().square().mean() * 4) / expected - 1) < 0.05
    path = TASKS["cluster, 2 qubits"].path(1, seed=1)[:, 0]
    assert haar_mmd_squared(path[0], SECOND) > 0.5
    assert abs(haar_mmd_squared(path[-1], SECOND)) < 0.02


def test_a_thinned_path_keeps_both_ends():
    path = TASKS["cluster, 1 qubit"].path(2, seed=1)
    assert torch.equal(thinned(path, 4), path[[0, 5, 10, 15, 20]])
    with pytest.raises(ValueError, match="Argument `steps` must divide T = 20, but got 3"):
        thinned(path, 3)


# The generator.


@pytest.mark.parametrize("name", ["cluster, 1 qubit", "cluster, 2 qubits"])
def test_the_chain_beats_haar_and_the_direct_generator_where_its_ancilla_is_too_few(name):
    """A short training of three runs; the direct generator has as many angles and as many updates."""
    config = published_config(name, loss=SECOND, iterations=20, rate=0.05, batch=60, inputs=200)
    training = Training(name, config, runs=3, seed=1, samples=600)
    same = {"loss": SECOND, "rate": 0.02, "iterations": 400, "batch": 60, "inputs": 200}
    chain, direct = (
        train_task(each).generated[0]
        for each in (training, replace(training, config=direct_config(name, **same), steps=1))
    )
    test = TASKS[name].data(600, 99)
    haar = haar_mmd_squared(test, SECOND)
    distance, straight = (
        torch.stack([mmd_squared(run, test, SECOND) for run in each]) for each in (chain, direct)
    )
    fidelities, reached = (each[..., 0].abs().square().mean(-1) for each in (chain, direct))
    # Over three seeds: 0.7 % of the Haar value at most, mean fidelities of 0.93 and
    # more, and where one step is too few the direct way at 46 % of the Haar value at least.
    assert (distance < 0.1 * haar).all()
    assert (fidelities > 0.8).all()
    if name == "cluster, 2 qubits":
        assert (straight > 0.25 * haar).all()
        error = direct[..., 0].abs().square().std(-1) / 600**0.5
        assert (reached < reachable_fidelity(2, 1, 1) + 5 * error).all()
    else:  # one ancilla is enough for one qubit, and then a single large step does as well
        assert reachable_fidelity(1, 1, 1) == 1
        assert (straight < 0.1 * haar).all()


def least_distance(states: torch.Tensor, others: torch.Tensor) -> float:
    """Between amplitudes of any two states of two ensembles."""
    flat = [
        torch.view_as_real(each.to(torch.complex128).flatten(0, -2)).flatten(1)
        for each in (states, others)
    ]
    return torch.cdist(*flat).min().item()


def test_what_is_generated_starts_from_noise_that_training_has_not_seen(monkeypatch):
    drawn = {}

    def watch(module):
        def states(*args):
            drawn[module] = haar_states(*args)
            return drawn[module]

        monkeypatch.setattr(module, "haar_states", states)

    watch(generation)
    watch(quddpm)
    config = published_config("cluster, 2 qubits", iterations=1, batch=5, inputs=40)
    outcome = train_task(Training("cluster, 2 qubits", config, runs=2, seed=3, steps=2, samples=30))
    assert len(drawn[generation]) == 2 * 40
    assert len(drawn[quddpm]) == 2 * 30
    # Two of 4,800 pairs of Haar states in four dimensions come this close once in 10¹⁰ such trainings.
    assert least_distance(drawn[generation], drawn[quddpm]) > 1e-3
    assert torch.equal(outcome.generated[-1].flatten(0, 1), drawn[quddpm])
    first, second = outcome.generated[-1]
    assert least_distance(first, second) > 1e-3


def test_runs_have_data_of_their_own_and_all_ways_of_a_task_have_the_same():
    path = TASKS["correlated noise"].path(2, seed=1)
    assert least_distance(path[0, 0], path[0, 1]) > 1e-9
    changes = {name: {"iterations": 1, "inputs": 100} for name in TASKS}
    direct = {"circle": {"iterations": 7, "inputs": 100}}
    trainings = published_trainings(2, 10, 5, changes, direct)
    assert set(trainings) == {("chain", name) for name in TASKS} | {("direct", "circle")}
    chain, straight = trainings["chain", "circle"], trainings["direct", "circle"]
    assert (chain.steps, straight.steps) == (None, 1)
    assert (chain.config.iterations, straight.config.iterations) == (1, 7)
    assert (chain.runs, chain.samples) == (straight.runs, straight.samples) == (2, 10)
    data = [
        TASKS["circle"].path(training.runs, spawn(training.seed, 4)[0])[0]
        for training in (chain, straight)
    ]
    assert torch.equal(*data)
    seeds = [
        (training.seed.entropy, training.seed.spawn_key)
        for (way, _), training in trainings.items()
        if way == "chain"
    ]
    assert len(set(seeds)) == len(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_the_direct_way_has_as_many_angles_as_the_chain(task):
    direct = direct_config(task, inputs=500).step
    assert direct.circuit.parameter_count == TASKS[task].parameter_count
    assert (direct.n, direct.ancillas) == (TASKS[task].step.n, TASKS[task].step.ancillas)


def test_a_batch_holds_no_input_twice_and_the_rate_falls_to_a_tenth(monkeypatch):
    inputs, rates, step = [], [], torch.optim.Adam.step

    def watched_loss(config, theta, states, targets, source):
        inputs.append(states)
        return step_loss(config, theta, states, targets, source)

    def watched_step(self, *args, **kwargs):
        rates.append(self.param_groups[0]["lr"])
        return step(self, *args, **kwargs)

    monkeypatch.setattr(generation, "step_loss", watched_loss)
    monkeypatch.setattr(torch.optim.Adam, "step", watched_step)
    config = GenerationConfig(
        MeasuredStep(2, 1, 1), FIRST, iterations=4, rate=0.1, batch=9, inputs=12
    )
    train_chain(config, haar_states(60, 2, seed=1).view(3, 2, 10, 4), seed=2)
    assert len(inputs) == 8
    for batch in inputs:
        assert batch.shape == (2, 9, 4)
        for states in batch:
            assert (overlaps(states, states) - torch.eye(9)).max() < 1 - 1e-4
    # The same inputs in every update would be no batches; so would the same rows in every step.
    assert not torch.equal(inputs[0], inputs[1])
    assert rates == pytest.approx(2 * [0.1 * (0.55 + 0.45 * cos(pi * k / 4)) for k in range(4)])


def test_transport_takes_twice_as_many_targets_as_inputs_and_each_once(monkeypatch):
    seen = []

    def watched(branches, targets):
        seen.append(targets)
        return wasserstein(branches, targets)

    monkeypatch.setattr(generation, "wasserstein", watched)
    config = GenerationConfig(
        MeasuredStep(1, 1, 1), "wasserstein", batch=4, inputs=4, dtype=torch.float64
    )
    theta, targets = (
        config.step.circuit.random_angles(2, seed=1),
        haar_states(40, 1, seed=2).view(2, 20, 2),
    )
    values = step_loss(
        config,
        theta,
        haar_states(8, 1, seed=3).view(2, 4, 2),
        targets,
        torch.Generator().manual_seed(4),
    )
    assert values.shape == (2,)
    assert [len(each) for each in seen] == [8, 8]
    for run, each in enumerate(seen):
        rows = [(targets[run] == state).all(-1).nonzero().flatten().tolist() for state in each]
        assert all(len(row) == 1 for row in rows)
        assert len({row[0] for row in rows}) == 8


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_what_is_not_finite_stops_the_training_before_it_moves_an_angle(monkeypatch, broken):
    calls, updates, step = [], [], torch.optim.Adam.step

    def spoilt(config, theta, states, targets, source):
        calls.append(1)
        found = step_loss(config, theta, states, targets, source)
        if len(calls) < 5:
            return found
        if broken == "loss":
            return found * torch.tensor([1.0, float("nan")])
        return found + (0.0 * theta[1].sum()).sqrt()  # the value is finite, its slope 0/0

    def counted(self, *args, **kwargs):
        updates.append(1)
        return step(self, *args, **kwargs)

    monkeypatch.setattr(generation, "step_loss", spoilt)
    monkeypatch.setattr(torch.optim.Adam, "step", counted)
    config = GenerationConfig(MeasuredStep(1, 1, 1), FIRST, iterations=3, batch=4, inputs=5)
    # Three updates of step 2, then the second of step 1; the second run has the fault.
    with pytest.raises(DivergenceError, match="diverged at update 2 of step 1, draw 1: the loss"):
        train_chain(config, haar_states(60, 1, seed=1).view(3, 2, 10, 2), seed=2)
    assert len(updates) == 4


def test_a_training_is_repeatable():
    config = published_config("circle", iterations=3, batch=10, inputs=20)
    training = Training("circle", config, runs=2, seed=3, steps=4, samples=30)
    one, two = train_task(training), train_task(training)
    assert torch.equal(one.generated, two.generated)
    assert one.losses.shape == (4, 3, 2)
    assert one.generated.shape == (5, 2, 30, 2)
    assert one.forward.shape == (5, 2, 500, 2)
    assert one.outcomes.shape == (4, 2, 30)
    assert set(one.outcomes.unique().tolist()) == {0, 1, 2, 3}


def test_the_last_step_is_trained_first_on_noise_and_later_ones_start_warm():
    """With a rate of nearly zero the losses are those of the starting angles."""
    config = GenerationConfig(
        MeasuredStep(1, 1, 2),
        FIRST,
        iterations=1,
        rate=1e-9,
        batch=400,
        inputs=400,
        dtype=torch.float64,
    )
    targets = [
        cluster_states(300, 1, 0.05, seed=1),
        haar_states(300, 1, seed=2),
        cluster_states(300, 1, 0.05, seed=3),
    ]
    path = torch.stack(targets).unsqueeze(
        1
    )  # what the first and the last hold cannot be confused with the middle
    chain = train_chain(config, path, seed=5)
    assert torch.allclose(chain.theta[:, 0], chain.theta[:, 1], atol=1e-6)
    cold = train_chain(replace(config, warm=False), path, seed=5)
    assert torch.equal(cold.theta[:, 1], chain.theta[:, 1])
    assert abs(cold.theta[:, 0] - chain.theta[:, 0]).max() > 0.1
    noise = haar_states(400, 1, spawn(5, 3)[1])
    theta = chain.theta[0, 1]
    expected = [
        branched_mmd_squared(chain.step.branches(theta, noise), target, FIRST) for target in targets
    ]
    assert abs(chain.losses[0, 0, 0] - expected[1]) < 1e-6
    assert abs(expected[1] - expected[0]) > 0.05


def test_the_tasks_are_the_published_ones():
    found = {
        name: (
            task.step.n,
            task.step.ancillas,
            len(task.schedule),
            task.step.layers,
            task.count,
            task.schedule[0],
            task.schedule[-1],
        )
        for name, task in TASKS.items()
    }
    assert found == {
        "cluster, 1 qubit": (1, 1, 20, 4, 100, 1.0, 4.0),
        "cluster, 2 qubits": (2, 1, 20, 6, 100, 0.5, 4.0),
        "circle": (1, 2, 40, 6, 500, 1e-3, 1.6),
        "correlated noise": (2, 2, 20, 6, 500, 0.05, 4.0),
        "Ising ground states": (4, 2, 30, 12, 100, 0.1, 2.0),
    }


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: MeasuredStep(2, -1, 3),
            "Argument `ancillas` must be a whole number ≥ 0, but got -1",
        ),
        (
            lambda: diffuse(haar_states(3, 1, 1), [], 1),
            r"Argument `schedule` must hold T ≥ 1 steps, but got shape \(0,\)",
        ),
        (
            lambda: diffuse(haar_states(3, 1, 1), [0.1, -1.0], 1),
            "Argument `schedule` must be ≥ 0, but got -1",
        ),
        (
            lambda: diffuse(2 * haar_states(3, 1, 1), [0.1], 1),
            "Argument `states` must be normalised within 1e-08, but got a norm",
        ),
        (
            lambda: mmd_squared(2 * haar_states(3, 1, 1), haar_states(3, 1, 1), FIRST),
            "Argument `generated` must be normalised",
        ),
        (
            lambda: mmd_squared(haar_states(3, 1, 1), haar_states(1, 1, 1), FIRST),
            "Argument `data` must hold at least two states",
        ),
        (
            lambda: MeasuredStep(1, 1, 1).branches(
                torch.zeros(1, 2, 2).double(), haar_states(3, 2, 1)
            ),
            "must have 2 amplitudes",
        ),
        (
            lambda: FidelityKernel(()),
            r"Argument `moments` must not be empty without `widths`, but got \(\)",
        ),
        (
            lambda: published_config("circle", loss="euclid"),
            "Argument `loss` must be a FidelityKernel or",
        ),
        (
            lambda: published_config("circle", inputs=10),
            "Argument `inputs` must be a whole number ≥ 100, but got 10",
        ),
        (
            lambda: train_chain(
                published_config("circle"), haar_states(8, 1, 1).view(1, 2, 4, 2), 1
            ),
            "must hold T ≥ 1 steps, but got T = 0",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
