import dataclasses

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

from qdm_utils.images.conditional import (
    ConditionalCircuit,
    LatentNoise,
    LatentTwin,
    TrainingPlan,
    best_matrices,
    branches,
    constant_infidelity,
    draw_pairs,
    gaussian_prior,
    generate,
    infidelity,
    matrices,
    normalised,
    sample_twin,
    step_infidelity,
    take_step,
    train_conditional,
    train_twin,
    unet_parameters,
)
from qdm_utils.images.conditional.plots import training_panel
from qdm_utils.images.encoders import (
    PUBLISHED,
    PositiveAutoencoder,
    PositiveConfig,
    layer_count,
    train_positive,
)
from qdm_utils.images.scores import DigitScore, by_digit, paired, summary
from qdm_utils.qubits import haar_states
from qdm_utils.qubits.states import fidelity
from qdm_utils.randomness import generator

SHALLOW = ConditionalCircuit(layers=(3, 3, 3))
PLAN = TrainingPlan(circuit=SHALLOW, updates=2, per_label=3)


@pytest.fixture(scope="module")
def clusters():
    """Latents of ten digits, each near a corner or the middle of the positive orthant."""
    centres = torch.cat(
        (torch.eye(8), torch.ones(1, 8), torch.tensor([[1.0, 1, 0, 0, 0, 0, 0, 0]]))
    )
    spread = 0.05 * torch.rand(10, 40, 8, generator=generator(1))
    return list(normalised(normalised(centres)[:, None] + spread))


def test_the_published_model_has_1110_angles():
    circuit = ConditionalCircuit()
    assert circuit.parameter_count == 1110
    assert [block.parameter_count for block in circuit.blocks] == [315, 480, 315]
    assert [block.n for block in circuit.blocks] == [7, 8, 7]
    assert circuit.random_angles(2, 0).shape == (2, 1110)
    assert ConditionalCircuit(clock=8).parameter_count == TrainingPlan().parameter_count == 1110
    assert TrainingPlan(own=True).parameter_count == 8880


@pytest.mark.parametrize("clock", [0, 4])
def test_the_matrices_are_the_circuit_with_its_projections(clock):
    """Against vectors of 7 and 8 qubits, label and ancilla written out."""
    circuit = ConditionalCircuit(layers=(2, 3, 2), clock=clock)
    theta = circuit.random_angles(1, 3).double()
    kraus = circuit.kraus(theta)
    pieces = theta[0].split([block.parameter_count for block in circuit.blocks])
    u1, u2, u3 = (
        block.unitary(piece.view(block.shape))
        for block, piece in zip(circuit.blocks, pieces, strict=True)
    )
    x = haar_states(1, 3, seed=2)[0]
    after, chance, found = branches(kraus, x.expand(1, 1, 10, 1, 8))
    for t in range(max(clock, 1)):
        angle = np.pi / 2 * (t + 1) / clock if clock else 0.0
        ancilla = torch.tensor([np.cos(angle), np.sin(angle)], dtype=torch.complex128)
        for label in (0, 3, 9):
            start = torch.kron(torch.eye(16, dtype=torch.complex128)[label], x)
            both = (u2 @ torch.kron(u1 @ start, ancilla)).view(128, 2)
            for outcome in (0, 1):
                left = both[:, outcome]
                kept = (u3 @ left).view(16, 8)[label]
                p = left.abs().square().sum()
                assert torch.allclose(chance[0, t, label, outcome, 0], p)
                assert torch.allclose(found[0, t, label, outcome, 0], kept.abs().square().sum() / p)
                assert torch.allclose(after[0, t, label, outcome, 0], kept / kept.norm())


