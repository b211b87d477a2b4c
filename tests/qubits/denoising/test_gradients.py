import numpy as np
import pytest
import torch

from qdm_utils.qubits import (
    Ansatz,
    average_fidelity,
    fit_decay,
    gradient_samples,
    gradient_variance,
    gradient_variance_law,
    haar_states,
    haar_unitaries,
    marginal_fidelity,
    parameter_shift,
    product_fidelity,
    product_states,
    signal_to_noise,
    single_qubit_marginals,
)
from qdm_utils.qubits.denoising import gradients
from qdm_utils.qubits.denoising.gradients import _scrambled_pairs
from qdm_utils.qubits.states import fidelity


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "layers", "entangler", "draws"),
    [
        (2, 2, "chain", 8000),
        (3, 0, "brick", 8000),
        (3, 3, "brick", 6000),
        (4, 6, "chain", 4000),
        (5, 2, "ring", 3000),
    ],
)
def test_the_variance_of_the_global_cost_is_exactly_the_law(n, layers, entangler, draws):
    found = gradient_variance(n, layers, entangler, "global", draws, seed=n)
    assert found.error < 0.04 * found.variance
    assert abs(found.variance - gradient_variance_law(n)) < 4 * found.error
    for wrong in (2.0, 0.5, gradient_variance_law(n + 1) / gradient_variance_law(n)):
        assert abs(found.variance - wrong * gradient_variance_law(n)) > 8 * found.error
    assert abs(found.mean) < 5 * (found.variance / draws) ** 0.5


@pytest.mark.slow
def test_the_law_holds_for_every_single_angle_and_any_distribution_of_angles():
    samples = gradient_samples(3, 2, "chain", "global", 12000, seed=1)
    squares = samples.square().flatten(1)
    score = (squares.mean(0) - gradient_variance_law(3)) / (squares.std(0) / 12000**0.5)
    assert score.abs().max() < 4.5
    small = gradient_variance(3, 2, "chain", "global", 8000, seed=2, spread=0.2)
    assert abs(small.variance - gradient_variance_law(3)) < 4 * small.error


def test_angles_are_drawn_around_zero():
    # Around the identity a fidelity is even in the angles, so its slopes vanish in the mean only
    # where zero is the centre.
    slopes = gradient_samples(2, 0, "chain", "product", 4000, seed=7, depth=0, spread=1.0)
    score = slopes.mean(0) / (slopes.std(0) / 4000**0.5)
    assert score.abs().max() < 4.5
    assert (slopes.std(0) > 0.01).all()


def test_the_standard_error_is_one():
    values = [gradient_variance(3, 1, "chain", "global", 150, seed=seed) for seed in range(60)]
    scores = np.array([(v.variance - gradient_variance_law(3)) / v.error for v in values])
    assert 0.7 < scores.std() < 1.5
    assert abs(scores.mean()) < 0.7


@pytest.mark.parametrize(
    ("n", "n_states"), [(2, 3), (3, 6), (4, 10), pytest.param(2, 40, marks=pytest.mark.slow)]
)
def test_the_law_of_several_states_is_exact_too(n, n_states):
    draws = 20000 if n == 2 else 6000
    found = gradient_variance(n, 2, "brick", "global", draws, seed=5, n_states=n_states)
    law, d = gradient_variance_law(n, n_states), 2**n
    assert abs(found.variance - law) < 4 * found.error
    if (n, n_states) == (2, 40):  # d² for d² − 1 would show, and so would independent scramblers
        assert (
            abs(found.variance - (1 / 40 + (1 - 1 / 40) / d**2) / (2 * (d + 1) ** 2))
            > 4 * found.error
        )
        assert abs(found.variance - gradient_variance_law(n) / n_states) > 10 * found.error


@pytest.mark.slow
def test_the_average_over_all_states_is_the_law_of_infinitely_many():
    found = gradient_variance(3, 2, "chain", "average", 6000, seed=6)
    assert abs(found.variance - 1 / (2 * 63 * 81)) < 4 * found.error
    assert gradient_variance_law(3, 10**9) == pytest.approx(1 / (2 * 63 * 81), rel=1e-6)
    v, c = gradient_variance_law(3), 1 / (2 * 63 * 81)
    assert signal_to_noise(3, 7) == pytest.approx((7 * c / (v - c)) ** 0.5)


