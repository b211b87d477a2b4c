"""Scores that can be counted by hand, biases by differences."""

import numpy as np
import pytest
import torch

from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import (
    NARROW,
    FidelityKernel,
    MeasuredStep,
    branched_mmd_squared,
    cluster_states,
    correlated_noise_states,
    empty_share,
    ensemble_scores,
    fitting_offset,
    inferred_probability,
    mmd_null,
    mmd_squared,
    overlaps,
    path_distances,
    path_wasserstein,
    sampling_bias,
    wasserstein,
)
from qdm_utils.randomness import spawn

FIRST = FidelityKernel()
SECOND = FidelityKernel((1, 2))


def test_wasserstein_along_a_path_is_that_of_the_states_compared():
    path = haar_states(36, 1, seed=1).view(3, 2, 6, 2)
    data = haar_states(9, 1, seed=2)
    found = path_wasserstein(path, data, 5)
    discrepancies = path_distances(path, data, SECOND)
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
    step = MeasuredStep(1, 1, 2)
    data = cluster_states(8, 1, 0.3, seed=1)
    cosines, omitted = sampling_bias(step, data, SECOND, draws=3, inputs=6, seed=9)
    assert cosines.shape == omitted.shape == (3,)
    angle_seed, noise_seed = spawn(9, 2)
    theta = step.circuit.random_angles(3, angle_seed)
    inputs = haar_states(6, 1, noise_seed)
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


@pytest.mark.slow
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
