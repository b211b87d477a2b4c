from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from qiskit.quantum_info import partial_trace, state_fidelity
from scipy.stats import beta, kstest

from qdm_utils.qubits import (
    Ansatz,
    DenoiserConfig,
    average_fidelity,
    brickwork,
    chance_fidelities,
    chance_maximum,
    fit_decay,
    gradient_samples,
    gradient_variance,
    gradient_variance_law,
    haar_states,
    haar_unitaries,
    marginal_fidelity,
    no_free_lunch_bound,
    parameter_shift,
    product_fidelity,
    product_states,
    signal_to_noise,
    single_qubit_marginals,
    train_denoiser,
)
from qdm_utils.qubits.denoising import training
from qdm_utils.qubits.denoising.gradient_plots import remedy_panel
from qdm_utils.qubits.denoising.gradients import _scrambled_pairs
from qdm_utils.qubits.states import fidelity
from qdm_utils.randomness import spawn


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


def test_the_law_holds_for_every_single_angle_and_any_distribution_of_angles():
    samples = gradient_samples(3, 2, "chain", "global", 12000, seed=1)
    squares = samples.square().flatten(1)
    score = (squares.mean(0) - gradient_variance_law(3)) / (squares.std(0) / 12000**0.5)
    assert score.abs().max() < 4.5
    small = gradient_variance(3, 2, "chain", "global", 8000, seed=2, spread=0.2)
    assert abs(small.variance - gradient_variance_law(3)) < 4 * small.error


def test_angles_are_drawn_around_zero():
    # Around the identity a fidelity is even in the angles, so its slopes vanish in the mean only where zero is the centre.
    slopes = gradient_samples(2, 0, "chain", "product", 4000, seed=7, depth=0, spread=1.0)
    score = slopes.mean(0) / (slopes.std(0) / 4000**0.5)
    assert score.abs().max() < 4.5
    assert (slopes.std(0) > 0.01).all()


def test_the_standard_error_is_one():
    values = [gradient_variance(3, 1, "chain", "global", 150, seed=seed) for seed in range(60)]
    scores = np.array([(v.variance - gradient_variance_law(3)) / v.error for v in values])
    assert 0.7 < scores.std() < 1.5
    assert abs(scores.mean()) < 0.7


@pytest.mark.parametrize(("n", "n_states"), [(2, 3), (2, 40), (3, 6), (4, 10)])
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


def test_the_average_over_all_states_is_the_law_of_infinitely_many():
    found = gradient_variance(3, 2, "chain", "average", 6000, seed=6)
    assert abs(found.variance - 1 / (2 * 63 * 81)) < 4 * found.error
    assert gradient_variance_law(3, 10**9) == pytest.approx(1 / (2 * 63 * 81), rel=1e-6)
    v, c = gradient_variance_law(3), 1 / (2 * 63 * 81)
    assert signal_to_noise(3, 7) == pytest.approx((7 * c / (v - c)) ** 0.5)


@pytest.mark.parametrize(("n", "n_states"), [(3, 5), (2, 7)])
def test_scrambled_pairs_are_haar_states_and_their_images_under_one_unitary(n, n_states):
    states, images = _scrambled_pairs(n, None, 4000, n_states, seed=1)
    # One unitary keeps every inner product; being Haar, it leaves a state and its image independent.
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
        cost = lambda x, targets=targets: marginal_fidelity(ansatz.apply(x, inputs), targets).mean(
            -1
        )  # noqa: E731
        (gradient,) = torch.autograd.grad(cost(theta), theta)
        gap = (parameter_shift(cost, theta.detach()) - gradient).norm() / gradient.norm()
        assert gap < 1e-6 if exact else gap > 0.05
        # The derivative itself is right in both cases.
        step = 1e-6 * torch.ones_like(theta)
        along = (cost(theta + step) - cost(theta - step)).item() / 2e-6
        assert along == pytest.approx(gradient.sum().item(), abs=1e-6)


@pytest.mark.parametrize("n", [2, 4])
def test_marginal_fidelity_is_that_of_qiskit(n):
    states, targets = (
        haar_states(6, n, seed=1),
        torch.cat([haar_states(3, n, seed=2), product_states(3, n, seed=3)]),
    )
    found = marginal_fidelity(states, targets)
    for value, state, target in zip(found, states, targets, strict=True):
        # Qiskit counts qubits from the least significant bit.
        pairs = [
            [partial_trace(x.numpy(), [k for k in range(n) if k != q]) for x in (state, target)]
            for q in range(n)
        ]
        assert value.item() == pytest.approx(
            np.mean([state_fidelity(*pair) for pair in pairs]), abs=1e-7
        )
    reduced = single_qubit_marginals(states)[2, 0].numpy()
    assert abs(reduced - partial_trace(states[2].numpy(), list(range(n - 1))).data).max() < 1e-12
    assert (marginal_fidelity(states, states) - 1).abs().max() < 1e-12


def test_marginals_do_not_see_the_whole():
    cats = torch.zeros(2, 16, dtype=torch.complex128)
    cats[:, 0], cats[0, -1], cats[1, -1] = 0.5**0.5, 0.5**0.5, -(0.5**0.5)
    assert fidelity(*cats) == 0.0
    assert marginal_fidelity(*cats).item() == pytest.approx(1.0, abs=1e-12)


