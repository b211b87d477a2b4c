"""Ancestral sampling: the posterior at every step, the stated variances, who shares which draws."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from qdm_utils.diffusion import (
    ancestral_path,
    clean_from_noise,
    energy_distance,
    linear_schedule,
    mean_from_noise,
    noised,
    reverse_chain,
    reverse_variances,
    ring,
    schedule_of_survival,
    survival,
)

BETAS = linear_schedule(9, 0.02, 0.5)
BARS = survival(BETAS)


def normal(*shape, seed=1):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_the_clean_point_is_the_one_that_was_noised():
    x0, noise = normal(2, 20, 2)
    for bar in (1.0, 0.3):
        x = noised(x0, 1 - bar, noise)
        assert (clean_from_noise(x, noise, bar) - x0).abs().max() < 1e-14


def test_a_schedule_is_that_of_its_survival():
    assert (schedule_of_survival(BARS) - BETAS).abs().max() < 1e-15
    whole = schedule_of_survival([1.0, 0.3, 0.0])
    assert torch.equal(whole, torch.tensor([0.7, 1.0], dtype=torch.float64))


@pytest.mark.parametrize("variance", ["posterior", "forward"])
def test_each_step_is_the_stated_gaussian_and_the_last_one_adds_no_noise(variance):
    noises = [normal(6, 2, seed=k) for k in range(10)]
    left = iter(noises[1:])

    def predict(x, t):
        return torch.tanh(x) + t / 10

    def clean(x, t):
        return clean_from_noise(x, predict(x, t), BARS[t])

    path = ancestral_path(clean, noises[0], BETAS, lambda: next(left), variance)
    assert len(path) == 10
    assert next(left) is noises[9]  # of nine draws the last is left: t = 1 takes none
    assert torch.equal(path[0], noises[0])
    widths = reverse_variances(BETAS, variance).sqrt()
    for place, (before, after) in enumerate(pairwise(path)):
        t = 9 - place
        mean = mean_from_noise(before, predict(before, t), BETAS, t)
        added = widths[t - 1] * noises[place + 1] if t > 1 else 0.0
        assert (after - mean - added).abs().max() < 1e-12


def test_it_is_the_same_sampler_in_the_angle_between_latent_and_noise():
    """x = cos(angle)·x_0 + sin(angle)·ε: a step mixes predicted and fresh noise."""
    angles = torch.linspace(1, 0, 6, dtype=torch.float64) * torch.pi / 2 * 0.999
    noises = [normal(4, 3, seed=k) for k in range(6)]
    x = noises[0]
    at = {}
    for place, (now, then) in enumerate(pairwise(angles)):
        velocity = torch.sin(2 * x)
        clean = now.cos() * x - now.sin() * velocity
        noise = now.sin() * x + now.cos() * velocity
        ratio = now.cos() / then.cos()
        spread = then.sin() / now.sin() * (1 - ratio**2).clamp(min=0).sqrt()
        kept = (then.sin() ** 2 - spread**2).clamp(min=0).sqrt()
        x = then.cos() * clean + kept * noise + spread * noises[place + 1]
        at[5 - place] = now

    def predict(x, t):
        return at[t].cos() * x - at[t].sin() * torch.sin(2 * x)

    schedule = schedule_of_survival(angles.flip(0).cos().square())
    left = iter(noises[1:])
    found = ancestral_path(predict, noises[0], schedule, lambda: next(left))
    assert (found[-1] - x).abs().max() < 1e-9


def test_the_type_of_the_start_is_kept_and_nothing_is_differentiated():
    weight = torch.ones(1, requires_grad=True)
    path = ancestral_path(
        lambda x, t: weight * x.double(), torch.zeros(3, 2), BETAS, lambda: torch.ones(3, 2)
    )
    assert {x.dtype for x in path} == {torch.float32}
    assert not any(x.requires_grad for x in path)


@pytest.mark.parametrize("variance", ["posterior", "forward"])
def test_each_reverse_step_adds_noise_of_its_own_variance(variance):
    betas = torch.tensor([0.3, 0.05, 0.5, 0.15])
    count = 20000
    path = reverse_chain(lambda x, t: 0 * x, count, 2, betas, variance, 1, seed=3).flatten(1, 3)
    widths = reverse_variances(betas, variance)
    for t in (4, 3, 2):
        added = path[5 - t] - path[4 - t] / (1 - betas[t - 1]) ** 0.5
        # The mean square of 2·20,000 normal numbers has the relative error √(2/40,000) = 0.7 %.
        error = 5 * (1 / count) ** 0.5
        assert added.square().mean().item() == pytest.approx(widths[t - 1].item(), rel=error)
        assert abs(np.corrcoef(added, path[4 - t])[0, 1]) < 5 / (2 * count) ** 0.5


@pytest.mark.slow
def test_the_exact_predictor_samples_the_data():
    data = ring(4, 1.0, 0.2)
    betas = linear_schedule(60, 0.001, 0.2)
    bars = survival(betas)

    def exact(x, t):
        return data.noise(x.double(), bars[t.item()].item())

    chain = reverse_chain(exact, 1500, 2, betas, "posterior", 1, seed=6)
    held = data.sample((1500,), seed=5)
    other = data.sample((1500,), seed=7)
    assert chain.shape == (61, 1, 1500, 2)
    assert chain.dtype == torch.float32
    assert abs(energy_distance(other, held)) < 0.005
    assert energy_distance(chain[-1, 0], held) < 0.01 < energy_distance(chain[0, 0], held)


def test_chains_of_a_group_share_their_noise_and_groups_do_not():
    betas = linear_schedule(4, 0.1, 0.5)
    path = reverse_chain(lambda x, t: 0.3 * x, 3000, 2, betas, "posterior", 6, seed=9, groups=3)
    assert path.shape == (5, 6, 3000, 2)
    for stage in path:
        pairs = stage.unflatten(0, (3, 2))
        assert torch.equal(pairs[:, 0], pairs[:, 1])
        apart = np.corrcoef(pairs[:, 0].flatten(1).numpy())[~np.eye(3, dtype=bool)]
        assert abs(apart).max() < 5 / 6000**0.5
    one = reverse_chain(lambda x, t: 0.3 * x, 7, 2, betas, "posterior", 2, seed=9)
    assert torch.equal(one[:, 0], one[:, 1])
    again, other = (
        reverse_chain(lambda x, t: 0.3 * x, 7, 2, betas, "posterior", 2, seed=seed)
        for seed in (9, 10)
    )
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: reverse_chain(torch.zeros_like, 2, 2, BETAS, "forward", 5, 1, groups=2), "groups"),
        (lambda: reverse_chain(torch.zeros_like, 2, 2, BETAS, "forward", 5, 1, groups=0), "groups"),
        (lambda: reverse_chain(torch.zeros_like, 2, 2, BETAS, "learned", 4, 1), "variance"),
        (lambda: clean_from_noise(torch.ones(2), torch.ones(2), 0.0), "alpha_bar"),
        (lambda: schedule_of_survival([0.9, 0.5]), "alpha_bars"),
        (lambda: schedule_of_survival([1.0]), "alpha_bars"),
        (lambda: schedule_of_survival([1.0, 0.5, 0.6]), "alpha_bars"),
        (lambda: schedule_of_survival([1.0, 0.0, 0.0]), "alpha_bars"),
        (lambda: survival([[0.1, 0.2]]), "schedule"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, name):
    with pytest.raises(ValueError, match=f"^Argument `{name}` must"):
        call()