def test_outcomes_come_with_their_probabilities():
    kraus = SHALLOW.kraus(SHALLOW.random_angles(1, 4))
    states = haar_states(1, 3, seed=5, dtype=torch.complex64).expand(1, 1, 10, 4000, 8)
    after, chance, label = branches(kraus, states)
    assert torch.allclose(chance.sum(-2), torch.ones(1, 1, 10, 4000), atol=1e-5)
    taken, outcomes, found = take_step(kraus, states, generator(6))
    assert (outcomes.float().mean(-1) - chance[..., 1, 0]).abs().max() < 4 * 0.5 / 4000**0.5
    for k in (0, 1, 2, 3999):
        m = outcomes[0, 0, 7, k]
        assert torch.equal(taken[0, 0, 7, k], after[0, 0, 7, m, k])
        assert found[0, 0, 7, k] == label[0, 0, 7, m, k]


class OnesNoise(LatentNoise):
    """Every ε is a vector of ones, real and imaginary parts alike where there are any."""

    def draw(self, shape, source):
        return torch.full(shape, 1 + 1j if self.complex_noise else 1.0, dtype=torch.complex64)


@pytest.mark.parametrize(("root", "complex_noise"), [(False, True), (True, False)])
def test_the_forward_path_has_the_coefficients_of_its_kind(root, complex_noise):
    noise = OnesNoise(steps=3, first=0.1, last=0.4, complex_noise=complex_noise, root=root)
    x = torch.eye(8)[:2]
    inputs, targets = noise.pairs(x, generator(0))
    assert inputs.shape == targets.shape == (3, 2, 8)
    betas, epsilon, power = (
        [0.1, 0.2, 0.3, 0.4],
        (1 + 1j if complex_noise else 1.0),
        0.5 if root else 1.0,
    )
    for t in (1, 2, 3):
        kept = np.prod([1 - beta for beta in betas[:t]])
        before = np.sqrt(kept) * x.numpy() + (1 - kept) ** power * epsilon
        after = np.sqrt(1 - betas[t]) * before + betas[t] ** power * epsilon
        for made, wanted in ((targets, before), (inputs, after)):
            assert np.allclose(
                made[t - 1], wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-6
            )


def test_noise_of_both_kinds_shares_its_real_parts_and_complex_noise_has_twice_the_power():
    kinds = [LatentNoise(complex_noise=flag).draw((50000,), generator(3)) for flag in (True, False)]
    assert torch.equal(kinds[0].real, kinds[1].real)
    assert (kinds[1].imag == 0).all()
    assert kinds[0].abs().square().mean().item() == pytest.approx(2.0, abs=0.05)
    levels = LatentNoise()
    assert levels.kept[-1].item() == pytest.approx(np.prod(1 - np.linspace(0.004, 0.4, 9)))
    assert levels.signal_share(8)[2].item() == pytest.approx(
        levels.kept[2] / (levels.kept[2] + 16 * (1 - levels.kept[2]) ** 2)
    )


def test_doing_nothing_scores_what_small_noise_predicts():
    """At t = 1 the two states differ by c(β_1) in the 14 directions that neither norm nor phase is."""
    latents = normalised(torch.rand(4000, 8, generator=generator(2)))
    inputs, targets = LatentNoise().pairs(latents, generator(3))
    share = 14 * 0.0535**2
    assert infidelity(inputs, targets)[0].mean().item() == pytest.approx(share, rel=0.12)
    root_inputs, root_targets = LatentNoise(root=True).pairs(latents, generator(3))
    assert infidelity(root_inputs, root_targets)[0].mean() > 5 * share


def test_infidelity_is_that_of_states():
    a, b = haar_states(20, 3, seed=1), haar_states(20, 3, seed=2)
    assert torch.allclose(infidelity(a, b), 1 - fidelity(a, b))
    assert infidelity(a, 1j * a).abs().max() < 1e-12


