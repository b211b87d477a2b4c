"""A trial from images to scores."""

from dataclasses import replace

import pytest
import torch

from qdm_utils.images.encoders import (
    Autoencoder,
    AutoencoderConfig,
)
from qdm_utils.images.geometry import States, Vector
from qdm_utils.images.priors import FitConfig
from qdm_utils.images.scores import (
    ClassifierConfig,
    train_classifier,
)
from qdm_utils.images.trials import (
    PRIORS,
    Arrangement,
    PriorSpec,
    Trial,
    by_arrangement,
    cached_images,
    dataset_classifier,
    deepest_circuit,
    run_trial,
    split,
    train_trial,
)
from qdm_utils.images.trials.trial import make_prior
from qdm_utils.randomness import spawn

MATCHED = PriorSpec("matched")
PLAIN = PriorSpec("plain")
SMALL = {"updates": 4, "batch": 16, "channels": (4, 4, 4)}


@pytest.fixture(scope="module")
def classifier():
    images = cached_images("digits", None)
    return train_classifier(
        images.train[:200], images.train_labels[:200], ClassifierConfig(epochs=1, batch=50)
    )[0]


@pytest.mark.slow
def test_a_trial_scores_every_prior_and_repeats_itself(classifier):
    config = AutoencoderConfig(**SMALL, variational=True, circuit=(1, 2), seed=3)
    specs = tuple(
        PriorSpec(name, 1, 2, budget=120, fit=FitConfig(updates=2, batch=20)) for name in PRIORS
    )
    trial = Trial(config, specs, count=100, samples=40, draws=2, dataset="digits")
    first, again = run_trial(trial, classifier), run_trial(trial, classifier)
    assert tuple(first.priors) == tuple(again.priors) == specs
    assert all(first.priors[spec].score == again.priors[spec].score for spec in specs)
    assert all(scored.score.n == (40, 40) for scored in first.priors.values())
    assert first.images == 100
    circuit = 2 * (4 + 1) * 2  # angles of two layers on four qubits and an ancilla
    # Matched: d² − 1. Network of 32 reals and denoiser of 31, one hidden unit each; one component
    # of 31 means and deviations.
    expected = {"plain": 0, "matched": 255, "likely": circuit, "chain": circuit, "learned": circuit}
    expected |= {"network": 65 + 32, "diffusion": 65 + 31, "mixture": 62}
    assert {spec.name: scored.parameters for spec, scored in first.priors.items()} == expected
    with_strip = {spec.name for spec, scored in first.priors.items() if scored.strip is not None}
    assert with_strip == {"likely", "chain", "learned"}


def test_the_classifier_of_a_data_set_has_seen_its_training_images_alone(monkeypatch):
    seen = []

    def train(images, labels, config):
        seen.append((images, labels))
        return "classifier", None

    monkeypatch.setattr("qdm_utils.images.trials.trial.train_classifier", train)
    assert dataset_classifier("digits", None, ClassifierConfig(epochs=1)) == "classifier"
    images = cached_images("digits", None)
    ((pictures, labels),) = seen
    assert pictures is images.train
    assert labels is images.train_labels


def test_a_trial_wants_a_known_prior():
    with pytest.raises(ValueError, match="Argument `name` must be one of"):
        PriorSpec("best")


def test_choices_are_made_on_training_images_that_nothing_is_trained_on():
    images = cached_images("digits", None)
    config = AutoencoderConfig(**SMALL)
    train, held = split(Trial(config, (), validation=200, samples=150, dataset="digits"))
    assert torch.equal(train, images.train[:-200])
    assert len(held) == 150
    assert all((images.train[-200:] == picture).flatten(1).all(1).any() for picture in held[::10])
    assert torch.equal(held[[0, -1]], images.train[[-200, -1]])  # spread over all of them
    train, held = split(Trial(config, (), validation=10**6, dataset="digits"))
    assert (len(train), len(held)) == (
        len(images.train) - len(images.train) // 4,
        len(images.train) // 4,
    )
    train, held = split(Trial(config, (), count=50, dataset="digits"))
    assert len(train) == 50
    assert torch.equal(held, images.test)


def test_the_loss_is_that_of_held_out_images(classifier):
    trial = Trial(AutoencoderConfig(**SMALL), (), count=20, samples=100, draws=2, dataset="digits")
    outcome = run_trial(trial, classifier)
    held = split(trial)[1]
    again = outcome.model.decode(outcome.model.encode(held)).clamp(1e-6, 1 - 1e-6)
    expected = torch.nn.functional.binary_cross_entropy(again, held, reduction="sum").item() / 100
    assert outcome.nats == pytest.approx(expected, rel=1e-3)


def test_a_model_trained_beforehand_gives_the_same_outcome(classifier):
    trial = Trial(
        AutoencoderConfig(**SMALL, seed=4),
        (MATCHED,),
        count=50,
        samples=40,
        draws=2,
        dataset="digits",
    )
    other = replace(trial, autoencoder=replace(trial.autoencoder, seed=5))
    at_once, early = run_trial(trial, classifier), run_trial(trial, classifier, train_trial(trial))
    assert at_once.priors[MATCHED].score == early.priors[MATCHED].score
    assert at_once.reconstruction == early.reconstruction
    assert run_trial(trial, classifier, train_trial(other)).reconstruction != at_once.reconstruction


