import dataclasses
from itertools import islice

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy, conv2d, conv_transpose2d, pad

from qdm_utils.images import (
    Autoencoder,
    AutoencoderConfig,
    load_images,
    parameter_count,
    train_autoencoder,
)
from qdm_utils.images.encoders import PositiveConfig, to_blocks, train_positive
from qdm_utils.images.encoders.autoencoder import from_blocks, posterior
from qdm_utils.images.encoders.training import _batches, prior_divergence
from qdm_utils.images.geometry import Sphere, Vector
from qdm_utils.qubits import haar_states
from qdm_utils.randomness import generator

SHORT = AutoencoderConfig(
    channels=(8, 8, 16), updates=120, batch=64, learning_rate=1e-2, kl_weight=0.1
)


LATENTS = {  # what is changed of a configuration
    "states": {},
    "sphere": {"latent": Sphere(30)},
    "vector": {"latent": Vector(30)},
    "vae": {"latent": Vector(16), "variational": True},
}


@pytest.fixture(scope="module")
def digits():
    return load_images("digits")


@pytest.fixture(scope="module")
def trained(digits):
    return {
        name: train_autoencoder(digits.train, dataclasses.replace(SHORT, **changes), digits.test)
        for name, changes in LATENTS.items()
    }


def random_phases(count: int) -> torch.Tensor:
    angles = torch.rand(count, 1, generator=torch.Generator().manual_seed(1)) * 2 * torch.pi
    return torch.polar(torch.ones_like(angles), angles)


def test_block_order_is_undone_and_keeps_patches_together():
    images = torch.rand(3, 28, 28, generator=generator(1))
    assert torch.equal(from_blocks(to_blocks(images)), images)
    image = torch.zeros(1, 28, 28)
    image[0, 4:8, 8:12] = 1.0  # block (1, 2) of 4×4
    assert to_blocks(image)[0].nonzero().flatten().tolist() == list(range(16 * 9, 16 * 10))
    assert torch.equal(to_blocks(torch.eye(28)[None])[0, :4], torch.tensor([1.0, 0, 0, 1]))


def test_the_layers_are_convolutions_of_stride_2_and_their_mirror_image():
    """The matrix products in block order against torch's own convolutions with the same weights."""
    model = Autoencoder(AutoencoderConfig(latent=Vector(30), channels=(3, 4, 5), seed=2))
    images = torch.rand(2, 28, 28, generator=generator(1))
    x = images[:, None]
    for layer, channels in zip(model.down[:3], (1, 3, 4), strict=True):
        kernels = layer.weight.view(-1, 2, 2, channels).permute(0, 3, 1, 2)
        x = torch.relu(conv2d(pad(x, (0, x.shape[-1] % 2) * 2), kernels, layer.bias, stride=2))
    expected = model.down[3](x.permute(0, 2, 3, 1).flatten(1))
    latents = model.encode(images)
    assert torch.allclose(latents, expected, atol=1e-6)
    x = torch.relu(model.up[0](latents)).view(2, 4, 4, 5).permute(0, 3, 1, 2)
    for layer, channels, side in zip(model.up[1:], (4, 3, 1), (7, 14, 28), strict=True):
        kernels = layer.weight.view(2, 2, channels, -1).permute(3, 2, 0, 1)
        biases = (
            layer.bias.view(2, 2, channels).permute(2, 0, 1).repeat(1, x.shape[-1], x.shape[-1])
        )
        x = (conv_transpose2d(x, kernels, stride=2) + biases)[..., :side, :side]
        x = torch.relu(x) if side < 28 else x
    assert torch.allclose(model.decode(latents), x[:, 0].sigmoid(), atol=1e-6)


