"""Variational encoders."""

import pytest
import torch

from qdm_utils.images import load_images
from qdm_utils.images.encoders import (
    Autoencoder,
    AutoencoderConfig,
    to_blocks,
    train_autoencoder,
)
from qdm_utils.images.encoders.autoencoder import posterior
from qdm_utils.images.encoders.training import _losses, prior_divergence
from qdm_utils.images.geometry import Sphere, States, Vector
from qdm_utils.qubits.generation import (
    log_density,
)
from qdm_utils.randomness import generator

SMALL = {"updates": 4, "batch": 16, "channels": (4, 4, 4)}


@pytest.mark.parametrize("latent", [States(4), Sphere(30), Vector(30), Vector(16)], ids=str)
def test_variational_latents_are_drawn_on_their_space(latent):
    config = AutoencoderConfig(latent=latent, variational=True, **SMALL)
    images = load_images("digits").train[:64]
    model, curves = train_autoencoder(images, config)
    latents = model.encode(images)
    assert curves.penalty[0] > 0
    if latent.unit_norm:
        torch.testing.assert_close(latents.abs().square().sum(-1), torch.ones(64))
    encoded = torch.zeros(5, 2 * model.posterior_size)
    encoded[:, model.posterior_size :] = -100.0  # no variance: a draw is the mean
    encoded[:, 0] = 2.0
    noise = torch.ones(5, model.posterior_size)
    torch.testing.assert_close(
        model.latents(encoded, noise), model.latents(encoded), atol=0.05, rtol=0
    )


def test_a_draw_from_a_posterior_is_its_mean_and_so_many_deviations():
    model = Autoencoder(AutoencoderConfig(latent=Vector(2), variational=True))
    encoded = torch.tensor([[1.0, -2.0, 0.3, -0.4]])
    mean, log_variance = posterior(encoded)
    noise = torch.tensor([[0.5, 3.0]])
    assert torch.allclose(model.latents(encoded, noise), mean + noise * log_variance.exp().sqrt())


def test_the_density_of_a_circuit_joins_the_divergence_of_a_batch():
    model = Autoencoder(
        AutoencoderConfig(latent=States(2), variational=True, circuit=(1, 2), channels=(4, 4, 4))
    )
    blocks = to_blocks(torch.rand(7, 28, 28, generator=generator(1)).round())
    reconstruction, penalty = _losses(model, blocks, generator(2))
    encoded = model.encoded(blocks)
    latents = model.latents(encoded, torch.randn(7, 8, generator=generator(2)))
    density = log_density(model.step.kraus(model.angles), latents).mean()
    torch.testing.assert_close(penalty, prior_divergence(encoded) - density)
    pixels = torch.distributions.Bernoulli(logits=model.logits(latents))
    torch.testing.assert_close(reconstruction, -pixels.log_prob(blocks).sum() / 7)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"variational": True, "penalty": 1.0}, "penalty"),
        ({"circuit": (1, 2)}, "circuit"),
        ({"circuit": (1, 2), "variational": True, "latent": Sphere(6)}, "circuit"),
    ],
)
def test_what_does_not_go_together_is_refused(given, name):
    with pytest.raises(ValueError, match=f"Argument `{name}` must"):
        AutoencoderConfig(**given)


@pytest.mark.slow
def test_a_circuit_trained_along_becomes_likely_for_the_latents_of_its_encoder():
    images = load_images("digits").train
    config = AutoencoderConfig(
        **SMALL | {"updates": 150, "batch": 64},
        latent=States(2),
        variational=True,
        circuit=(1, 4),
        seed=5,
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
