"""Small noise predictors for points in the plane, many trained at once, and the distance of their samples from the data."""

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.diffusion.closed_forms import noised
from qdm_utils.diffusion.mixtures import Mixture
from qdm_utils.diffusion.schedules import check_schedule, survival
from qdm_utils.mmd import mmd_squared_from_kernels
from qdm_utils.randomness import Seed, generator, spawn

FREQUENCIES = (1.0, 2.0, 4.0, 8.0)  # quarter turns of the time t/T
WAVES = (
    2.0,
    4.0,
)  # radians per unit of length, so that a small network sees structure of width ~ 1/4


@dataclass(frozen=True)
class Predictors:
    """ε_θ(x, t) of M independent perceptrons with two hidden layers, float32; they see x, t and some sines of both.

    Args:
        weights, biases: of three layers, shapes (M, in, out) and (M, 1, out).
        steps: T, which scales the time they see.
    """

    weights: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]
    steps: int

    def __call__(self, x: Tensor, t: Tensor) -> Tensor:
        """Predicted noise (M, B, D) at points (M, B, D) and steps (M, B) or (1, 1), 1 … T."""
        time = (t[..., None] / self.steps).float().expand(*x.shape[:-1], 1)
        angles = time * x.new_tensor(FREQUENCIES) * torch.pi / 2
        waves = torch.cat([k * x for k in WAVES], -1).float()
        hidden = torch.cat(
            [x.float(), time, angles.sin(), angles.cos(), waves.sin(), waves.cos()], -1
        )
        for weight, bias in zip(self.weights[:-1], self.biases[:-1], strict=True):
            hidden = torch.nn.functional.silu(torch.baddbmm(bias, hidden, weight))
        return torch.baddbmm(self.biases[-1], hidden, self.weights[-1])


def new_predictors(
    count: int, copies: int, hidden: int, steps: int, seed: Seed, size: int = 2
) -> Predictors:
    """`count` random perceptrons, each `copies` times in a row: (M = count·copies), so that copies start alike.

    >>> new_predictors(3, 2, 16, 10, seed=1)(torch.zeros(6, 5, 2), torch.ones(1, 1)).shape
    torch.Size([6, 5, 2])
    """
    count, copies = whole_number("count", count, 1), whole_number("copies", copies, 1)
    hidden, steps = whole_number("hidden", hidden, 1), whole_number("steps", steps, 1)
    source, widths = (
        generator(seed),
        (size * (1 + 2 * len(WAVES)) + 1 + 2 * len(FREQUENCIES), hidden, hidden, size),
    )
    drawn = [
        torch.randn(count, a, b, generator=source) / a**0.5 for a, b in itertools.pairwise(widths)
    ]
    weights = tuple(w.repeat_interleave(copies, 0) for w in drawn)
    return Predictors(weights, tuple(torch.zeros(len(w), 1, w.shape[-1]) for w in weights), steps)


