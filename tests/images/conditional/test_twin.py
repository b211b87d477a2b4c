"""The classical models of the same latents."""

from math import cos, pi

import pytest
import torch

from qdm_utils.images.conditional import (
    LatentTwin,
    TrainedTwin,
    gaussian_prior,
    normalised,
    sample_twin,
    train_twin,
)
from qdm_utils.images.conditional import twin as twin_module
from qdm_utils.randomness import generator, spawn
from tests.seeds import watch_seeds


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


class Noisy(LatentTwin):
    """Knows the answer where all latents lie at their centre: whatever is not signal is noise."""

    def noise(self, weights, vectors, labels, steps):
        return vectors / (1 - self.kept[steps]).sqrt()[..., None]


def test_a_training_depends_on_its_seed_alone(clusters):
    twin = LatentTwin(size=8, hidden=2, steps=3)
    one, again, other = (
        train_twin(twin, clusters, runs=2, seed=seed, updates=3).weights for seed in (4, 4, 5)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_the_network_reads_latent_label_and_the_angle_of_the_step():
    twin = LatentTwin(hidden=2, steps=4, size=3)
    source = generator(1)
    weights = torch.randn(1, twin.parameter_count, generator=source)
    vectors, labels = (torch.randn(1, 5, size, generator=source) for size in (3, 10))
    steps = torch.tensor([[1, 2, 3, 4, 2]])
    angles = torch.tensor([1, 2, 3, 4, 2])[None, :, None] * pi / 4
    read = torch.cat((vectors, labels, angles.cos(), angles.sin()), -1)
    found = twin.noise(weights, vectors, labels, steps)
    torch.testing.assert_close(found, twin.network(weights, read))


def test_first_weights_of_a_twin_have_a_deviation_of_three_tenths(clusters, monkeypatch):
    seen = []
    noise = LatentTwin.noise

    def watched(self, weights, *others):
        seen.append(weights.detach().clone())
        return noise(self, weights, *others)

    monkeypatch.setattr(LatentTwin, "noise", watched)
    train_twin(LatentTwin(), clusters, runs=2, seed=4, updates=1)
    normal = torch.randn(2, 1110, generator=generator(spawn(4, 2)[0]))
    assert torch.equal(seen[0], 0.3 * normal)


def test_first_weights_and_data_of_a_twin_come_from_streams_of_their_own(clusters, monkeypatch):
    drawn_from = watch_seeds(monkeypatch, twin_module, "generator")
    train_twin(LatentTwin(size=8, hidden=2, steps=3), clusters, runs=1, seed=4, updates=1)
    assert len(drawn_from) == len(set(drawn_from)) == 2


def test_a_twin_counts_from_the_centre_of_all_latents_in_units_of_their_spread():
    """Not of how much the numbers of one latent differ."""
    place = torch.arange(8.0)
    latents = [place + 0.01 * torch.randn(50, 8, generator=generator(k)) for k in range(10)]
    trained = train_twin(LatentTwin(size=8, hidden=2, steps=3), latents, runs=1, seed=4, updates=1)
    assert torch.allclose(trained.centre, place, atol=5e-3)
    assert trained.scale.item() == pytest.approx(0.01, rel=0.1)


def test_the_twin_takes_off_all_noise_in_its_last_step():
    """With exact predictions for a single latent the samples are that latent, without noise from
    the last reverse step; and what comes out negative is turned to the positive side."""
    centre = torch.arange(1.0, 9.0) * torch.tensor([1.0, -1.0]).repeat(4)
    trained = TrainedTwin(Noisy(2), torch.zeros(3, 1), centre, torch.tensor(2.0))
    drawn = sample_twin(trained, 5, 6)
    assert torch.allclose(drawn, normalised(centre.abs()).expand(3, 10, 5, 8), atol=1e-6)


def test_the_twin_is_trained_on_the_noise_levels_of_its_steps(clusters):
    """What is left of the labels' means in the network's inputs at step t is √ᾱ_t of them."""
    seen = []

    class Watched(LatentTwin):
        def noise(self, weights, vectors, labels, steps):
            seen.append((vectors.detach(), labels, steps))
            return super().noise(weights, vectors, labels, steps)

    train_twin(Watched(2), clusters, 1, 5, updates=150)
    vectors, labels, steps = (torch.cat(each, 1)[0] for each in zip(*seen, strict=True))
    together = torch.cat(clusters)
    means = torch.stack(
        [(each.mean(0) - together.mean(0)) / together.std(0).mean() for each in clusters]
    )
    own = labels @ means
    for t in range(1, 9):
        rows = steps == t
        share = ((vectors[rows] * own[rows]).sum() / own[rows].square().sum()).item()
        assert share == pytest.approx(cos(pi / 2 * t / 8.1), abs=0.04), (
            t
        )  # 3,000 latents of 8 numbers: sd about .008
    assert set(steps.tolist()) == set(range(1, 9))


def test_gaussians_keep_what_they_say(clusters):
    latents = [
        normalised(1 + 0.1 * torch.rand(4000, 8, generator=generator(k)) ** 2) for k in range(10)
    ]
    drawn, count = gaussian_prior("means, covariances", latents, 4000, 1)
    assert count == 440
    assert torch.allclose(drawn[4].mean(0), latents[4].mean(0), atol=1e-3)
    assert torch.allclose(torch.cov(drawn[4].mT), torch.cov(latents[4].mT), atol=5e-6)
    near_walls, _ = gaussian_prior("means, covariances", clusters, 200, 1)
    assert near_walls.min() >= 0
    flat, _ = gaussian_prior("means", latents, 3, 1)
    assert torch.allclose(flat[2, 0], flat[2, 2])
    one, _ = gaussian_prior("one mean", clusters, 1, 1)
    assert torch.allclose(one[0], one[9])


@pytest.mark.parametrize(
    ("kind", "variances"),
    [
        ("means, one variance", [1e-4 * (1 + 4 + 9 + 16) / 4] * 4),
        ("means, diagonal", [1e-4, 4e-4, 9e-4, 16e-4]),
        ("means", [0.0] * 4),
    ],
)
def test_a_gaussian_of_each_digit_keeps_as_much_of_its_variances_as_it_says(kind, variances):
    """Narrow latents around a corner far from the walls, to which normalising does little across
    the mean."""
    source = generator(1)
    latents = []
    for _ in range(10):
        drawn = torch.randn(3000, 4, generator=source)
        drawn = (drawn - drawn.mean(0)) / drawn.std(0)
        latents.append(
            torch.tensor([1.0, 1.0, 1.0, 1.0]) * 10 + drawn * torch.tensor([0.01, 0.02, 0.03, 0.04])
        )
    drawn, _ = gaussian_prior(kind, latents, 4000, 1)
    across = (
        torch.eye(4) - 0.25
    )  # what normalising leaves of a small deviation: the part across the mean
    expected = (
        across @ torch.diag(torch.tensor(variances)) @ across
    ).diagonal() / 400  # means of norm 20
    assert torch.allclose(drawn[3].var(0), expected, rtol=0.12, atol=1e-13)
