"""Honest splits and seeds: what is held out is held out, fits see training latents alone, and every
stream has its own seed."""

import sys
from dataclasses import replace
from types import ModuleType

import pytest
import torch

from qdm_utils.images.conditional import (
    ConditionalCircuit,
    TrainingPlan,
    generate,
    train_conditional,
)
from qdm_utils.images.encoders import (
    Autoencoder,
    AutoencoderConfig,
    PositiveAutoencoder,
    PositiveConfig,
    reconstruction_loss,
    to_blocks,
    train_autoencoder,
    train_positive,
)
from qdm_utils.images.encoders import training as autoencoder_training
from qdm_utils.images.geometry import States, Vector
from qdm_utils.images.priors import ChainPrior, FitConfig, MatchedPrior, fit_chain
from qdm_utils.images.priors.simple import draw_batch
from qdm_utils.images.scores import (
    ClassifierConfig,
    frechet_bootstrap,
    frechet_distance,
    precision_recall,
    train_classifier,
)
from qdm_utils.images.scores import classifier as classifier_training
from qdm_utils.images.trials import (
    PriorSpec,
    Trial,
    cached_images,
    run_trial,
    score_row,
    split,
    train_trial,
)
from qdm_utils.qubits.generation import MeasuredStep
from qdm_utils.randomness import generator, spawn
from tests.seeds import watch_seeds

SMALL = {"updates": 4, "batch": 16, "channels": (4, 4, 4)}


class Streams(list):
    """Every generator handed out under the package's one name for them, with the module that asked
    for it."""

    def drawn_from(self) -> list[tuple[str, int]]:
        """Module and seed of those from which something was drawn."""
        return [
            (module, source.initial_seed())
            for module, source in self
            if not torch.equal(
                source.get_state(), torch.Generator().manual_seed(source.initial_seed()).get_state()
            )
        ]

    def seeds(self) -> list[int]:
        """Seeds of those from which something was drawn, one for each stream."""
        return [seed for _, seed in self.drawn_from()]


@pytest.fixture
def streams(monkeypatch) -> Streams:
    found = Streams()

    def watch(module: ModuleType) -> None:
        def watched(seed):
            source = generator(seed)
            found.append((module.__name__, source))
            return source

        monkeypatch.setattr(module, "generator", watched)

    for name, module in list(sys.modules.items()):
        at_home = name == "qdm_utils.randomness"
        if name.startswith("qdm_utils.") and not at_home and hasattr(module, "generator"):
            assert module.generator is generator  # nobody has one of its own
            watch(module)
    return found


@pytest.fixture(scope="module")
def digits():
    return cached_images("digits", None)


@pytest.fixture(scope="module")
def classifier(digits):
    return train_classifier(
        digits.train[:200], digits.train_labels[:200], ClassifierConfig(epochs=1, batch=50)
    )[0]


def test_the_held_out_curve_is_of_held_out_images_and_training_is_not(digits, monkeypatch):
    """Each of its values against the images it should be of; the first one also against an
    untrained model."""
    train = digits.train[:200]
    held = digits.test[:100]
    evaluated = []
    trained = []
    loss_of_images = autoencoder_training.reconstruction_loss
    losses_of_batch = autoencoder_training._losses

    def evaluate(model, blocks):
        evaluated.append(blocks)
        return loss_of_images(model, blocks)

    def learn(model, blocks, noise):
        trained.append(blocks)
        return losses_of_batch(model, blocks, noise)

    monkeypatch.setattr(autoencoder_training, "reconstruction_loss", evaluate)
    monkeypatch.setattr(autoencoder_training, "_losses", learn)
    config = AutoencoderConfig(**SMALL)
    model, curves = train_autoencoder(train, config, held)
    assert len(evaluated) == len(curves.held_out) == 4
    assert all(torch.equal(blocks, to_blocks(held)) for blocks in evaluated)
    assert curves.held_out[0] == reconstruction_loss(Autoencoder(config), to_blocks(held))
    known = {picture.numpy().tobytes() for picture in to_blocks(train)}
    assert len(trained) == 4
    assert all(picture.numpy().tobytes() in known for blocks in trained for picture in blocks)
    blind, _ = train_autoencoder(train, config)  # nothing held out: the same weights
    assert torch.equal(blind.encode(held), model.encode(held))