def train_predictors(
    data: Mixture,
    schedule: Tensor,
    weights: Tensor,
    rates: Tensor,
    seeds: int,
    hidden: int,
    batch: int,
    updates: int,
    seed: Seed,
) -> tuple[Predictors, Tensor]:
    """Minimise E_t w_t‖ε − ε_θ(x_t, t)‖² with Adam, for several weightings and learning rates on the same draws.

    Args:
        data: what x_0 is drawn from, afresh at every update.
        schedule: β_1 … β_T, shape (T,).
        weights: w_t of each way of training, shape (W, T); ones for the simple loss (eq. 6), `bound_weights` for the bound.
            Their mean is scaled to 1, to which Adam is blind.
        rates: learning rate of each way, shape (W,), falling to 0 along a cosine.
        seeds: independent starts and draws; the ways of one seed share start, data, steps and noise.
        hidden, batch, updates: units of a layer, points of a batch, Adam steps.
        seed: root of everything random here.

    Returns:
        Predictors of M = seeds·W perceptrons, the ways of a seed in a row, and the simple loss of each, averaged over
        every hundredth of the training, shape (hundredths, seeds, W).

    Raises:
        ValueError: shapes that do not fit, sizes < 1.
    """
    betas = check_schedule("schedule", schedule)
    steps, ways = len(betas), len(weights)
    demand(
        weights.shape == (ways, steps),
        "weights",
        f"have shape (W, {steps})",
        f"shape {tuple(weights.shape)}",
    )
    demand(rates.shape == (ways,), "rates", f"have shape ({ways},)", f"shape {tuple(rates.shape)}")
    seeds, batch, updates = (
        whole_number(k, v, 1) for k, v in (("seeds", seeds), ("batch", batch), ("updates", updates))
    )
    start_seed, data_seed, noise_seed = spawn(seed, 3)
    net = new_predictors(seeds, ways, hidden, steps, start_seed, data.centres.shape[-1])
    parameters = [p.requires_grad_() for p in (*net.weights, *net.biases)]
    scaled = (weights / weights.mean(-1, keepdim=True)).float().repeat(seeds, 1)
    optimiser = _Adam(parameters, rates.float().repeat(seeds)[:, None, None], updates)
    source, sources, lost = generator(noise_seed), spawn(data_seed, updates), 1.0 - survival(betas)
    history = torch.zeros(updates, seeds, ways)
    for update in range(updates):
        t = torch.randint(1, steps + 1, (seeds, batch), generator=source)
        noise = torch.randn(seeds, batch, data.centres.shape[-1], generator=source)
        x = noised(data.sample((seeds, batch), sources[update]).float(), lost[t], noise)
        x, noise, t = (z.repeat_interleave(ways, 0) for z in (x, noise, t))
        squares = (net(x, t) - noise).square().sum(-1)
        history[update] = squares.detach().mean(-1).view(seeds, ways)
        loss = (scaled.gather(1, t - 1) * squares).mean(-1).sum()
        optimiser.step(torch.autograd.grad(loss, parameters))
    width = max(1, updates // 100)
    return net, history[: updates // width * width].unflatten(0, (-1, width)).mean(1)


class _Adam:
    """Adam with a learning rate for each perceptron, which torch's own has not."""

    def __init__(self, parameters: list[Tensor], rates: Tensor, updates: int):
        self.parameters, self.rates, self.updates, self.done = parameters, rates, updates, 0
        self.first, self.second = ([torch.zeros_like(p) for p in parameters] for _ in range(2))

    @torch.no_grad()
    def step(self, gradients: tuple[Tensor, ...]) -> None:
        rate = (
            self.rates * 0.5 * (1.0 + torch.cos(torch.tensor(torch.pi * self.done / self.updates)))
        )
        self.done += 1
        for p, m, v, g in zip(self.parameters, self.first, self.second, gradients, strict=True):
            m.lerp_(g, 0.1)
            v.lerp_(g.square(), 0.001)
            p -= rate * (m / (1 - 0.9**self.done)) / ((v / (1 - 0.999**self.done)).sqrt() + 1e-8)


def energy_distance(points: Tensor, others: Tensor) -> float:
    """Unbiased estimate of the squared energy distance 2E|X−Y| − E|X−X′| − E|Y−Y′| of two samples (m, D) and (k, D).

    It is 0 in the mean for equal distributions, so a single estimate may be negative; its scatter
    for equal distributions falls like 1/m + 1/k, so only values at equal m and k are comparable.

    Source: G. J. Székely, M. L. Rizzo, J. Stat. Plan. Inference 143, 1249 (2013).

    >>> round(energy_distance(torch.tensor([[0.0], [0.0]]), torch.tensor([[1.0], [1.0]])), 6)
    2.0
    """
    m, k = len(points), len(others)
    demand(min(m, k) > 1, "points", "hold, like `others`, at least two points", f"{m} and {k}")
    x, y = points.double(), others.double()
    return mmd_squared_from_kernels(
        -torch.cdist(x, x), -torch.cdist(y, y), -torch.cdist(x, y)
    ).item()
