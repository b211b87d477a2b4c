"""Plain and matched priors, and the descent that all fits share."""

from math import cos, pi

import pytest
import torch

from qdm_utils.images.geometry import States, Vector
from qdm_utils.images.priors import (
    FitConfig,
    MatchedPrior,
    PlainPrior,
)
from tests.images.priors.examples import CLUSTER, zero


def test_the_rate_of_a_prior_falls_along_half_a_cosine_to_a_tenth():
    """Under a constant gradient Adam moves every weight by the rate itself."""
    config, seen = FitConfig(updates=50, rate=0.02), []

    def slope(weights):
        seen.append(weights.detach().clone())
        return weights.sum()

    seen.append(config.descend(torch.zeros(3, dtype=torch.float64), slope))
    steps = torch.stack(seen).diff(dim=0)
    expected = [-0.02 * (0.1 + 0.9 * (1 + cos(pi * update / 50)) / 2) for update in range(50)]
    assert torch.allclose(
        steps, torch.tensor(expected, dtype=torch.float64)[:, None].expand(50, 3), rtol=1e-6
    )


def test_matched_priors_have_the_moments_they_count():
    reals = Vector(6).plain(4000, 1) @ torch.diag(torch.arange(1.0, 7.0)) + 3
    drawn = MatchedPrior(Vector(6), reals).sample(4000, 2)
    torch.testing.assert_close(drawn.mean(0), reals.mean(0), atol=0.4, rtol=0)
    assert MatchedPrior(Vector(6), reals).parameter_count == 6 + 21
    assert MatchedPrior(States(2), CLUSTER).parameter_count == 15
    assert zero(MatchedPrior(States(2), CLUSTER).sample(3000, 2)) == pytest.approx(
        zero(CLUSTER), abs=0.12
    )  # Haar: .25
    assert PlainPrior(Vector(4)).parameter_count == 0


def test_a_fit_wants_sizes_that_make_sense():
    cases = [
        ({"updates": 0}, "updates"),
        ({"batch": 1}, "batch"),
        ({"rate": 0.0}, "rate"),
        ({"start": -1.0}, "start"),
        ({"widths": ()}, "widths"),
    ]
    for given, name in cases:
        with pytest.raises(ValueError, match=f"Argument `{name}` must"):
            FitConfig(**given)
