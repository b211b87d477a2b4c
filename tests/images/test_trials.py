"""A trial from images to scores, and the variational encoders of every kind."""

import pytest
import torch

from qdm_utils.images.autoencoder import AutoencoderConfig
from qdm_utils.images.autoencoder_training import train_autoencoder
from qdm_utils.images.classifier import ClassifierConfig, train_classifier
from qdm_utils.images.trials import PRIORS, PriorSpec, Trial, loaded, run_trial

SMALL = {"updates": 4, "batch": 16, "channels": (4, 4, 4)}


@pytest.fixture(scope="module")
def classifier():
    images = loaded("digits", None)
    return train_classifier(images.train[:200], images.train_labels[:200], ClassifierConfig(epochs=1, batch=50))[0]


def test_a_trial_scores_every_prior_and_repeats_itself(classifier):
    from qdm_utils.images.priors import FitConfig

    config = AutoencoderConfig(**SMALL, variational=True, circuit=(1, 2), seed=3)
    specs = tuple(PriorSpec(name, 1, 2, budget=120, fit=FitConfig(updates=2, batch=20)) for name in PRIORS)
    trial = Trial("all", config, specs, count=100, samples=40, draws=2, dataset="digits")
    first, again = run_trial(trial, classifier), run_trial(trial, classifier)
    assert [scored.spec.name for scored in first.scored] == list(PRIORS)
    assert [scored.score for scored in first.scored] == [scored.score for scored in again.scored]
    assert all(scored.parameters <= 255 and scored.score.n == (40, 40) for scored in first.scored)
    assert [scored.strip is not None for scored in first.scored] == [name in ("likely", "chain", "learned") for name in PRIORS]


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
    torch.testing.assert_close(model.latents(encoded, noise), model.latents(encoded), atol=0.05, rtol=0)


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