@pytest.mark.slow
def test_states_are_normalised_with_their_phase_fixed(trained, digits):
    states = trained["states"][0].encode(digits.test)
    assert states.dtype == torch.complex64
    assert states.shape == (500, 16)
    assert torch.allclose(torch.linalg.vector_norm(states, dim=1), torch.ones(500), atol=1e-6)
    assert (states[:, 0].imag == 0).all()
    assert (states[:, 0].real >= 0).all()
    points = trained["sphere"][0].encode(digits.test)
    assert points.shape == (500, 31)
    assert torch.allclose(torch.linalg.vector_norm(points, dim=1), torch.ones(500), atol=1e-6)
    assert trained["vector"][0].encode(digits.test).shape == (500, 30)
    assert trained["vae"][0].encode(digits.test).shape == (500, 16)


@pytest.mark.slow
def test_the_decoder_does_not_see_the_global_phase_unless_the_gauge_is_off(trained):
    model, states = trained["states"][0], haar_states(200, 4, seed=3, dtype=torch.complex64)
    turned = states * random_phases(200)
    assert torch.allclose(model.decode(turned), model.decode(states), atol=1e-4)
    assert (model.decode(turned, gauge=False) - model.decode(states, gauge=False)).abs().max() > 0.1
    free = Autoencoder(AutoencoderConfig(gauge=False))
    assert (free.decode(turned) - free.decode(states)).abs().max() > 1e-3
    assert free.encode(torch.rand(50, 28, 28, generator=generator(1)))[:, 0].imag.abs().max() > 0


@pytest.mark.slow
def test_training_learns_and_the_curves_say_so(trained, digits):
    # What the mean of the training images scores: a latent that says nothing.
    everywhere = digits.train.mean(0).expand_as(digits.test)
    plain = binary_cross_entropy(everywhere, digits.test, reduction="sum").item() / 500
    for kind, (model, curves) in trained.items():
        assert curves.loss.shape == curves.reconstruction.shape == curves.penalty.shape == (120,)
        assert curves.reconstruction[-10:].mean() < plain, kind
        assert curves.held_out[-1] < plain < curves.held_out[0], kind
        assert curves.evaluated[[0, -1]].tolist() == [0, 119]
        assert curves.epochs == 120 * 64 / 1297
        assert not any(weights.requires_grad for weights in model.parameters())
        weight = 0.1 if kind == "vae" else 0.0
        assert np.allclose(curves.loss, curves.reconstruction + weight * curves.penalty)
        pictures = model.decode(model.encode(digits.test))
        assert (pictures - digits.test).square().mean() < 0.95 * (
            everywhere - digits.test
        ).square().mean(), kind


def test_the_same_seed_gives_the_same_weights_and_another_does_not(digits):
    config = AutoencoderConfig(**LATENTS["vae"], updates=3, batch=32, seed=5)
    state = torch.get_rng_state()
    one, two = (
        train_autoencoder(digits.train, config)[0].decode(torch.ones(1, 16)) for _ in range(2)
    )
    other = train_autoencoder(digits.train, dataclasses.replace(config, seed=6))[0].decode(
        torch.ones(1, 16)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert torch.equal(torch.get_rng_state(), state)  # nobody else's draws are moved
    child = np.random.SeedSequence(1).spawn(1)[0]
    assert train_autoencoder(digits.train, dataclasses.replace(config, seed=child))[
        1
    ].loss.shape == (3,)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["states", "sphere", "vector"])
def test_the_penalty_pulls_the_ensemble_to_its_prior(trained, digits, name):
    config = dataclasses.replace(SHORT, **LATENTS[name], penalty=1e4, updates=60)
    _, curves = train_autoencoder(digits.train, config)
    free = config.latent.penalty(trained[name][0].encode(digits.train[:640])).item()
    assert curves.penalty[-10:].mean() < 0.5 * free
    assert np.allclose(curves.loss, curves.reconstruction + 1e4 * curves.penalty, rtol=1e-4)