def test_a_prior_sees_training_latents_and_is_held_against_held_out_images(digits, classifier):
    """One trial rebuilt by hand from its split: what is fitted, drawn, decoded and compared."""
    config = AutoencoderConfig(**SMALL, latent=Vector(6), seed=4)
    matched = PriorSpec("matched")
    trial = Trial(config, (matched,), count=60, samples=50, draws=2, dataset="digits")
    outcome = run_trial(trial, classifier)
    train, held = split(trial)
    assert not {image.numpy().tobytes() for image in train} & {
        image.numpy().tobytes() for image in held
    }
    found = outcome.priors[matched]
    seed = spawn(spawn(config.seed, 4)[3], 4)[1]
    made = outcome.model.decode(
        MatchedPrior(Vector(6), outcome.model.encode(train)).sample(50, seed)
    )
    torch.testing.assert_close(found.pictures, made)
    real, features = classifier.features(held), classifier.features(found.pictures)
    assert found.score.value == pytest.approx(frechet_distance(real, features), rel=1e-9)
    assert found.manifold == precision_recall(real, features)
    again = classifier.features(outcome.model.decode(outcome.model.encode(held)))
    assert outcome.reconstruction.value == pytest.approx(frechet_distance(real, again), rel=1e-9)
    for score, others in ((found.score, features), (outcome.reconstruction, again)):
        error = frechet_bootstrap(real, others, 2).standard_error
        assert score.standard_error == pytest.approx(error, rel=1e-9)
    manifold = replace(found.manifold, precision=0.1, recall=0.2, density=0.3, coverage=0.4)
    marked = replace(outcome, priors={matched: replace(found, manifold=manifold)})
    row = score_row(marked, matched)
    scores = [row[name] for name in ("precision", "recall", "density", "coverage")]
    assert scores == [0.1, 0.2, 0.3, 0.4]
    assert (row["distance"], row["reconstruction"]) == (
        found.score.value,
        outcome.reconstruction.value,
    )
    assert (row["bootstrap sd"], row["nats"]) == (found.score.standard_error, outcome.nats)
    assert (row["N"], row["parameters"], row["prior"]) == (60, 6 + 21, "matched")


def test_images_batches_and_noise_of_a_trial_have_seeds_of_their_own(streams):
    config = AutoencoderConfig(**SMALL, latent=Vector(4), variational=True, seed=11)
    train_trial(Trial(config, (), count=60, dataset="digits"))
    ours = ("qdm_utils.images.data.mnist", "qdm_utils.images.encoders.training")
    seeds = [seed for module, seed in streams.drawn_from() if module in ours]
    # The order of the images, that of the batches, the noise.
    assert len(seeds) == len(set(seeds)) == 3


def test_fit_and_generation_of_every_prior_of_a_trial_have_seeds_of_their_own(streams, classifier):
    config = AutoencoderConfig(**SMALL, latent=States(2), seed=12)
    fit = FitConfig(updates=2, batch=20)
    specs = tuple(
        PriorSpec(name, 1, 1, budget=90, fit=fit)
        for name in ("matched", "plain", "chain", "network", "diffusion")
    )
    run_trial(Trial(config, specs, count=100, samples=40, draws=2, dataset="digits"), classifier)
    # The same subset is taken twice.
    twice = "qdm_utils.images.data.mnist"
    seeds = [seed for module, seed in streams.drawn_from() if module != twice]
    assert len(seeds) == len(set(seeds)) > 10


def test_a_chain_is_fitted_and_sampled_from_separate_streams(streams):
    states = States(2).plain(60, 1)
    step = MeasuredStep(2, 1, 2)
    streams.clear()
    chain = fit_chain(states, step, (2.0, 2.0), FitConfig(updates=2, batch=10), 5)
    chain.sample(20, 6)
    seeds = streams.seeds()
    # Diffusion, angles, batches, noise; noise and outcomes of the sample.
    assert len(seeds) == len(set(seeds)) == 6


