"""Classical priors of the same latents, told the digit: a small diffusion model, and Gaussians in closed form.

The network takes the noisy latent (size numbers), the label (ten numbers, one of them 1) and cos and sin of the step, and gives
the noise: (size + 13)·h + (h + 1)·size parameters with h hidden units, 1110 for h = 38. Its noise is added with √ᾱ and √(1 − ᾱ).
"""

from dataclasses import dataclass
from math import pi

import torch
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number
from qdm_utils.images.conditional.noise import normalised
from qdm_utils.randomness import Seed, generator, spawn

LABELS = 10
GAUSSIANS = ("one mean", "means", "means, one variance", "means, diagonal", "means, covariances")


@dataclass(frozen=True)
class LatentTwin:
    """A denoiser with one hidden layer and T steps of a cosine schedule, ᾱ_t = cos²(πt/2(T + ε)) with ᾱ_T ≈ 0.

    Args:
        hidden: h ≥ 1.
        steps: T ≥ 1.
        size: numbers in a latent.

    >>> LatentTwin(38).parameter_count
    1110
    """

    hidden: int = 38
    steps: int = 8
    size: int = 8

    def __post_init__(self) -> None:
        for name in ("hidden", "steps", "size"):
            whole_number(name, getattr(self, name), 1)

    @property
    def parameter_count(self) -> int:
        """Weights and biases."""
        return (self.size + LABELS + 3) * self.hidden + (self.hidden + 1) * self.size

    @property
    def kept(self) -> Tensor:
        """ᾱ_0 = 1 … ᾱ_T, shape (T + 1,)."""
        return (pi / 2 * torch.arange(self.steps + 1) / (self.steps + 0.1)).cos().square()

    def noise(self, weights: Tensor, vectors: Tensor, labels: Tensor, steps: Tensor) -> Tensor:
        """The noise in `vectors`, shape (D, B, size), from weights (D, parameter_count), one-hot labels and t, shape (D, B)."""
        split = (self.size + LABELS + 3) * self.hidden
        one = weights[:, :split].unflatten(1, (-1, self.hidden))
        two = weights[:, split:].unflatten(1, (-1, self.size))
        angle = (pi * steps / self.steps)[..., None]
        known = torch.cat((vectors, labels, angle.cos(), angle.sin()), -1)
        return torch.baddbmm(
            two[:, -1:],
            torch.nn.functional.silu(torch.baddbmm(one[:, -1:], known, one[:, :-1])),
            two[:, :-1],
        )


@dataclass(frozen=True)
class TrainedTwin:
    """Weights, shape (D, parameter_count), with the scale of the latents: one mean for each number and one deviation."""

    twin: LatentTwin
    weights: Tensor
    centre: Tensor
    scale: Tensor


def train_twin(
    twin: LatentTwin,
    by_label: list[Tensor],
    runs: int,
    seed: Seed,
    updates: int = 2000,
    rate: float = 0.01,
    per_label: int = 16,
) -> TrainedTwin:
    """Adam on the squared error of the noise, t uniform, as many latents of each digit in a batch; the rate falls to 0.

    Args:
        twin: the model.
        by_label: latents of each digit, real, shapes (N_ℓ, size).
        runs: D independent runs.
        seed: of everything.
        updates, rate, per_label: of the training.

    Raises:
        ValueError: not ten digits, or values out of range.
    """
    demand(len(by_label) == LABELS, "by_label", "hold the latents of ten digits", len(by_label))
    start_seed, data_seed = spawn(seed, 2)
    source, together = generator(data_seed), torch.cat(by_label)
    centre, scale = together.mean(0), together.std(0).mean()
    spread = torch.full((runs, twin.parameter_count), 0.3)
    weights = (spread * torch.randn(spread.shape, generator=generator(start_seed))).requires_grad_()
    adam = torch.optim.Adam([weights], positive("rate", rate))
    labels = (
        torch.eye(LABELS)
        .repeat_interleave(whole_number("per_label", per_label, 1), 0)
        .expand(runs, -1, -1)
    )
    for update in range(whole_number("updates", updates, 1)):
        adam.param_groups[0]["lr"] = rate * (1 - update / updates)
        chosen = torch.cat(
            [
                each[torch.randint(0, len(each), (runs, per_label), generator=source)]
                for each in by_label
            ],
            1,
        )
        steps = torch.randint(1, twin.steps + 1, chosen.shape[:2], generator=source)
        noise, kept = torch.randn(chosen.shape, generator=source), twin.kept[steps][..., None]
        noisy = kept.sqrt() * (chosen - centre) / scale + (1 - kept).sqrt() * noise
        adam.zero_grad()
        (twin.noise(weights, noisy, labels, steps) - noise).square().mean((1, 2)).sum().backward()
        adam.step()
    return TrainedTwin(twin, weights.detach(), centre, scale)