def test_infidelities_of_steps_are_means_over_outcomes(clusters):
    inputs, targets = draw_pairs(LatentNoise(), clusters, 3, 2, generator(1))
    assert inputs.shape == (2, 8, 10, 3, 8)
    kraus = SHALLOW.kraus(SHALLOW.random_angles(2, 1))
    after, chance, _ = branches(kraus, inputs)
    expected = (
        sum(
            chance[1, 4, 2, m, k] * infidelity(after[1, 4, 2, m, k], targets[1, 4, 2, k])
            for m in (0, 1)
            for k in range(3)
        )
        / 3
    )
    assert torch.allclose(step_infidelity(kraus, inputs, targets)[1, 4, 2], expected, atol=1e-6)
    assert constant_infidelity(
        normalised(torch.tensor([[1.0, 0], [1, 1]]))
    ).item() == pytest.approx(0.5 - 0.5**1.5)


@pytest.mark.parametrize(
    "changes", [{}, {"own": True}, {"together": False, "sampled": True}, {"circuit": "clock"}]
)
def test_training_moves_the_angles_and_is_seeded(clusters, changes):
    if changes.get("circuit") == "clock":
        changes = {"circuit": dataclasses.replace(SHALLOW, clock=8)}
    plan = dataclasses.replace(PLAN, **changes)
    one, two = (train_conditional(plan, clusters, 2, 7) for _ in range(2))
    other = train_conditional(dataclasses.replace(plan, updates=1), clusters, 2, 8)
    assert torch.equal(one.theta, two.theta)
    assert not torch.equal(one.start, other.start)
    assert one.losses.shape == (2, 2)
    assert one.theta.numel() == 2 * plan.parameter_count
    # In turn, two updates see two steps only; the angles shared by all steps move all the same.
    assert ((one.theta - one.start).abs() > 1e-4).double().mean() > 0.8
    assert one.kraus().maps.shape == (2, 8 if plan.own or plan.circuit.clock else 1, 10, 2, 8, 8)


def test_own_angles_serve_their_own_step(clusters):
    plan = dataclasses.replace(PLAN, own=True)
    theta = SHALLOW.random_angles(16, 3)
    kraus = matrices(plan, theta)
    alone = SHALLOW.kraus(theta[13:14])
    assert torch.allclose(kraus.maps[1, 5], alone.maps[0, 0], atol=1e-5)
    assert torch.allclose(kraus.weights[1, 5], alone.weights[0, 0], atol=1e-5)


def test_training_beats_doing_nothing_where_the_noise_is_strong(clusters):
    """One latent for all digits under strong noise: the answer is known, and the identity map does not know it."""
    noise = LatentNoise(steps=1, first=0.01, last=0.5)
    same = [clusters[8]] * 10
    plan = TrainingPlan(circuit=SHALLOW, noise=noise, updates=80, per_label=8, rate=0.1)
    trained = train_conditional(plan, same, 1, 2)
    inputs, targets = draw_pairs(noise, same, 100, 1, generator(9))
    reached = step_infidelity(trained.kraus(), inputs, targets).mean()
    start = step_infidelity(trained.kraus(trained.start), inputs, targets).mean()
    assert (
        reached < 0.9 * infidelity(inputs, targets).mean() < start
    )  # other seeds reach 0.60 to 0.82 of the identity's
    assert trained.losses[0, 0] == pytest.approx(start.item(), abs=0.1)


def test_free_matrices_do_no_worse_than_the_identity_map_they_start_from(clusters):
    noise = LatentNoise()
    inputs, targets = draw_pairs(noise, clusters, 100, 1, generator(9))
    nothing = infidelity(inputs, targets).mean((0, 2, 3))
    for own in (False, True):
        kraus = best_matrices(noise, clusters, 1, own, updates=40, rate=0.03, per_label=8)
        assert kraus.maps.shape == (1, 8 if own else 1, 10, 1, 8, 8)
        reached = step_infidelity(kraus, inputs, targets).mean((0, 2))
        assert reached.mean() < nothing.mean()
    assert (
        reached[1] < 0.6 * nothing[1]
    )  # clean targets in clusters: the noise of the input can be taken off
    assert generate(kraus, noise, 2, 3)[0].shape == (9, 1, 10, 2, 8)