def test_a_pure_marginal_has_a_finite_derivative():
    states = product_states(2, 3, seed=1).requires_grad_()
    marginal_fidelity(states, product_states(2, 3, seed=2)).sum().backward()
    assert torch.isfinite(torch.view_as_real(states.grad)).all()


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_product_cost_is_the_mean_over_sampled_product_states(n):
    denoiser = Ansatz(n, 2, "brick").unitary(Ansatz(n, 2, "brick").random_angles(1, seed=1)[0])
    scrambler = brickwork(n, 1, seed=2).unitary()
    inputs = product_states(20000, n, seed=3)
    sample = marginal_fidelity(inputs @ (denoiser @ scrambler).mT, inputs)
    exact = product_fidelity(denoiser, scrambler)
    assert abs(sample.mean() - exact) < 4 * sample.std() / 20000**0.5
    assert (
        abs(sample.mean() - product_fidelity(scrambler, denoiser)) > 4 * sample.std() / 20000**0.5
    )
    assert product_fidelity(scrambler.mH, scrambler).item() == pytest.approx(1.0, abs=1e-12)
    flip = torch.tensor([[0, 1], [-1, 0]], dtype=torch.complex128)
    last = torch.kron(
        torch.eye(2 ** (n - 1), dtype=flip.dtype), flip
    )  # Y on the last qubit: fidelity 1/3 there, 1 elsewhere
    assert product_fidelity(last, torch.eye(2**n, dtype=flip.dtype)).item() == pytest.approx(
        1 - 2 / (3 * n), abs=1e-12
    )


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


@pytest.mark.parametrize("n", [2, 4, 6])
def test_chance_is_the_beta_law(n):
    overlaps = chance_fidelities(n, 4000, seed=n)
    assert kstest(overlaps, beta(1, 2**n - 1).cdf).pvalue > 1e-3
    # Told from d − 2 at n = 2, and from a quarter more at any n.
    wrong = beta(1, 2**n - 2) if n == 2 else beta(1, 1.25 * (2**n - 1))
    assert kstest(overlaps, wrong.cdf).pvalue < 1e-9
    best = chance_maximum(n, 50, 6, 2000, seed=1)
    from_states = chance_fidelities(n, 50 * 6 * 40, seed=2).reshape(40, 6, 50).mean(-1).max(-1)
    assert abs(from_states.mean() - best.mean()) < 4 * best.std() / 40**0.5


def test_the_logs_maxima_are_what_chance_gives():
    for n, stated in ((4, 0.072), (6, 0.020), (8, 0.004), (10, 0.0012)):
        best = chance_maximum(n, 50, 6, 5000, seed=n)
        assert abs(best.mean() - stated) < 2 * best.std() + (5e-5 if n == 10 else 5e-4)


def test_fixed_states_are_memorised_and_nothing_else_is_learned():
    record = train_denoiser(
        DenoiserConfig(n=6, depths=(12,), epochs=120, seeds=6, seed=1, eval_every=120, n_eval=200)
    )
    chance = 1 / 64
    assert (record.last() > 6 * chance).all()
    assert record.last("average_fidelity").mean() < 1.4 * chance
    unseen = record.last("fresh_fidelity")
    assert abs(unseen.mean() - chance) < 4 * unseen.std() / 6**0.5 + 1e-3
    assert no_free_lunch_bound(10, 256) == pytest.approx(0.005426, abs=1e-6)


def test_known_product_inputs_let_either_cost_undo_a_shallow_scrambler():
    base = DenoiserConfig(
        n=6, layers=6, entangler="brick", depths=(2,), epochs=200, seeds=4, seed=1, eval_every=200
    )
    kept = {
        (states, cost): np.median(
            train_denoiser(replace(base, states=states, cost=cost)).last("average_fidelity")
        )
        for states, cost in (("haar", "global"), ("product", "global"), ("product", "marginal"))
    }
    # Medians: now and then a run on Haar states finds the inverse too. In three seeds they lie 12 times apart at least.
    assert kept["product", "global"] > 4 * kept["haar", "global"]
    assert kept["product", "marginal"] > 4 * kept["haar", "global"]


def test_the_exact_average_is_followed_where_ten_fresh_states_teach_nothing():
    base = DenoiserConfig(n=7, layers=7, depths=(12,), epochs=40, seeds=4, seed=1, eval_every=40)
    exact = train_denoiser(replace(base, cost="average")).last("average_fidelity") * 2**7
    noisy = train_denoiser(replace(base, fresh_batch=True)).last("average_fidelity") * 2**7
    assert exact.min() > 1.5
    assert noisy.max() < 1.2


def test_product_states_are_what_the_gradients_are_taken_for():
    # One layer of rotations keeps the target a product: E‖P₊φ‖²‖P₋φ‖² is 1/6 instead of d/(4(d + 1)).
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


