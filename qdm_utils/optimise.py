"""Gradient descent: one loop for everything that is trained, and the rates it may follow.

Many independent trainings share a loop along a *draws* axis: their losses are summed, so that each
is trained as if it were alone, and one that leaves the finite numbers is named by its place on that
axis.
"""

from collections.abc import Callable, Iterable, Sequence
from math import cos, exp, inf, isfinite, pi

import torch
from torch import Tensor

from qdm_utils.arguments import demand, positive, whole_number

Rate = Callable[[int], float]  # step 0, 1, … ↦ learning rate
# For weights in single precision, which ends at 3e38: Adam divides the rate by 1 − β.
LARGEST_RATE = 1e30


class DivergenceError(FloatingPointError):
    """Training left the finite numbers; the message names the update and the draw."""


def constant(rate: float) -> Rate:
    """The same rate at every step."""
    rate = positive("rate", rate)
    return lambda step: rate


def linear(rate: float, steps: int) -> Rate:
    """From `rate` at the first step straight to 0 after the last.

    >>> [linear(1.0, 4)(step) for step in range(4)]
    [1.0, 0.75, 0.5, 0.25]
    """
    rate = positive("rate", rate)
    return lambda step: rate * (1.0 - step / steps)


def cosine(rate: float, steps: int, last: float = 0.0) -> Rate:
    """Half a cosine from `rate` at the first step to `last`·`rate` after the last.

    >>> [round(cosine(1.0, 2, 0.1)(step), 2) for step in range(3)]
    [1.0, 0.55, 0.1]
    """
    rate = positive("rate", rate)
    return lambda step: rate * (last + (1.0 - last) * 0.5 * (1.0 + cos(pi * step / steps)))


def exponential(rate: float, decay: float) -> Rate:
    """Falls by a factor e in `decay` steps; an infinite `decay` is a constant rate."""
    rate = positive("rate", rate)
    demand(decay > 0.0, "decay", "be > 0", decay)
    return lambda step: rate * exp(-step / decay)


def one_cycle(
    adam: torch.optim.Optimizer, peaks: float | list[float], steps: int
) -> Callable[[int], None]:
    """Torch's one-cycle schedule of rate *and* momentum, to be `before_update` of `descend` with
    rate None.

    A `Rate` would not do: while the rate rises to its peak and falls again, Adam's first moment
    decay goes from 0.95 to 0.85 and back.

    Args:
        adam: the optimiser whose parameter groups it sets.
        peaks: the largest rate, or one for each parameter group.
        steps: updates.

    Source: L. N. Smith, N. Topin, arXiv:1708.07120, in torch's form.

    >>> x = torch.zeros(1, requires_grad=True)
    >>> adam = torch.optim.Adam([x], lr=0.1)
    >>> follow = one_cycle(adam, 0.1, 9)
    >>> rates = []
    >>> def look(step):
    ...     follow(step)
    ...     rates.append(round(adam.param_groups[0]["lr"], 3))
    >>> _ = descend(adam, lambda step: x.sum(), 9, None, before_update=look)
    >>> rates
    [0.004, 0.052, 0.1, 0.095, 0.081, 0.061, 0.039, 0.019, 0.005]
    """
    moving = [weight for group in adam.param_groups for weight in group["params"]]
    for peak in peaks if isinstance(peaks, list) else [peaks]:
        _single_precision_holds(peak, moving)
    # One step more than there are updates, so that the last update still moves something.
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, peaks, total_steps=steps + 1)

    def follow(step: int) -> None:
        if step > 0:
            schedule.step()

    return follow


def descend(
    weights: Sequence[Tensor] | torch.optim.Optimizer,
    loss: Callable[[int], Tensor],
    steps: int,
    rate: Rate | Iterable[Rate] | None,
    where: str = "",
    before_update: Callable[[int], None] | None = None,
    words: tuple[str, str] = ("update", "draw"),
) -> Tensor:
    """Minimise a loss by Adam.

    Args:
        weights: leaf tensors that require gradients, updated in place; or an optimiser that holds
            them already, with moments that are to be kept.
        loss: step 0, 1, … ↦ the losses of all draws at the present weights, any shape.
        steps: updates, ≥ 0.
        rate: the learning rate, or one for each parameter group of the optimiser; None leaves the
            optimiser's own as they are, for schedulers that step in `before_update`.
        where: what diverged, for the message, such as "step 3".
        before_update: called with the step once gradients are there and before the weights move: to
            mask gradients, or to look at them.
        words: what the message of a divergence calls a step and a place on the draws axis.

    Returns:
        The losses before each update, shape (steps, *loss shape), detached.

    Raises:
        ValueError: steps < 0, or a rate that the precision of the weights does not hold.
        DivergenceError: a loss or a gradient that is not finite, before it can spoil the weights.

    >>> x = torch.tensor([3.0, -2.0], requires_grad=True)
    >>> losses = descend([x], lambda step: x**2, 200, cosine(0.3, 200))
    >>> losses.shape, bool(losses[-1].max() < 1e-3)
    (torch.Size([200, 2]), True)
    """
    steps = whole_number("steps", steps, 0)
    if isinstance(weights, torch.optim.Optimizer):
        adam = weights
    else:
        adam = torch.optim.Adam(list(weights), fused=True)
    groups = adam.param_groups
    moving = [weight for group in groups for weight in group["params"]]
    rates = [rate] * len(groups) if callable(rate) else list(rate or ())
    history = []
    for step in range(steps):
        for group, follow in zip(groups, rates, strict=bool(rates)):
            group["lr"] = _single_precision_holds(follow(step), moving)
        losses = loss(step)
        adam.zero_grad()
        losses.sum().backward()
        if before_update is not None:
            before_update(step)
        _refuse_to_diverge(losses.detach(), moving, step, where, words)
        adam.step()
        history.append(losses.detach())
    return torch.stack(history) if history else torch.empty(0)


def _single_precision_holds(rate: float, weights: list[Tensor]) -> float:
    """The rate; refused where torch could not convert it. An infinite one it can, and diverges."""
    if LARGEST_RATE < rate < inf and any(weight.dtype == torch.float32 for weight in weights):
        raise ValueError(f"Argument `rate` must be at most {LARGEST_RATE:g}, but got {rate:g}")
    return rate


def _refuse_to_diverge(
    losses: Tensor, weights: list[Tensor], step: int, where: str, words: tuple[str, str]
) -> None:
    # A sum says whether anything at all is wrong; only then is it worth asking what.
    gradients = [weight.grad for weight in weights if weight.grad is not None]
    if all(isfinite(numbers.sum().item()) for numbers in (losses, *gradients)):
        return
    bad = ~torch.isfinite(losses).flatten()
    draws = losses.numel()
    for gradient in gradients:
        # Weights whose first axis is that of the draws say which one it was, also where the loss
        # does not yet.
        if draws > 1 and gradient.shape[:1] == (draws,):
            bad |= ~torch.isfinite(gradient).reshape(draws, -1).all(1)
    one_step, one_draw = words
    draw = f", {one_draw} {int(bad.nonzero()[0])}" if draws > 1 and bad.any() else ""
    place = f" of {where}" if where else ""
    raise DivergenceError(
        f"Training diverged at {one_step} {step + 1}{place}{draw}: "
        "the loss or its gradient is not finite; lower the learning rate."
    )
