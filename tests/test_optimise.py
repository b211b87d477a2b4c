"""The one descent loop against Adam written out by hand, its rates, and its refusals."""

import re
from math import e, inf, nan

import numpy as np
import pytest
import torch

from qdm_utils.optimise import (
    DivergenceError,
    constant,
    cosine,
    descend,
    exponential,
    linear,
    one_cycle,
)

TARGET = torch.tensor([[1.0, -2.0], [0.5, 3.0], [0.0, 0.1]], dtype=torch.float64)


def start() -> torch.Tensor:
    return torch.zeros(3, 2, dtype=torch.float64, requires_grad=True)


def loss_of(x: torch.Tensor):
    """Losses of three draws, one for each row."""
    return lambda step: (x - TARGET).square().sum(-1)


def adam_by_hand(rate, steps: int) -> np.ndarray:
    """Kingma and Ba, algorithm 1, on the same losses."""
    x, first, second = np.zeros((3, 2)), np.zeros((3, 2)), np.zeros((3, 2))
    for t in range(1, steps + 1):
        gradient = 2 * (x - TARGET.numpy())
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        unbiased = np.sqrt(second / (1 - 0.999**t)) + 1e-8
        x = x - rate(t - 1) * first / (1 - 0.9**t) / unbiased
    return x


@pytest.mark.parametrize("rate", [constant(0.1), linear(0.2, 30), cosine(0.2, 30, 0.1)])
def test_descent_is_adam_with_the_rate_of_each_step(rate):
    x = start()
    losses = descend([x], loss_of(x), 30, rate)
    np.testing.assert_allclose(x.detach().numpy(), adam_by_hand(rate, 30), rtol=1e-12)
    assert losses.shape == (30, 3)
    assert not losses.requires_grad
    # Losses are those before each update.
    torch.testing.assert_close(losses[0], TARGET.square().sum(-1), rtol=1e-14, atol=0)
    np.testing.assert_allclose(
        losses[7], np.square(adam_by_hand(rate, 7) - TARGET.numpy()).sum(-1), rtol=1e-12
    )


def test_each_draw_is_trained_as_if_it_were_alone():
    together = start()
    descend([together], loss_of(together), 20, constant(0.1))
    for draw in range(3):
        alone = torch.zeros(2, dtype=torch.float64, requires_grad=True)
        goal = TARGET[draw]
        descend([alone], lambda s, x=alone, y=goal: (x - y).square().sum(), 20, constant(0.1))
        # To rounding: a fused update rounds the numbers of a whole vector register otherwise.
        torch.testing.assert_close(alone.detach(), together[draw].detach(), rtol=1e-13, atol=0)


def test_rates_at_their_ends():
    assert [constant(0.3)(step) for step in (0, 99)] == [0.3, 0.3]
    assert [linear(2.0, 4)(step) for step in (0, 2, 4)] == [2.0, 1.0, 0.0]
    assert [cosine(2.0, 10)(step) for step in (0, 10)] == [2.0, 0.0]
    assert cosine(2.0, 10)(5) == pytest.approx(1.0)
    assert cosine(2.0, 10)(2) == pytest.approx(1 + np.cos(np.pi / 5))
    assert [cosine(2.0, 10, 0.25)(step) for step in (0, 10)] == [2.0, 0.5]
    assert exponential(2.0, 5.0)(0) == 2.0
    assert exponential(2.0, 5.0)(5) == pytest.approx(2.0 / e)
    assert [exponential(2.0, inf)(step) for step in (0, 10**6)] == [2.0, 2.0]


def test_an_optimiser_that_is_passed_in_keeps_its_moments():
    x = start()
    adam = torch.optim.Adam([x])
    descend(adam, loss_of(x), 12, constant(0.1))
    descend(adam, loss_of(x), 8, constant(0.1))
    np.testing.assert_allclose(x.detach(), adam_by_hand(constant(0.1), 20), rtol=1e-12)
    # Weights alone start again: the moments make a difference.
    y = start()
    descend([y], loss_of(y), 12, constant(0.1))
    descend([y], loss_of(y), 8, constant(0.1))
    assert (x - y).abs().max() > 1e-3


def test_parameter_groups_have_rates_of_their_own_and_none_leaves_them_alone():
    def two() -> tuple[torch.Tensor, torch.Tensor, torch.optim.Adam]:
        a, b = start(), start()
        groups = [{"params": [a], "lr": 0.3}, {"params": [b], "lr": 0.01}]
        return a, b, torch.optim.Adam(groups)

    a, b, adam = two()
    descend(adam, lambda s: loss_of(a)(s) + loss_of(b)(s), 1, [constant(0.2), constant(0.05)])
    # Adam's first step has the size of the rate, whatever the gradient.
    moved = TARGET != 0
    torch.testing.assert_close(a.detach().abs()[moved], torch.full((5,), 0.2).double())
    torch.testing.assert_close(b.detach().abs()[moved], torch.full((5,), 0.05).double())
    a, b, adam = two()
    descend(adam, lambda s: loss_of(a)(s) + loss_of(b)(s), 1, None)
    torch.testing.assert_close(a.detach().abs()[moved], torch.full((5,), 0.3).double())
    torch.testing.assert_close(b.detach().abs()[moved], torch.full((5,), 0.01).double())
    with pytest.raises(ValueError, match="shorter"):
        descend(adam, loss_of(a), 1, [constant(0.1)])


