import numpy as np
import pytest
from numpy.testing import assert_allclose

from qdm_utils.gaussian import squeezed_thermal
from qdm_utils.gaussian.second_opinions.learned_score import learned_covariance


@pytest.mark.slow
def test_a_learned_score_finds_the_covariance():
    """Statistical error √(2/samples) ≈ 4 % of each entry; five of them, over four networks."""
    cov = np.repeat(squeezed_thermal(1.5, np.array([0.0, 0.6])), 4, axis=0)
    learned = learned_covariance(cov, seed=3, samples=1024, steps=150)
    deviation = np.abs(learned - cov) / np.sqrt(np.einsum("kii,kjj->kij", cov, cov))
    assert deviation.max() < 5 * np.sqrt(2 / 1024)
    assert not np.allclose(learned[0], learned[1])
    assert_allclose(learned_covariance(cov, seed=3, samples=1024, steps=150), learned, rtol=1e-12)


def test_a_short_training_of_a_seed_stays_what_it_is():
    """Not a good estimate yet, but one that shows the draws, the skip and the missing bias."""
    cov = squeezed_thermal(1.5, 0.6)[None]
    learned = learned_covariance(cov, seed=3, samples=256, steps=20, width=4)
    expected = [[1.03349009, 0.05146959], [0.05146959, 0.86945293]]
    assert_allclose(learned[0], expected, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: learned_covariance(np.eye(2), 1), r"Argument `cov` must have shape \(m, 2, 2\)"),
        (
            lambda: learned_covariance(np.eye(2)[None], -1),
            r"Argument `seed` must be a whole number ≥ 0 or a SeedSequence, but got -1",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