def test_the_divergence_of_the_vae_is_that_of_gaussians():
    encoded = torch.tensor([[0.3, -1.0, 0.5, -0.2]])
    mean, log_variance = posterior(encoded)
    assert torch.equal(mean, encoded[:, :2])
    assert torch.allclose(log_variance, encoded[:, 2:], atol=1e-3)
    one = torch.distributions.Normal(mean, (log_variance / 2).exp())
    expected = torch.distributions.kl_divergence(one, torch.distributions.Normal(0.0, 1.0)).sum()
    assert torch.allclose(prior_divergence(encoded), expected)
    assert torch.allclose(
        prior_divergence(encoded.repeat(5, 1)), expected
    )  # for each image, not for the batch
    model = Autoencoder(AutoencoderConfig(latent=Vector(2), variational=True))
    drawn = model.latents(
        encoded.repeat(20000, 1), torch.randn(20000, 2, generator=torch.Generator().manual_seed(1))
    )
    assert torch.allclose(drawn.std(0), one.stddev[0], rtol=0.03)


def test_the_twins_have_nearly_equal_parameters():
    counts = {
        name: parameter_count(Autoencoder(AutoencoderConfig(**changes)))
        for name, changes in LATENTS.items()
    }
    # The VAE's decoder reads 2ⁿ numbers where that of the states reads 2·2ⁿ.
    assert counts["vae"] == counts["states"] - 16 * 1024
    del counts["vae"]
    assert max(counts.values()) < 1.05 * min(counts.values())
    quantum = 4 * 16 + 16 + 64 * 32 + 32 + 128 * 64 + 64 + 1024 * 32 + 32
    quantum += 32 * 1024 + 1024 + 64 * 128 + 128 + 32 * 64 + 64 + 16 * 4 + 4
    assert counts["states"] == quantum


@pytest.mark.parametrize("count", [8, 10])
def test_batches_hold_no_image_twice_and_show_all(count):
    order = torch.Generator().manual_seed(1)
    batches = list(islice(_batches(count, 4, order), 40))
    assert all(len(set(batch.tolist())) == 4 for batch in batches)
    assert all(not set(batches[i].tolist()) & set(batches[i + 1].tolist()) for i in range(0, 40, 2))
    assert set(torch.cat(batches).tolist()) == set(range(count))


def test_few_images_make_small_batches(digits):
    _, curves = train_autoencoder(digits.train[:20], AutoencoderConfig(updates=4))
    assert curves.epochs == 4
    assert np.isnan(curves.held_out).all()
    assert (curves.penalty == 0).all()  # nor is one computed that nothing asks for
    assert np.array_equal(curves.loss, curves.reconstruction)
    assert curves.evaluated.tolist() == [0, 1, 2, 3]


def test_wrong_arguments_are_refused_at_once():
    cases = [
        ({"latent": "states"}, "Argument `latent` must be a geometry"),
        ({"penalty": 1.0, "variational": True}, "Argument `penalty` must be 0 for a variational"),
        ({"penalty": -1.0}, "Argument `penalty` must be ≥ 0"),
        ({"channels": (16, 32)}, "Argument `channels` must be three"),
        ({"channels": 16}, "Argument `channels` must be three"),
        ({"channels": "abc"}, "Argument `channels` must be three"),
        ({"updates": 0}, "Argument `updates` must be a whole number ≥ 1"),
        ({"seed": -1}, "Argument `seed` must be"),
    ]
    for arguments, message in cases:
        with pytest.raises(ValueError, match=message):
            AutoencoderConfig(**arguments)
    with pytest.raises(ValueError, match="Argument `images` must be two or more, but got 1"):
        train_autoencoder(torch.zeros(1, 28, 28), AutoencoderConfig())
    with pytest.raises(ValueError, match="Argument `images` must be one or more, but got 0"):
        train_positive(torch.zeros(0, 28, 28), PositiveConfig())
    model = Autoencoder(AutoencoderConfig())
    with pytest.raises(ValueError, match="Argument `latents` must be complex"):
        model.decode(torch.ones(1, 16))
    with pytest.raises(ValueError, match="Argument `latents` must have shape"):
        model.decode(torch.ones(1, 8, dtype=torch.complex64))
    with pytest.raises(ValueError, match="Argument `images` must have shape"):
        model.encode(torch.zeros(1, 32, 32))
    with pytest.raises(ValueError, match=r"Argument `images` must lie in \[0, 1\], but got 255"):
        model.encode(torch.full((1, 28, 28), 255.0))