@pytest.mark.parametrize("phase", [False, True])
def test_pictures_are_decoded_with_the_phase_as_it_comes_where_that_is_asked_for(classifier, phase):
    config = AutoencoderConfig(**SMALL, seed=2)
    trial = Trial(
        config,
        (PriorSpec("plain", phase=phase),),
        count=50,
        samples=40,
        draws=2,
        dataset="digits",
    )
    outcome = run_trial(trial, classifier)
    (found,) = outcome.priors.values()
    draw_seed = spawn(spawn(config.seed, 4)[3], 4)[1]
    states = States(4).plain(40, draw_seed)
    torch.testing.assert_close(found.pictures, outcome.model.decode(states, gauge=not phase))
    assert not torch.allclose(found.pictures, outcome.model.decode(states, gauge=phase), atol=1e-3)
    assert found.strip is None


@pytest.mark.parametrize(
    ("ancillas", "budget", "steps", "layers"), [(2, 120, 1, 12), (3, 504, 1, 42), (1, 504, 4, 15)]
)
def test_the_deepest_circuit_spends_its_budget_and_no_more(ancillas, budget, steps, layers):
    spec = deepest_circuit(3, ancillas, budget, steps)
    angles = 2 * (3 + ancillas) * spec.layers * len(spec.schedule)
    assert spec.layers == layers
    assert angles <= budget < angles + 2 * (3 + ancillas) * steps
    with pytest.raises(ValueError, match="Argument `budget` must be ≥"):
        deepest_circuit(3, ancillas, 5, steps)


def test_results_are_found_by_what_was_done(classifier):
    """Two seeds of one arrangement come together, another number of images or another encoder does
    not."""
    config = AutoencoderConfig(**SMALL, latent=Vector(4))
    common = {"samples": 40, "draws": 2, "dataset": "digits"}
    trials = [
        Trial(replace(config, seed=1), (MATCHED,), count=50, **common),
        Trial(replace(config, seed=2), (MATCHED, PLAIN), count=50, **common),
        Trial(replace(config, seed=1), (MATCHED,), count=60, **common),
        Trial(replace(config, seed=1, variational=True), (MATCHED,), count=50, **common),
    ]
    results = [run_trial(trial, classifier) for trial in trials]
    found = by_arrangement(results)
    assert found[Arrangement(config, MATCHED, 50)] == [
        results[0].priors[MATCHED],
        results[1].priors[MATCHED],
    ]
    assert found[Arrangement(config, PLAIN, 50)] == [results[1].priors[PLAIN]]
    assert found[Arrangement(config, MATCHED, 60)] == [results[2].priors[MATCHED]]
    assert len(found) == 4


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"count": 0}, "count"),
        ({"count": 1}, "count"),
        ({"priors": (MATCHED, MATCHED)}, "priors"),
        ({"draws": 1}, "draws"),
    ],
)
def test_a_trial_that_cannot_be_meant_is_refused(given, name):
    with pytest.raises(ValueError, match=f"Argument `{name}` must"):
        Trial(**{"autoencoder": AutoencoderConfig(), "priors": ()} | given)


@pytest.mark.parametrize(
    ("spec", "label"),
    [
        (PriorSpec("likely"), "circuit, n_a = 2"),
        (PriorSpec("chain", 1, schedule=(3.0,) * 4), "circuit, MMD, n_a = 1, T = 4"),
        (PriorSpec("learned"), "circuit, trained along"),
        (PriorSpec("network", schedule=(3.0,) * 4), "network, MMD"),
        *((PriorSpec(name), name) for name in ("plain", "matched", "diffusion", "mixture")),
    ],
)
def test_a_label_names_steps_where_there_are_several_and_ancillas_of_circuits(spec, label):
    assert spec.label == label
    assert replace(spec, phase=True).label == f"{label}, phase kept"


def test_a_strip_follows_noise_of_its_own_through_the_circuit(classifier):
    config = AutoencoderConfig(**SMALL, latent=States(2), seed=2)
    spec = PriorSpec("likely", 1, 1, schedule=(3.0,) * 2, fit=FitConfig(updates=2))
    trial = Trial(config, (spec,), count=50, samples=40, draws=2, dataset="digits")
    outcome = run_trial(trial, classifier)
    fit_seed, _, noise_seed, outcome_seed = spawn(spawn(config.seed, 4)[3], 4)
    latents = outcome.model.encode(split(trial)[0])
    path = make_prior(outcome.model, latents, spec, fit_seed).path(
        States(2).plain(12, noise_seed), outcome_seed
    )
    assert len(path) == 3
    found = outcome.priors[spec].strip
    torch.testing.assert_close(found, torch.stack([outcome.model.decode(x) for x in path]))


def test_a_circuit_trained_along_wants_an_autoencoder_with_one():
    model = Autoencoder(AutoencoderConfig(**SMALL))
    with pytest.raises(ValueError, match='Argument `name` must not be "learned" for'):
        make_prior(model, States(4).plain(5, 1), PriorSpec("learned"), 1)


def test_circuits_are_for_states(classifier):
    trial = Trial(
        AutoencoderConfig(**SMALL, latent=Vector(4)),
        (PriorSpec("likely", 1, 1),),
        count=50,
        samples=40,
        draws=2,
        dataset="digits",
    )
    with pytest.raises(ValueError, match="Argument `name` must be a classical prior"):
        run_trial(trial, classifier)
