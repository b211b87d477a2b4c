"""What makes no sense is refused by name."""

import pytest
import torch

from qdm_utils.diffusion import (
    LinearReverse,
    Mixture,
    bound_weights,
    energy_distance,
    exact_reverse,
    forward_moments,
    linear_schedule,
    mean_from_noise,
    posterior_coefficients,
    reverse_shape,
    ring,
    train_predictors,
    variational_bound,
)

BETAS = linear_schedule(9, 0.02, 0.5)
DATA = (
    torch.tensor([0.7, -0.4], dtype=torch.float64),
    torch.tensor([[0.5, 0.3], [0.3, 0.4]], dtype=torch.float64),
)
PAIR = Mixture(torch.tensor([[-1.0], [1.0]], dtype=torch.float64), 0.3)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: posterior_coefficients([0.1, 1.1], 1), "schedule"),
        (lambda: posterior_coefficients([], 1), "schedule"),
        (lambda: posterior_coefficients(BETAS, 0), "t"),
        (lambda: posterior_coefficients(BETAS, 10), "t"),
        (lambda: posterior_coefficients([0.0, 0.1], 1), "schedule"),
        (lambda: mean_from_noise(torch.ones(2), torch.ones(2), [1.0], 1), "schedule"),
        (lambda: bound_weights([0.1, 1.0]), "schedule"),
        (lambda: bound_weights(BETAS, "learned"), "variance"),
        (lambda: forward_moments(*DATA, -0.1), "beta"),
        (lambda: variational_bound(*DATA, exact_reverse(*DATA, BETAS), BETAS[1:]), "schedule"),
        (
            lambda: LinearReverse(torch.zeros(1, 2, 2), torch.zeros(1, 2), torch.zeros(1, 2, 2)),
            "covariances",
        ),
        (
            lambda: LinearReverse(
                torch.zeros(1, 2, 2), torch.zeros(1, 2), torch.diag(torch.tensor([1.0, -1.0]))[None]
            ),
            "covariances",
        ),
        (lambda: Mixture(torch.zeros(0, 2), 1.0), "centres"),
        (lambda: Mixture(torch.zeros(3), 1.0), "centres"),
        (lambda: Mixture(torch.zeros(1, 2), 0.0), "width"),
        (lambda: reverse_shape(PAIR, [0.0, 0.5]), "betas"),
        (lambda: reverse_shape(PAIR, [0.5, 1.0]), "betas"),
        (lambda: reverse_shape(ring(3, 1.0, 0.1), BETAS), "mixture"),
        (lambda: energy_distance(torch.zeros(1, 2), torch.zeros(5, 2)), "points"),
        (
            lambda: train_predictors(PAIR, BETAS, torch.ones(1, 3), torch.ones(1), 1, 4, 4, 1, 1),
            "weights",
        ),
        (
            lambda: train_predictors(PAIR, BETAS, torch.ones(1, 9), torch.ones(2), 1, 4, 4, 1, 1),
            "rates",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(call, name):
    with pytest.raises(ValueError, match=f"^Argument `{name}` must"):
        call()