def test_generation_goes_from_noise_through_all_steps(clusters):
    trained = train_conditional(PLAN, clusters, 2, 1)
    path, ones, found = generate(trained.kraus(), PLAN.noise, 5, 4)
    assert path.shape == (9, 2, 10, 5, 8)
    assert torch.allclose(
        torch.linalg.vector_norm(path, dim=-1), torch.ones(9, 2, 10, 5), atol=1e-5
    )
    assert ones.shape == found.shape == (8, 2, 10)
    assert ((found > 0) & (found < 1)).all()
    # What follows noise is one of its two branches.
    after, _, _ = branches(trained.kraus(), path[0][:, None])
    gap = (after[:, 0] - path[1][:, :, None]).abs().amax(-1).amin(2)
    assert gap.max() < 1e-5
    real = generate(trained.kraus(), LatentNoise(complex_noise=False), 5, 4)[0]
    assert (real[0].imag == 0).all()
    assert real[1].imag.abs().max() > 0.01  # the circuit makes real amplitudes complex


def test_generation_uses_the_angles_of_step_t(clusters):
    trained = train_conditional(dataclasses.replace(PLAN, own=True), clusters, 1, 1)
    path, _, _ = generate(trained.kraus(), PLAN.noise, 5, 4)
    for k, index in ((1, 7), (8, 0)):
        kraus = trained.kraus()
        after, _, _ = branches(kraus, path[k - 1][:, None].expand(-1, 8, -1, -1, -1))
        assert (after[:, index] - path[k][:, :, None]).abs().amax(-1).amin(2).max() < 1e-5


def test_the_autoencoder_makes_positive_unit_vectors_and_learns():
    images = torch.rand(32, 28, 28, generator=generator(1)) * torch.eye(28)
    config = PositiveConfig((4, 8, 8), 16, updates=60, batch=16, learning_rate=4e-2)
    model, losses = train_positive(images, config)
    again, _ = train_positive(images, config)
    assert losses[-5:].mean() < 0.5 * losses[:2].mean()
    latents = model.encode(images)
    assert torch.equal(latents, again.encode(images))
    assert (latents >= 0).all()
    assert torch.allclose(latents.norm(dim=1), torch.ones(32), atol=1e-6)
    pictures = model.decode(latents)
    assert pictures.shape == images.shape
    assert torch.allclose(
        model.decode(latents * torch.tensor([1j, -1, 1, -1j, 1, 1, 1, -1])), pictures, atol=1e-5
    )
    assert layer_count((4, 8, 8), 16) == sum(
        weights.numel() for weights in PositiveAutoencoder(config).parameters()
    )
    assert layer_count(PUBLISHED) == 1333513


def test_the_twin_has_as_many_parameters_and_learns_its_clusters(clusters):
    assert LatentTwin(38).parameter_count == 1110
    twin = LatentTwin(20)
    weights = torch.randn(1, twin.parameter_count, generator=generator(3)).requires_grad_()
    known = (
        torch.randn(1, 30, 8, generator=generator(4)),
        torch.eye(10).repeat(3, 1)[None],
        torch.arange(30)[None] % 8 + 1,
    )
    slopes = torch.autograd.grad(twin.noise(weights, *known).square().sum(), weights)[0]
    assert (slopes != 0).all()  # each of them counts
    trained = train_twin(twin, clusters, 2, 5, updates=400)
    drawn = sample_twin(trained, 50, 6)
    assert drawn.shape == (2, 10, 50, 8)
    assert (drawn >= 0).all()
    means = torch.stack([each.mean(0) for each in clusters])
    nearest = (drawn[..., None, :] - means).norm(dim=-1).argmin(-1)
    assert (nearest == torch.arange(10)[:, None]).double().mean() > 0.8


