"""Small noise predictors for points in the plane, many trained at once."""

from dataclasses import dataclass

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.diffusion.closed_forms import noised
from qdm_utils.diffusion.mixtures import Mixture
from qdm_utils.diffusion.schedules import check_schedule, survival
from qdm_utils.mmd import mmd_squared_from_kernels
from qdm_utils.optimise import cosine, descend
from qdm_utils.perceptron import Perceptron
from qdm_utils.randomness import Seed, generator, spawn

FREQUENCIES = (1.0, 2.0, 4.0, 8.0)  # quarter turns of the time t/T
# Radians per unit of length, so that a small network sees structure of width ~ 1/4.
WAVES = (2.0, 4.0)


@dataclass(frozen=True, eq=False)
class Predictors:
    """ε_θ(x, t) of M independent perceptrons, float32; they see x, t and some sines of both.

    Args:
        network: layers of each of them.
        weights: flat, shape (M, network.parameter_count).
        steps: T, which scales the time they see.
    """

    network: Perceptron
    weights: Tensor
    steps: int

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        """Predicted noise (M, B, D) at points (M, B, D) and steps (M, B) or (1, 1), 1 … T."""
        time = (t[..., None] / self.steps).float().expand(*x.shape[:-1], 1)
        angles = time * x.new_tensor(FREQUENCIES) * torch.pi / 2
        waves = torch.cat([k * x for k in WAVES], -1).float()
        seen = [x.float(), time, angles.sin(), angles.cos(), waves.sin(), waves.cos()]
        return self.network(self.weights, torch.cat(seen, -1))


def new_predictors(
    count: int, copies: int, hidden: int, steps: int, seed: Seed, size: int = 2
) -> Predictors:
    """Random perceptrons with two hidden layers, each several times in a row to start alike.

    Weights are normal with the variance 1/(numbers going in), biases 0.

    Args:
        count: different perceptrons.
        copies: of each: M = count·copies.
        hidden: units of a hidden layer.
        steps: T of the diffusion.
        seed: of the weights.
        size: D, the dimension of the points.

    >>> new_predictors(3, 2, 16, 10, seed=1)(torch.zeros(6, 5, 2), torch.ones(1, 1)).shape
    torch.Size([6, 5, 2])
    """
    count = whole_number("count", count, 1)
    copies = whole_number("copies", copies, 1)
    hidden = whole_number("hidden", hidden, 1)
    seen = size * (1 + 2 * len(WAVES)) + 1 + 2 * len(FREQUENCIES)
    network = Perceptron((seen, hidden, hidden, size), "silu")
    source = generator(seed)
    weights = torch.zeros(count, network.parameter_count)
    for matrix, _ in network.layers(weights):  # views: what is written there is written in weights
        matrix[:] = torch.randn(matrix.shape, generator=source) / matrix.shape[-2] ** 0.5
    return Predictors(
        network, weights.repeat_interleave(copies, 0), whole_number("steps", steps, 1)
    )


def train_predictors(
    data: Mixture,
    schedule: ArrayLike,
    weights: Tensor,
    rates: Tensor,
    seeds: int,
    hidden: int,
    batch: int,
    updates: int,
    seed: Seed,
) -> tuple[Predictors, Tensor]:
    """Minimise E_t w_t‖ε − ε_θ(x_t, t)‖² by Adam: several weightings and rates on the same draws.

    Args:
        data: what x_0 is drawn from, afresh at every update.
        schedule: β_1 … β_T, shape (T,).
        weights: w_t of each way of training, shape (W, T); ones for the simple loss (eq. 6),
            `bound_weights` for the bound. Their mean is scaled to 1, to which Adam is blind.
        rates: learning rate of each way, shape (W,), > 0, falling to 0 along half a cosine.
        seeds: independent starts and draws; the ways of one seed share start, data, steps and
            noise.
        hidden, batch, updates: units of a layer, points of a batch, Adam updates.
        seed: root of everything random here.

    Returns:
        Predictors of M = seeds·W perceptrons, the ways of a seed in a row, and the simple loss of
        each, averaged over every hundredth of the training, shape (hundredths, seeds, W).

    Raises:
        ValueError: shapes that do not fit, sizes < 1, a rate ≤ 0.
        DivergenceError: a loss that is not finite.

    Source: QAMP 2025, eq. 6.
    """
    betas = check_schedule("schedule", schedule)
    steps = len(betas)
    ways = len(weights)
    shape = tuple(weights.shape)
    demand(shape == (ways, steps), "weights", f"have shape (W, {steps})", f"shape {shape}")
    demand(rates.shape == (ways,), "rates", f"have shape ({ways},)", f"shape {tuple(rates.shape)}")
    seeds = whole_number("seeds", seeds, 1)
    batch = whole_number("batch", batch, 1)
    updates = whole_number("updates", updates, 1)
    start_seed, data_seed, noise_seed = spawn(seed, 3)
    start = new_predictors(seeds, ways, hidden, steps, start_seed, data.centres.shape[-1])
    # A group of parameters for each way, since each has a learning rate of its own.
    by_way = [
        each.clone().requires_grad_() for each in start.weights.view(seeds, ways, -1).unbind(1)
    ]
    adam = torch.optim.Adam([{"params": [each]} for each in by_way])
    scaled = (weights / weights.mean(-1, keepdim=True)).float().repeat(seeds, 1)
    lost = 1.0 - survival(betas)
    source = generator(noise_seed)
    data_seeds = spawn(data_seed, updates)
    history = torch.zeros(updates, seeds, ways)

    def trained() -> Predictors:
        return Predictors(start.network, torch.stack(by_way, 1).flatten(0, 1), steps)

    def loss(update: int) -> Tensor:
        t = torch.randint(1, steps + 1, (seeds, batch), generator=source)
        noise = torch.randn(seeds, batch, data.centres.shape[-1], generator=source)
        x = noised(data.sample((seeds, batch), data_seeds[update]).float(), lost[t], noise)
        x, noise, t = (each.repeat_interleave(ways, 0) for each in (x, noise, t))
        squares = (trained()(x, t) - noise).square().sum(-1)
        history[update] = squares.detach().mean(-1).view(seeds, ways)
        return (scaled.gather(1, t - 1) * squares).mean(-1)

    descend(adam, loss, updates, [cosine(rate, updates) for rate in rates.tolist()])
    with torch.no_grad():
        found = trained()
    width = max(1, updates // 100)
    return found, history[: updates // width * width].unflatten(0, (-1, width)).mean(1)


def energy_distance(points: Tensor, others: Tensor) -> float:
    """Unbiased squared energy distance 2E|X−Y| − E|X−X′| − E|Y−Y′| of samples (m, D), (k, D).

    It is the squared MMD with the kernel −|x − y|.

    It is 0 in the mean for equal distributions, so a single estimate may be negative; its scatter
    for equal distributions falls like 1/m + 1/k, so only values at equal m and k are comparable.

    Source: G. J. Székely, M. L. Rizzo, J. Stat. Plan. Inference 143, 1249 (2013).

    >>> round(energy_distance(torch.tensor([[0.0], [0.0]]), torch.tensor([[1.0], [1.0]])), 6)
    2.0
    """
    m = len(points)
    k = len(others)
    demand(min(m, k) > 1, "points", "hold, like `others`, at least two points", f"{m} and {k}")
    x = points.double()
    y = others.double()
    return mmd_squared_from_kernels(
        -torch.cdist(x, x), -torch.cdist(y, y), -torch.cdist(x, y)
    ).item()
