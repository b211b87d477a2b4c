"""A trial from images to scores, and the variational encoders of every kind."""

from dataclasses import replace

import pytest
import torch

from qdm_utils.images.encoders import Autoencoder, AutoencoderConfig, train_autoencoder
from qdm_utils.images.geometry import plain_prior
from qdm_utils.images.scores import ClassifierConfig, train_classifier
from qdm_utils.images.trials import (
    PRIORS,
    PriorSpec,
    Trial,
    deepest_circuit,
    loaded,
    run_trial,
    split,
    train_trial,
)
from qdm_utils.qubits.generation import log_density
from qdm_utils.randomness import spawn

SMALL = {"updates": 4, "batch": 16, "channels": (4, 4, 4)}


@pytest.fixture(scope="module")
def classifier():
    images = loaded("digits", None)
    return train_classifier(
        images.train[:200], images.train_labels[:200], ClassifierConfig(epochs=1, batch=50)
    )[0]


def test_a_trial_scores_every_prior_and_repeats_itself(classifier):
    from qdm_utils.images.priors import FitConfig

    config = AutoencoderConfig(**SMALL, variational=True, circuit=(1, 2), seed=3)
    specs = tuple(
        PriorSpec(name, 1, 2, budget=120, fit=FitConfig(updates=2, batch=20)) for name in PRIORS
    )
    trial = Trial("all", config, specs, count=100, samples=40, draws=2, dataset="digits")
    first, again = run_trial(trial, classifier), run_trial(trial, classifier)
    assert [scored.spec.name for scored in first.scored] == list(PRIORS)
    assert [scored.score for scored in first.scored] == [scored.score for scored in again.scored]
    assert all(scored.score.n == (40, 40) for scored in first.scored)
    circuit = 2 * (4 + 1) * 2  # angles of two layers on four qubits and an ancilla
    # Matched: d² − 1. Network of 32 reals and denoiser of 31, one hidden unit each; one component of 31 means and deviations.
    expected = {"plain": 0, "matched": 255, "likely": circuit, "chain": circuit, "learned": circuit}
    expected |= {"network": 65 + 32, "diffusion": 65 + 31, "mixture": 62}
    assert {scored.spec.name: scored.parameters for scored in first.scored} == expected
    assert [scored.strip is not None for scored in first.scored] == [
        name in ("likely", "chain", "learned") for name in PRIORS
    ]


@pytest.mark.parametrize("kind", ["quantum", "sphere", "gaussian", "vae"])
def test_variational_latents_are_drawn_on_their_space(kind):
    config = AutoencoderConfig(kind=kind, variational=kind != "vae", **SMALL)
    images = loaded("digits", None).train[:64]
    model, curves = train_autoencoder(images, config)
    latents = model.encode(images)
    assert curves.penalty[0] > 0
    if kind in ("quantum", "sphere"):
        torch.testing.assert_close(latents.abs().square().sum(-1), torch.ones(64))
    encoded = torch.zeros(5, 2 * model.drawn)
    encoded[:, model.drawn :] = -100.0  # no variance: a draw is the mean
    encoded[:, 0] = 2.0
    noise = torch.ones(5, model.drawn)
    torch.testing.assert_close(
        model.latents(encoded, noise), model.latents(encoded), atol=0.05, rtol=0
    )


@pytest.mark.parametrize(
    ("given", "name"),
    [({"variational": True, "penalty": 1.0}, "variational"), ({"circuit": (1, 2)}, "circuit")],
)
def test_what_does_not_go_together_is_refused(given, name):
    with pytest.raises(ValueError, match=f"Argument `{name}` must"):
        AutoencoderConfig(**given)


def test_a_trial_wants_a_known_prior():
    with pytest.raises(ValueError, match="Argument `name` must be one of"):
        PriorSpec("best")


def test_choices_are_made_on_training_images_that_nothing_is_trained_on():
    images = loaded("digits", None)
    config = AutoencoderConfig(**SMALL)
    train, held = split(Trial("choice", config, (), validation=200, samples=150, dataset="digits"))
    assert torch.equal(train, images.train[:-200])
    assert len(held) == 150
    assert all((images.train[-200:] == picture).flatten(1).all(1).any() for picture in held[::10])
    assert torch.equal(held[[0, -1]], images.train[[-200, -1]])  # spread over all of them
    train, held = split(Trial("choice", config, (), validation=10**6, dataset="digits"))
    assert (len(train), len(held)) == (
        len(images.train) - len(images.train) // 4,
        len(images.train) // 4,
    )
    train, held = split(Trial("contest", config, (), count=50, dataset="digits"))
    assert len(train) == 50
    assert torch.equal(held, images.test)


def test_the_loss_is_that_of_held_out_images(classifier):
    trial = Trial(
        "loss", AutoencoderConfig(**SMALL), (), count=20, samples=100, draws=2, dataset="digits"
    )
    outcome = run_trial(trial, classifier)
    held = split(trial)[1]
    again = outcome.model.decode(outcome.model.encode(held)).clamp(1e-6, 1 - 1e-6)
    expected = torch.nn.functional.binary_cross_entropy(again, held, reduction="sum").item() / 100
    assert outcome.nats == pytest.approx(expected, rel=1e-3)


def test_a_model_trained_beforehand_gives_the_same_outcome(classifier):
    trial = Trial(
        "early",
        AutoencoderConfig(**SMALL, seed=4),
        (PriorSpec("matched"),),
        count=50,
        samples=40,
        draws=2,
        dataset="digits",
    )
    other = replace(trial, autoencoder=replace(trial.autoencoder, seed=5))
    at_once, early = run_trial(trial, classifier), run_trial(trial, classifier, train_trial(trial))
    assert at_once.scored[0].score == early.scored[0].score
    assert at_once.reconstruction == early.reconstruction
    assert run_trial(trial, classifier, train_trial(other)).reconstruction != at_once.reconstruction


@pytest.mark.parametrize("phase", [False, True])
def test_pictures_are_decoded_with_the_phase_as_it_comes_where_that_is_asked_for(classifier, phase):
    config = AutoencoderConfig(**SMALL, seed=2)
    trial = Trial(
        "phase",
        config,
        (PriorSpec("plain", phase=phase),),
        count=50,
        samples=40,
        draws=2,
        dataset="digits",
    )
    outcome = run_trial(trial, classifier)
    (found,) = outcome.scored
    draw_seed = spawn(spawn(config.seed, 4)[3], 4)[1]
    states = plain_prior("quantum", 4, 40, draw_seed)
    torch.testing.assert_close(found.pictures, outcome.model.decode(states, gauge=not phase))
    assert not torch.allclose(found.pictures, outcome.model.decode(states, gauge=phase), atol=1e-3)
    assert found.strip is None


def test_a_circuit_trained_along_becomes_likely_for_the_latents_of_its_encoder():
    images = loaded("digits", None).train
    config = AutoencoderConfig(
        **SMALL | {"updates": 150, "batch": 64}, n=2, variational=True, circuit=(1, 4), seed=5
    )
    model, curves = train_autoencoder(images, config)
    start = Autoencoder(config).angles
    assert (model.angles - start).abs().max() > 0.2
    latents = model.encode(images)
    before, after = (
        log_density(model.step.kraus(angles), latents).mean().item()
        for angles in (start, model.angles)
    )
    assert after > max(before, 0.0) + 0.05
    assert curves.loss[-10:].mean() < curves.loss[:10].mean()


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
