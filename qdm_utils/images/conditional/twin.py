"""Classical priors of the same latents, told the digit: a small diffusion model, and Gaussians in
closed form.

The network takes the noisy latent (size numbers), the label (ten numbers, one of them 1) and cos
and sin of the step, and gives the noise: 1110 parameters with 38 hidden units. Its noise is added
with √ᾱ and √(1 − ᾱ).
"""

from dataclasses import dataclass
from math import pi

import torch
from torch import Tensor

from qdm_utils.arguments import demand, whole_number
from qdm_utils.diffusion import ancestral_path, clean_from_noise, schedule_of_survival
from qdm_utils.images.conditional.circuit import LABELS
from qdm_utils.images.conditional.noise import normalised
from qdm_utils.images.conditional.training import draw_latents
from qdm_utils.optimise import descend, linear
from qdm_utils.perceptron import Perceptron
from qdm_utils.randomness import Seed, generator, spawn

GAUSSIANS = ("one mean", "means", "means, one variance", "means, diagonal", "means, covariances")
START = 0.3  # sd of the first weights
FARTHEST = 4.0  # standard deviations from the centre at which a predicted latent is cut off


@dataclass(frozen=True)
class LatentTwin:
    """A denoiser with one hidden layer and T steps of a cosine schedule, ᾱ_t = cos²(πt/2(T + ε))
    with ᾱ_T ≈ 0.

    Args:
        hidden: units of the hidden layer, ≥ 1.
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
    def network(self) -> Perceptron:
        """From (latent, label, cos, sin) to the noise."""
        return Perceptron((self.size + LABELS + 2, self.hidden, self.size), "silu")

    @property
    def parameter_count(self) -> int:
        """Weights and biases."""
        return self.network.parameter_count

    @property
    def kept(self) -> Tensor:
        """ᾱ_0 = 1 … ᾱ_T, shape (T + 1,)."""
        return (pi / 2 * torch.arange(self.steps + 1) / (self.steps + 0.1)).cos().square()

    def noise(self, weights: Tensor, vectors: Tensor, labels: Tensor, steps: Tensor) -> Tensor:
        """The noise in latents.

        Args:
            weights: shape (D, parameter_count).
            vectors: noisy latents, shape (D, B, size).
            labels: one-hot, shape (D, B, labels).
            steps: t, shape (D, B).

        Returns:
            Shape (D, B, size).
        """
        angle = (pi * steps / self.steps)[..., None]
        return self.network(weights, torch.cat((vectors, labels, angle.cos(), angle.sin()), -1))


@dataclass(frozen=True)
class TrainedTwin:
    """Weights, shape (D, parameter_count), with the scale of the latents: one mean for each number
    and one deviation."""

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
    """Adam on the squared error of the noise, t uniform, as many latents of each digit in a batch;
    the rate falls to 0.

    Args:
        twin: the model.
        by_label: latents of each digit, real, shapes (N_ℓ, size).
        runs: D independent runs.
        seed: of everything.
        updates, rate, per_label: of the training.

    Raises:
        ValueError: not ten digits, or values out of range.
        DivergenceError: a loss that is not finite, with the update and the run.
    """
    demand(len(by_label) == LABELS, "by_label", "hold the latents of ten digits", len(by_label))
    start_seed, data_seed = spawn(seed, 2)
    source = generator(data_seed)
    together = torch.cat(by_label)
    centre = together.mean(0)
    scale = together.std(0).mean()
    shape = (whole_number("runs", runs, 1), twin.parameter_count)
    weights = START * torch.randn(shape, generator=generator(start_seed))
    weights.requires_grad_()
    labels = _labels(whole_number("per_label", per_label, 1), runs)

    def loss(update: int) -> Tensor:
        chosen = torch.cat(draw_latents(by_label, per_label, runs, source), 1)
        steps = torch.randint(1, twin.steps + 1, chosen.shape[:2], generator=source)
        noise = torch.randn(chosen.shape, generator=source)
        kept = twin.kept[steps][..., None]
        noisy = kept.sqrt() * (chosen - centre) / scale + (1 - kept).sqrt() * noise
        return (twin.noise(weights, noisy, labels, steps) - noise).square().mean((1, 2))

    updates = whole_number("updates", updates, 1)
    descend([weights], loss, updates, linear(rate, updates), words=("update", "run"))
    return TrainedTwin(twin, weights.detach(), centre, scale)


@torch.no_grad()
def sample_twin(trained: TrainedTwin, count: int, seed: Seed) -> Tensor:
    """Positive unit vectors from noise by ancestral sampling, shape (D, labels, count, size)."""
    twin = trained.twin
    source = generator(seed)
    runs = len(trained.weights)
    labels = _labels(whole_number("count", count, 1), runs)
    shape = (runs, LABELS * count, twin.size)

    def draw() -> Tensor:
        return torch.randn(shape, generator=source)

    def clean(vectors: Tensor, t: int) -> Tensor:
        noise = twin.noise(trained.weights, vectors, labels, torch.full(shape[:2], t))
        return clean_from_noise(vectors, noise, twin.kept[t]).clamp(-FARTHEST, FARTHEST)

    vectors = ancestral_path(clean, draw(), schedule_of_survival(twin.kept), draw)[-1]
    positive = normalised((trained.centre + trained.scale * vectors).abs())
    return positive.unflatten(1, (LABELS, count))


def _labels(count: int, runs: int) -> Tensor:
    """One-hot labels of so many latents of each digit, shape (D, labels · count, labels)."""
    return torch.eye(LABELS).repeat_interleave(count, 0).expand(runs, -1, -1)


def gaussian_prior(kind: str, by_label: list[Tensor], count: int, seed: Seed) -> tuple[Tensor, int]:
    """Positive unit vectors from a Gaussian of each digit, shape (labels, count, size), and the
    numbers it takes.

    Args:
        kind: one of `GAUSSIANS`: what of mean and covariance is kept; "one mean" knows no digit and
            no spread.
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
    covariances = torch.stack([torch.cov(each.double().mT) for each in by_label])
    variances = covariances.diagonal(dim1=1, dim2=2)
    if kind == "one mean":
        used = size
        means = means.mean(0).expand_as(means)
        covariances = torch.zeros_like(covariances)
    elif kind == "means":
        used = LABELS * size
        covariances = torch.zeros_like(covariances)
    elif kind == "means, one variance":
        used = LABELS * size + 1
        covariances = (variances.mean() * torch.eye(size).double()).expand_as(covariances)
    elif kind == "means, diagonal":
        used = 2 * LABELS * size
        covariances = torch.diag_embed(variances)
    else:
        used = LABELS * (size + size * (size + 1) // 2)
    values, vectors = torch.linalg.eigh(covariances)
    drawn = torch.randn(LABELS, count, size, generator=generator(seed), dtype=torch.float64)
    moved = (drawn * values.clamp_min(0).sqrt()[:, None]) @ vectors.mT
    return normalised((means[:, None] + moved).abs().float()), used