@pytest.mark.parametrize(("n", "n_states"), [(3, 5), (2, 7)])
def test_scrambled_pairs_are_haar_states_and_their_images_under_one_unitary(n, n_states):
    states, images = _scrambled_pairs(n, None, 4000, n_states, seed=1)
    # One unitary keeps every inner product; being Haar, it leaves a state independent of its image.
    assert ((states.conj() @ states.mT) - (images.conj() @ images.mT)).abs().max() < 1e-12
    overlap = fidelity(states, images)
    sem = overlap.mean(1).std() / 4000**0.5
    assert abs(overlap.mean() - 2.0**-n) < 4 * sem
    amplitude = torch.linalg.vecdot(states[:, 0], images[:, 0])
    assert amplitude.mean().abs() < 4 * (2.0**-n / 4000) ** 0.5
    mean = torch.einsum("ci,cj->ij", images[:, -1], images[:, -1].conj()) / 4000
    assert (mean - torch.eye(2**n) / 2**n).abs().max() < 0.02


@pytest.mark.parametrize("cost", ["global", "product", "average"])
@pytest.mark.parametrize("entangler", ["chain", "brick"])
def test_parameter_shift_is_exact_for_costs_linear_in_the_output(cost, entangler):
    ansatz = Ansatz(3, 2, entangler)
    theta = ansatz.random_angles(2, seed=1).requires_grad_()
    targets, inputs = haar_states(8, 3, seed=2).view(2, 4, -1)
    scrambler = haar_unitaries(1, 8, seed=3)[0]
    costs = {
        "global": lambda x: fidelity(ansatz.apply(x, inputs), targets).mean(-1),
        "product": lambda x: product_fidelity(ansatz.unitary(x), scrambler),
        "average": lambda x: average_fidelity(ansatz.unitary(x), scrambler),
    }
    costs[cost](theta).sum().backward()
    assert (parameter_shift(costs[cost], theta.detach()) - theta.grad).abs().max() < 1e-13


def test_parameter_shift_fails_for_the_uhlmann_fidelity_of_marginals_but_for_pure_ones():
    ansatz = Ansatz(3, 2)
    theta = ansatz.random_angles(1, seed=1)[0].requires_grad_()
    inputs = haar_states(2, 3, seed=2)
    for targets, exact in (
        (haar_states(2, 3, seed=3), False),
        (product_states(2, 3, seed=3), True),
    ):

        def cost(x, targets=targets):
            return marginal_fidelity(ansatz.apply(x, inputs), targets).mean(-1)

        (gradient,) = torch.autograd.grad(cost(theta), theta)
        gap = (parameter_shift(cost, theta.detach()) - gradient).norm() / gradient.norm()
        assert gap < 1e-6 if exact else gap > 0.05
        # The derivative itself is right in both cases.
        step = 1e-6 * torch.ones_like(theta)
        along = (cost(theta + step) - cost(theta - step)).item() / 2e-6
        assert along == pytest.approx(gradient.sum().item(), abs=1e-6)


@pytest.mark.slow
def test_local_costs_decay_as_the_notebook_says():
    sizes, found = [2, 3, 4, 5, 6], {}
    for cost, entangler, depth in (
        ("marginal", "chain", None),
        ("product", "brick", 0),
        ("product", "brick", None),
    ):
        values = [gradient_variance(n, 2, entangler, cost, 200, seed=n, depth=depth) for n in sizes]
        found[cost, depth] = fit_decay(
            sizes, [v.variance for v in values], [v.error for v in values]
        )[0]
    assert -2.6 < found["marginal", None] < -2.2
    assert found["product", 0] > -1.3
    assert found["product", None] < -2.3


def test_the_fit_finds_slope_and_error():
    sizes, truth = np.arange(2, 9), 3.0 * 2.0 ** (-1.7 * np.arange(2, 9))
    random = np.random.default_rng(1)
    fits = np.array(
        [
            fit_decay(sizes, truth * (1 + 0.05 * random.standard_normal(7)), 0.05 * truth)
            for _ in range(400)
        ]
    )
    assert fits[:, 0].mean() == pytest.approx(-1.7, abs=0.01)
    assert fits[:, 0].std() == pytest.approx(fits[0, 1], rel=0.15)
    assert fits[:, 2].mean() == pytest.approx(1.0, abs=0.1)