@torch.no_grad()
def sample_twin(trained: TrainedTwin, count: int, seed: Seed) -> Tensor:
    """Positive unit vectors from noise by ancestral sampling, shape (D, labels, count, size)."""
    twin, source, runs = trained.twin, generator(seed), len(trained.weights)
    labels = torch.eye(LABELS).repeat_interleave(count, 0).expand(runs, -1, -1)
    vectors = torch.randn(runs, LABELS * count, twin.size, generator=source)
    for t in range(twin.steps, 0, -1):
        now, before = twin.kept[t], twin.kept[t - 1]
        noise = twin.noise(trained.weights, vectors, labels, torch.full(vectors.shape[:2], t))
        clean = ((vectors - (1 - now).sqrt() * noise) / now.sqrt()).clamp(-4, 4)
        ratio = now / before
        # The posterior of x_{t−1} given x_t and the clean latent that the network sees in it.
        mean = (before.sqrt() * (1 - ratio) * clean + ratio.sqrt() * (1 - before) * vectors) / (
            1 - now
        )
        variance = (1 - before) / (1 - now) * (1 - ratio)
        vectors = mean + variance.sqrt() * torch.randn(vectors.shape, generator=source)
    return normalised((trained.centre + trained.scale * vectors).abs()).unflatten(
        1, (LABELS, count)
    )


def gaussian_prior(kind: str, by_label: list[Tensor], count: int, seed: Seed) -> tuple[Tensor, int]:
    """Positive unit vectors from a Gaussian of each digit, shape (labels, count, size), and the numbers it takes.

    Args:
        kind: one of `GAUSSIANS`: what of mean and covariance is kept; "one mean" knows no digit and no spread.
        by_label: latents of each digit.
        count: of each digit.
        seed: of the draws.

    Raises:
        ValueError: another kind.

    >>> latents = [torch.rand(9, 8, generator=torch.Generator().manual_seed(k)) for k in range(10)]
    >>> [gaussian_prior(kind, latents, 2, seed=1)[1] for kind in GAUSSIANS]
    [8, 80, 81, 160, 440]
    """
    demand(kind in GAUSSIANS, "kind", f"be one of {', '.join(GAUSSIANS)}", repr(kind))
    size = by_label[0].shape[-1]
    means = torch.stack([each.mean(0) for each in by_label])
    spreads = torch.stack([torch.cov(each.double().mT) for each in by_label])
    used = {"one mean": size, "means": LABELS * size, "means, one variance": LABELS * size + 1}
    used |= {
        "means, diagonal": 2 * LABELS * size,
        "means, covariances": LABELS * (size + size * (size + 1) // 2),
    }
    if kind == "one mean":
        means = means.mean(0).expand_as(means)
    if kind in ("one mean", "means"):
        spreads = torch.zeros_like(spreads)
    elif kind == "means, one variance":
        spreads = spreads.diagonal(dim1=1, dim2=2).mean() * torch.eye(size).double().expand_as(
            spreads
        )
    elif kind == "means, diagonal":
        spreads = torch.diag_embed(spreads.diagonal(dim1=1, dim2=2))
    values, vectors = torch.linalg.eigh(spreads)
    drawn = torch.randn(LABELS, count, size, generator=generator(seed), dtype=torch.float64)
    moved = (drawn * values.clamp_min(0).sqrt()[:, None]) @ vectors.mT
    return normalised((means[:, None] + moved).abs().float()), used[kind]
