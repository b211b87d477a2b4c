"""Measured steps: channel, probabilities, what sampling omits, what a budget allows."""

import pytest
import torch

from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import (
    FidelityKernel,
    GenerationConfig,
    MeasuredStep,
    branched_mmd_squared,
    chained_kraus,
    cluster_states,
    log_density,
    measure,
    mmd_squared,
    reachable_fidelity,
)
from qdm_utils.qubits.generation.chain import step_loss
from qdm_utils.qubits.generation.measured_step import frozen_probabilities, select
from qdm_utils.randomness import generator

FIRST = FidelityKernel()
SECOND = FidelityKernel((1, 2))
KERNELS = [
    FIRST,
    SECOND,
    FidelityKernel((2, 3)),
    FidelityKernel((), (0.2,)),
    FidelityKernel((1,), (0.1, 0.5)),
    FidelityKernel((4,)),
]


@pytest.mark.parametrize("ancillas", [0, 1, 2])
def test_a_step_is_a_channel_and_its_branches_have_probabilities(ancillas):
    step = MeasuredStep(2, ancillas, 3)
    theta = step.circuit.random_angles(3, seed=1)
    states = haar_states(12, 2, seed=2).view(3, 4, 4)
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
    theta = step.circuit.random_angles(1, seed=1)[0]
    state = haar_states(1, 1, seed=2)
    branches = step.branches(theta, state)
    after, outcomes = measure(branches.expand(40_000, -1, -1), torch.Generator().manual_seed(3))
    expected = branches[0].abs().square().sum(-1)
    shares = torch.bincount(outcomes, minlength=4) / 40_000
    assert (abs(shares - expected) < 5 * (expected * (1 - expected) / 40_000).sqrt() + 1e-9).all()
    assert abs(torch.linalg.vector_norm(after, dim=-1) - 1).max() < 1e-12
    which = outcomes[17]
    assert abs(after[17] - branches[0, which] / branches[0, which].norm()).max() < 1e-12


@pytest.mark.slow
def test_the_exact_discrepancy_is_the_mean_over_sampled_outcomes():
    step = MeasuredStep(1, 1, 3)
    data = cluster_states(30, 1, 0.2, seed=1)
    branches = step.branches(step.circuit.random_angles(1, seed=4)[0], haar_states(20, 1, seed=5))
    after, _ = measure(branches.expand(4000, -1, -1, -1), torch.Generator().manual_seed(6))
    for kernel in KERNELS:
        sampled = mmd_squared(after, data, kernel)
        exact = branched_mmd_squared(branches, data, kernel)
        assert abs(sampled.mean() - exact) < 4 * sampled.std() / 4000**0.5


def test_sampling_omits_the_change_of_the_probabilities_and_nothing_else():
    step = MeasuredStep(1, 1, 2)
    data = cluster_states(10, 1, 0.2, seed=1)
    inputs = haar_states(6, 1, seed=2)
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
    with pytest.raises(ValueError, match="be possible"):  # nor is one such state among others
        select(branches.expand(3, -1, -1), torch.tensor([0, 1, 0]))
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


# The density of what a chain of steps makes of Haar states.

STEP = MeasuredStep(2, 1, 3)


def angles(steps: int, seed: int = 4) -> torch.Tensor:
    # Moderate angles, so that no operator is nearly singular and the density has no long tail.
    return 0.5 * torch.randn(
        steps, *STEP.circuit.shape, generator=generator(seed), dtype=torch.float64
    )


@pytest.mark.parametrize("steps", [1, 2])
def test_the_density_is_normalised_and_its_means_are_those_of_the_samples(steps):
    theta = angles(steps)
    states = haar_states(40000, 2, 5)
    density = log_density(chained_kraus(STEP, theta), states).exp()
    assert density.mean().item() == pytest.approx(1.0, abs=0.03)
    made = haar_states(40000, 2, 6)
    source = generator(7)
    for one in theta.flip(0):
        made = measure(STEP.branches(one, made), source)[0]
    for power in (1, 2):  # the second moment tells wrong exponents of the density apart
        sampled = made[:, 0].abs().pow(2 * power).mean().item()
        weighted = (density * states[:, 0].abs().pow(2 * power)).mean().item()
        assert weighted == pytest.approx(sampled, abs=0.02)


def test_a_chain_multiplies_its_operators_in_the_order_of_the_steps():
    theta = angles(2)
    late = STEP.kraus(theta[0])
    early = STEP.kraus(theta[1])
    torch.testing.assert_close(chained_kraus(STEP, theta)[1], late[0] @ early[1])
    product = chained_kraus(STEP, theta)
    torch.testing.assert_close((product.mH @ product).sum(0), torch.eye(4, dtype=torch.complex128))


def test_the_density_adds_the_images_of_haar_under_every_operator():
    """Σ_m |det K_m|^(−2) (φ†(K_m K_m†)^(−1) φ)^(−d−1), of states that are no real vectors."""
    kraus = STEP.kraus(angles(1)[0])
    states = haar_states(20, 2, 9)
    lengths = torch.einsum(
        "ni,mij,nj->mn", states.conj(), torch.linalg.inv(kraus @ kraus.mH), states
    ).real
    expected = (lengths**-5 / torch.linalg.det(kraus).abs().square()[:, None]).sum(0)
    torch.testing.assert_close(log_density(kraus, states).exp(), expected)


def test_without_ancillas_the_density_is_that_of_haar_whatever_the_angles():
    step = MeasuredStep(3, 0, 2)
    theta = torch.randn(3, *step.circuit.shape, generator=generator(1), dtype=torch.float64)
    found = log_density(chained_kraus(step, theta), haar_states(20, 3, 2))
    torch.testing.assert_close(found, torch.zeros(20, dtype=torch.float64), atol=1e-9, rtol=0)