@pytest.mark.slow
def test_product_states_are_what_the_gradients_are_taken_for():
    # One layer of rotations keeps the target a product: E‖P₊φ‖²‖P₋φ‖² is 1/6 and not d/(4(d + 1)).
    found = gradient_variance(3, 0, "brick", "global", 6000, seed=4, states="product")
    assert abs(found.variance - 1 / (3 * 8 * 9)) < 4 * found.error
    assert abs(found.variance - gradient_variance_law(3)) > 8 * found.error
    local = {
        states: gradient_variance(5, 2, "brick", "marginal", 200, seed=4, depth=2, states=states)
        for states in ("haar", "product")
    }
    assert local["product"].variance > 4 * local["haar"].variance
    states, _ = _scrambled_pairs(4, 2, 6, 5, 1, product_states)
    marginals = single_qubit_marginals(states)
    assert (torch.linalg.matrix_norm(marginals) - 1).abs().max() < 1e-12  # pure, every one


def test_batches_add_up_to_the_draws_that_were_asked_for(monkeypatch):
    monkeypatch.setattr(gradients, "CHUNK", 7)
    samples = gradient_samples(2, 1, "chain", "global", 20, seed=1)
    assert samples.shape == (20, 2, 2, 3)
    assert len(torch.unique(samples[:, 0, 0, 0])) == 20


def test_draws_depend_on_the_seed_alone():
    same = [gradient_samples(3, 1, "chain", "marginal", 60, seed=4) for _ in range(2)]
    assert torch.equal(*same)
    assert not torch.equal(same[0], gradient_samples(3, 1, "chain", "marginal", 60, seed=5))
    assert len(torch.unique(same[0][:, 0, 0, 0])) == 60


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: gradient_variance(3, 1, "chain", "local", 5, 1),
            "Argument `cost` must be one of global, marginal, product",
        ),
        (
            lambda: gradient_variance(3, 1, "chain", "global", 1, 1),
            "Argument `n_draws` must be a whole number ≥ 2, but got 1",
        ),
        (
            lambda: gradient_variance(3, 1, "chain", "global", 5, 1, n_states=0),
            "Argument `n_states` must be a whole number ≥ 1",
        ),
        (
            lambda: gradient_variance(3, 1, "star", "global", 5, 1),
            "Argument `entangler` must be one of",
        ),
        (
            lambda: gradient_variance(3, 1, "chain", "product", 5, 1, depth=-1),
            "Argument `depth` must be a whole number ≥ 0",
        ),
        (
            lambda: gradient_samples(3, 1, "chain", "global", 5, 1, spread=0),
            "Argument `spread` must be > 0, but got 0",
        ),
        (
            lambda: gradient_samples(3, 1, "chain", "global", 5, 1, states="cat"),
            "Argument `states` must be one of haar, product",
        ),
        (lambda: gradient_variance_law(0), "Argument `n` must be a whole number ≥ 1"),
        (lambda: gradient_variance_law(3, 0), "Argument `n_states` must be a whole number ≥ 1"),
        (lambda: signal_to_noise(3, 0), "Argument `n_states` must be a whole number ≥ 1"),
        (
            lambda: parameter_shift(lambda x: x, torch.zeros(3, 3)),
            r"Argument `theta` must have shape \(..., L\+1, n, 3\)",
        ),
        (
            lambda: fit_decay([1, 2], [1, 1], [1, 1]),
            r"Argument `sizes` must have shape \(m,\) with m ≥ 3",
        ),
        (
            lambda: fit_decay([1, 2, 3], [1, 1, 0], [1, 1, 1]),
            "Argument `variances` must be positive",
        ),
        (
            lambda: fit_decay([1, 2, 3], [1, 1, 1], [1, 1]),
            "Argument `errors` must be positive, of shape",
        ),
        (
            lambda: parameter_shift(lambda x: x, torch.zeros(1, 2, 3) * torch.nan),
            "Argument `theta` must be finite",
        ),
        (
            lambda: parameter_shift(lambda x: x, torch.zeros(1, 2, 3, dtype=torch.int64)),
            "Argument `theta` must be float32 or float64",
        ),
        (
            lambda: fit_decay([2, 2, 2], [1, 1, 1], [1, 1, 1]),
            "Argument `sizes` must differ from each other",
        ),
        (
            lambda: fit_decay([1, 2, 3], [1, 1, np.nan], [1, 1, 1]),
            "Argument `variances` must be finite",
        ),
        (
            lambda: gradient_samples(3, 1, "chain", "global", 0, 1),
            "Argument `n_draws` must be a whole number ≥ 1",
        ),
        (
            lambda: gradient_samples(3, 1, "chain", "global", 5, 1, spread=np.nan),
            "Argument `spread` must be finite",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