def test_gaussians_keep_what_they_say(clusters):
    latents = [
        normalised(1 + 0.1 * torch.rand(4000, 8, generator=generator(k)) ** 2) for k in range(10)
    ]
    drawn, count = gaussian_prior("means, covariances", latents, 4000, 1)
    assert count == 440
    assert torch.allclose(drawn[4].mean(0), latents[4].mean(0), atol=1e-3)
    assert torch.allclose(torch.cov(drawn[4].mT), torch.cov(latents[4].mT), atol=5e-6)
    flat, _ = gaussian_prior("means", latents, 3, 1)
    assert torch.allclose(flat[2, 0], flat[2, 2])
    one, _ = gaussian_prior("one mean", clusters, 1, 1)
    assert torch.allclose(one[0], one[9])


def test_a_unet_is_counted_as_published():
    assert unet_parameters(128, colours=3) == 35746307
    assert unet_parameters(128) == 35746307 - 2 * (9 * 128) - 2 * (9 * 128) - 2


def test_scores_count_the_digits_that_are_taken_for_themselves():
    confusion = np.full((10, 10), 0.05) + 0.5 * np.eye(10)
    assert DigitScore(0.0, confusion).digits == 10
    confusion[3, 3], confusion[4, 5] = 0.05, 0.6
    assert DigitScore(0.0, confusion).digits == 8
    rows = summary([DigitScore(3.0, confusion), DigitScore(5.0, np.eye(10))])
    assert (rows["Fréchet distance"], rows["digits, by run"]) == (4.0, "8, 10")
    assert rows["sd over runs"] == pytest.approx(2**0.5)
    two = paired(np.array([1.0, 2.0, 6.0]), np.array([0.0, 1.0, 2.0]))
    assert (two["first"], two["second"], two["difference"]) == (3.0, 1.0, 2.0)
    assert two["sd of the difference"] == pytest.approx(3**0.5)
    # Two degrees of freedom: Student's quantile is 4.3027, and the mean has sd √3/√3 = 1.
    assert (two["low"], two["high"]) == pytest.approx((2 - 4.3027, 2 + 4.3027), abs=1e-3)
    assert np.isnan(paired(np.ones(1), np.zeros(1))["low"])
    labels = torch.tensor([1, 0, 1])
    assert [len(each) for each in by_digit(torch.eye(3), labels)][:3] == [1, 2, 0]


def test_the_training_panel_shows_means_over_blocks_of_updates_and_over_runs():
    figure, axes = plt.subplots()
    losses = np.arange(1000.0)[:, None] + np.array([0.0, 10.0])
    training_panel(axes, {"complex": losses}, block=100)
    (line,) = axes.get_lines()
    assert line.get_xdata()[:2] == pytest.approx([50, 150])
    assert line.get_ydata()[:2] == pytest.approx([54.5, 154.5])
    (band,) = axes.collections
    assert band.get_paths()[0].get_extents().ymin == pytest.approx(49.5)
    plt.close(figure)


def test_wrong_arguments_are_refused_at_once(clusters):
    cases = [
        (lambda: ConditionalCircuit(label_qubits=3), "Argument `label_qubits` must be ≥ 4"),
        (lambda: ConditionalCircuit(layers=(1, 2)), "Argument `layers` must be three"),
        (lambda: SHALLOW.kraus(torch.zeros(2, 5)), "Argument `theta` must have shape"),
        (lambda: LatentNoise(first=1.2), "Argument `first` must lie in"),
        (
            lambda: LatentNoise().pairs(torch.ones(2, 8) + 0j, generator(0)),
            "Argument `latents` must be real",
        ),
        (
            lambda: TrainingPlan(circuit=ConditionalCircuit(clock=3)),
            "Argument `circuit` must have a clock",
        ),
        (lambda: train_conditional(PLAN, clusters[:4], 1, 0), "Argument `by_label` must hold"),
        (lambda: gaussian_prior("all", clusters, 1, 0), "Argument `kind` must be one of"),
        (lambda: unet_parameters(0), "Argument `base` must be a whole number"),
        (
            lambda: PositiveAutoencoder(PositiveConfig((4, 4, 4), 4)).encode(torch.zeros(1, 8, 8)),
            "Argument `images` must have shape",
        ),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