def test_gradients_can_be_masked_before_the_weights_move():
    x, seen = start(), []

    def mask(step: int) -> None:
        seen.append((step, x.grad.clone()))
        x.grad[1] = 0.0

    descend([x], loss_of(x), 5, constant(0.1), before_update=mask)
    assert [step for step, _ in seen] == list(range(5))
    assert torch.equal(seen[0][1], -2 * TARGET)  # not the sum of all gradients so far
    torch.testing.assert_close(
        seen[1][1][0], 2 * (0.1 * TARGET[0].sign() - TARGET[0]), rtol=1e-6, atol=0
    )
    assert not x.detach()[1].any()
    assert x.detach()[0].all()


def test_no_step_is_no_change():
    x = start()
    assert descend([x], loss_of(x), 0, constant(0.1)).numel() == 0
    assert not x.detach().any()
    with pytest.raises(ValueError, match=r"^Argument `steps` must be a whole number ≥ 0"):
        descend([x], loss_of(x), -1, constant(0.1))


@pytest.mark.parametrize("bad", [nan, inf, -inf])
@pytest.mark.parametrize("shape", [(3, 2), (3,)])
def test_the_draw_that_diverges_is_named_before_it_spoils_the_weights(bad, shape):
    x = torch.ones(shape, dtype=torch.float64, requires_grad=True)
    factor = torch.ones(3, dtype=torch.float64)

    def loss(step: int) -> torch.Tensor:
        factor[1] = bad if step == 2 else 1.0
        return x.reshape(3, -1).square().sum(-1) * factor

    sentence = (
        "Training diverged at update 3 of stage 2, draw 1: "
        "the loss or its gradient is not finite; lower the learning rate."
    )
    with pytest.raises(DivergenceError, match=f"^{re.escape(sentence)}$"):
        descend([x], loss, 5, constant(0.1), where="stage 2")
    assert torch.isfinite(x).all()


def test_a_gradient_that_is_not_finite_is_found_where_the_loss_is():
    x = torch.tensor([1.0, 0.0, 4.0], requires_grad=True)  # the root has no derivative at 0
    with pytest.raises(DivergenceError, match=r"at update 1, draw 1: "):
        descend([x], lambda step: x.sqrt(), 3, constant(0.1))
    # A weight that all draws share names none of them; a single loss has no draws.
    shared = torch.tensor(0.0, requires_grad=True)
    with pytest.raises(DivergenceError, match=r"at update 1: "):
        descend([shared], lambda step: shared.sqrt() * torch.ones(3), 3, constant(0.1))
    with pytest.raises(DivergenceError, match=r"at update 1: "):
        descend([shared], lambda step: shared.sqrt(), 3, constant(0.1))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: constant(0.0), "Argument `rate` must be > 0, but got 0"),
        (lambda: linear(-1.0, 3), "Argument `rate` must be > 0, but got -1"),
        (lambda: cosine(nan, 3), "Argument `rate` must be finite, but got nan"),
        (lambda: exponential(1.0, 0.0), "Argument `decay` must be > 0, but got 0.0"),
    ],
)
def test_rates_that_are_none_are_refused_by_name(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


@pytest.mark.parametrize("rate", [constant(1e38), lambda step: 1e31])
def test_a_rate_beyond_single_precision_is_refused_before_the_weights_move(rate):
    x = torch.zeros(3, requires_grad=True)
    with pytest.raises(ValueError, match=r"^Argument `rate` must be at most 1e\+30, but got"):
        descend([x], lambda step: (x - 1).square(), 3, rate)
    assert (x == 0).all()


@pytest.mark.parametrize("peaks", [1e38, [0.1, 1e38]])
def test_a_cycle_to_such_a_rate_is_refused_too(peaks):
    adam = torch.optim.Adam([{"params": [torch.zeros(3)]} for _ in range(2)])
    with pytest.raises(ValueError, match=r"^Argument `rate` must be at most 1e\+30, but"):
        one_cycle(adam, peaks, 3)


def test_the_largest_rate_can_still_be_followed():
    x = torch.zeros(3, requires_grad=True)
    descend([x], lambda step: (x - 1).square(), 1, constant(1e30))
    assert torch.isfinite(x).all()


@pytest.mark.parametrize(
    ("dtype", "rate"), [(torch.float64, constant(1e308)), (torch.float32, lambda step: inf)]
)
def test_rates_that_torch_can_convert_diverge(dtype, rate):
    x = torch.zeros(3, dtype=dtype, requires_grad=True)
    with pytest.raises(DivergenceError):
        descend([x], lambda step: (x - 1).square(), 3, rate)