def test_each_seed_starts_a_chain_from_its_own_noise():
    """Without ancillas nothing else is random: equal noise would give equal states."""
    step = MeasuredStep(2, 0, 1)
    chain = ChainPrior(step, torch.zeros(1, *step.circuit.shape))
    one, other = chain.sample(50, 1), chain.sample(50, 2)
    assert torch.equal(one, chain.sample(50, 1))
    overlap = (one.conj() * other).sum(-1).abs().square()
    assert overlap.mean().item() == pytest.approx(0.25, abs=0.12)  # Haar: sd of the mean .027
    assert overlap.max() < 0.99


@pytest.mark.parametrize(("changes", "count"), [({}, 2), ({"sampled": True, "together": False}, 3)])
def test_angles_data_and_outcomes_of_the_conditional_model_have_seeds_of_their_own(
    streams, clusters, changes, count
):
    plan = TrainingPlan(
        circuit=ConditionalCircuit(layers=(1, 1, 1)), updates=3, per_label=2, **changes
    )
    trained = train_conditional(plan, clusters, 1, 7)
    seeds = streams.seeds()
    assert len(seeds) == len(set(seeds)) == count  # one stream of data for all updates
    generate(trained.kraus(), plan.noise, 3, 7)  # from the same seed
    seeds = streams.seeds()
    assert len(seeds) == len(set(seeds)) == count + 2  # noise and outcomes of its own


def test_every_update_of_the_positive_autoencoder_sees_fresh_images_of_all(monkeypatch):
    images = torch.zeros(40, 28, 28)
    images[:, 0, 0] = torch.arange(40) / 40  # which image it is
    seen, encode = [], PositiveAutoencoder.latents

    def watched(model, batch):
        seen.append((40 * batch[:, 0, 0]).round().int().tolist())
        return encode(model, batch)

    monkeypatch.setattr(PositiveAutoencoder, "latents", watched)
    train_positive(images, PositiveConfig((2, 2, 2), 4, updates=12, batch=20, seed=3))
    assert {image for batch in seen for image in batch} == set(range(40))
    assert len({tuple(batch) for batch in seen}) == 12
    assert {len(batch) for batch in seen} == {20}


@pytest.mark.parametrize(
    ("module", "model", "train"),
    [
        (
            autoencoder_training,
            "PositiveAutoencoder",
            lambda images, _: train_positive(images, PositiveConfig((2, 2, 2), 4, updates=1)),
        ),
        (
            classifier_training,
            "Classifier",
            lambda *labelled: train_classifier(*labelled, ClassifierConfig(epochs=1)),
        ),
    ],
)
def test_weights_and_batches_have_seeds_of_their_own(digits, monkeypatch, module, model, train):
    weights = watch_seeds(monkeypatch, module, model)
    batches = watch_seeds(monkeypatch, module, "generator")
    train(digits.train[:20], digits.train_labels[:20])
    assert weights == [(0,)]
    assert (1,) in batches
    assert len(set(batches) - {(1,)}) == len(batches) - 1


def test_a_batch_is_drawn_from_all_rows_or_is_all_of_them():
    table, source = torch.arange(30.0)[:, None], generator(1)
    drawn = [draw_batch(table, 10, source)[:, 0].tolist() for _ in range(40)]
    assert {row for batch in drawn for row in batch} == set(range(30))
    assert len({tuple(batch) for batch in drawn}) == 40
    assert torch.equal(draw_batch(table, 30, source), table)
    assert drawn[0] == draw_batch(table, 10, generator(1))[:, 0].tolist()


def test_labels_of_both_parts_of_the_digits_belong_to_their_pictures(digits):
    from sklearn.datasets import load_digits

    bunch = load_digits()
    small = torch.from_numpy(bunch.images / 16).float()[:, None]
    pixels = torch.nn.functional.interpolate(
        small, size=(28, 28), mode="bilinear", align_corners=False
    )[:, 0]
    label = {
        picture.numpy().tobytes(): int(target)
        for picture, target in zip(pixels, bunch.target, strict=True)
    }
    for pictures, labels in (
        (digits.train, digits.train_labels),
        (digits.test, digits.test_labels),
    ):
        assert [label[picture.numpy().tobytes()] for picture in pictures] == labels.tolist()
    assert len(label) == len(digits.train) + len(digits.test) == 1797
