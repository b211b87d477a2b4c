"""MMD² and Wasserstein: unbiased, by hand, and what no unitary changes."""

import numpy as np
import ot
import pytest
import torch

from qdm_utils.qubits import density_matrix, haar_states, haar_unitaries
from qdm_utils.qubits.generation import (
    FidelityKernel,
    MeasuredStep,
    circle_states,
    cluster_states,
    haar_mmd_squared,
    mmd_null,
    mmd_squared,
    overlaps,
    wasserstein,
)

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


def stabiliser_states(n: int) -> torch.Tensor:
    """All of them, found by H, S and CZ from |0…0⟩: a 3-design, so exactly Haar up to the third
    moment of F.
    """
    h = torch.tensor([[1, 1], [1, -1]], dtype=torch.complex128) / 2**0.5
    one = torch.eye(2, dtype=torch.complex128)
    s = torch.diag(torch.tensor([1, 1j], dtype=torch.complex128))
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


@pytest.mark.parametrize("n", [1, 2])
def test_no_unitary_changes_what_any_kernel_sees_of_haar_states(n):
    design = stabiliser_states(n)
    data = haar_states(5, n, seed=3)
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


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_discrepancy_is_unbiased_and_zero_in_the_mean_for_equal_ensembles(kernel):
    states = haar_states(2 * 300 * 12, 1, seed=1).view(2, 300, 12, 2)
    values = mmd_squared(states[0], states[1, :, :7], kernel)
    assert values.shape == (300,)
    assert abs(values.mean()) < 4 * values.std() / 300**0.5
    assert values.min() < 0


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_discrepancy_is_the_sum_over_pairs(kernel):
    x = haar_states(5, 2, seed=1)
    y = cluster_states(7, 2, 0.5, seed=2)
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


@pytest.mark.slow
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
    data = haar_states(5, 1, seed=1)
    inputs = haar_states(4, 1, seed=2)
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
    step = MeasuredStep(1, 1, 3)
    inputs = haar_states(6, 1, seed=1)
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