def test_minor_ticks_are_lighter_than_major_ones():
    figure, axes = plt.subplots(1, 2)
    ways = {"a": np.array([1.0, 50.0]), "b, local cost": np.array([1.0, 2.0])}
    remedy_panel(axes[0], ways, np.array([[25.0, -5.0, 60.0], [1.5, 1.2, 1.8]]))
    remedy_panel(axes[1], {"b": ways["b, local cost"]}, np.array([[1.5, 1.2, 1.8]]))
    figure.canvas.draw()
    assert [axis.get_xscale() for axis in axes] == ["log", "linear"]
    widths = [
        ticks[0].tick1line.get_markeredgewidth()
        for ticks in (axes[0].xaxis.get_minor_ticks(), axes[0].xaxis.get_major_ticks())
    ]
    assert widths[0] < widths[1]
    plt.close(figure)


WAYS = [
    {"start": "small"},
    {"start": "layerwise"},
    {"fresh_batch": True},
    {"cost": "marginal"},
    {"states": "product"},
]


@pytest.mark.parametrize(
    "options", WAYS, ids=lambda options: next(iter(options)) + " " + str(*options.values())
)
def test_every_way_to_train_repeats_and_takes_its_first_step_down_its_own_cost(
    options, monkeypatch
):
    config = DenoiserConfig(
        n=3, layers=3, depths=(2,), n_states=2, epochs=3, seeds=2, seed=3, **options
    )
    first, second = train_denoiser(config), train_denoiser(config)
    assert np.array_equal(first.loss, second.loss)
    # Whatever was drawn last in a training of one epoch is what its one step was taken for.
    drawn = {}
    draw = "product_states" if config.states == "product" else "haar_states"
    for name in (draw, "brickwork"):
        source = getattr(training, name)

        def kept(*args, name=name, source=source):
            drawn.setdefault(name, []).append(source(*args))
            return drawn[name][-1]

        monkeypatch.setattr(training, name, kept)
    one = train_denoiser(replace(config, epochs=1))
    scrambler, states = drawn["brickwork"][0], drawn[draw][-1].view(2, 2, 8)
    start = config.ansatz.random_angles(2, spawn(3, 2)[0])
    if config.start != "uniform":
        start = 0.1 * (start / np.pi - 1)
        assert start.abs().max() <= 0.1
        assert start.min() < -0.05 < 0.05 < start.max()
    theta = start.clone().requires_grad_()
    closeness = marginal_fidelity if config.cost == "marginal" else fidelity
    denoised = config.ansatz.apply(theta, scrambler.apply(states).to(torch.complex128))
    loss = 1 - closeness(denoised, states.to(torch.complex128)).mean(-1)
    loss.sum().backward()
    np.testing.assert_allclose(one.loss[:, 0], loss.detach(), atol=1e-5)
    slopes = theta.grad
    if config.start == "layerwise":
        slopes[:, 1:] = 0.0
    seen = slopes.abs() > 1e-4
    assert seen.double().mean() > (0.15 if config.start == "layerwise" else 0.6)
    moved = torch.from_numpy(one.theta) - start
    # Adam's first step is the learning rate against the sign of the gradient, whatever its size.
    torch.testing.assert_close(moved[seen], -0.05 * slopes[seen].sign(), atol=2e-4, rtol=0)
    if config.start == "layerwise":
        assert moved[:, 1:].abs().max() < 1e-7


def test_layers_are_released_one_after_the_other():
    config = DenoiserConfig(
        n=3, layers=3, depths=(2,), epochs=8, seeds=2, seed=3, start="layerwise"
    )
    still = train_denoiser(replace(config, epochs=1)).theta
    start = 0.1 * (
        config.ansatz.random_angles(2, spawn(3, 2)[0], dtype=torch.float32).numpy() / np.pi - 1
    )
    assert np.array_equal(still[:, 1:], start[:, 1:])
    assert not np.array_equal(still[:, 0], start[:, 0])
    assert (train_denoiser(config).theta[:, 3] != start[:, 3]).any()


def test_draws_depend_on_the_seed_alone():
    same = [gradient_samples(3, 1, "chain", "marginal", 60, seed=4) for _ in range(2)]
    assert torch.equal(*same)
    assert not torch.equal(same[0], gradient_samples(3, 1, "chain", "marginal", 60, seed=5))
    assert len(torch.unique(same[0][:, 0, 0, 0])) == 60


STATE, WIDE = haar_states(1, 3, seed=1), haar_states(1, 4, seed=1)


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
            lambda: marginal_fidelity(STATE, WIDE),
            r"Argument `targets` must have shape \(..., 8\), but got shape \(1, 16\)",
        ),
        (
            lambda: marginal_fidelity(STATE, STATE.to(torch.complex64)),
            "Argument `targets` must be torch.complex128",
        ),
        (
            lambda: product_fidelity(torch.eye(8) + 0j, torch.eye(4) + 0j),
            "Argument `scrambler` must act on 3 qubits",
        ),
        (lambda: chance_fidelities(3, 0, 1), "Argument `count` must be a whole number ≥ 1"),
        (
            lambda: chance_maximum(3, 50, 0, 5, 1),
            "Argument `evaluations` must be a whole number ≥ 1",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
