"""The variational bound against its terms, the likelihood and sampled trajectories."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from qdm_utils.diffusion import (
    LinearReverse,
    bound_terms,
    exact_reverse,
    negative_log_likelihood,
    noised,
    variational_bound,
)
from tests.diffusion.draws import BARS, BETAS, DATA, EXACT, ONE, normal


def disturbed(size, seed):
    true = exact_reverse(*DATA, BETAS)
    wider = torch.exp(size * normal(9, 1, 1, seed=seed))
    shifts = size * normal(9, 2, 3, seed=seed + 1)
    return LinearReverse(
        true.matrices + shifts[..., :2], true.offsets + shifts[..., 2], true.covariances * wider
    )


def test_the_exact_reverse_brings_gaussian_data_back():
    true = exact_reverse(*DATA, BETAS)
    mean = BARS[-1].sqrt() * DATA[0]
    covariance = BARS[-1] * DATA[1] + (1 - BARS[-1]) * ONE
    for matrix, offset, wide in reversed(
        list(zip(true.matrices, true.offsets, true.covariances, strict=True))
    ):
        mean = matrix @ mean + offset
        covariance = matrix @ covariance @ matrix.mT + wide
    assert (mean - DATA[0]).abs().max() < 1e-12
    assert (covariance - DATA[1]).abs().max() < 1e-12


@pytest.mark.parametrize("size", [0.0, 0.05, 0.3])
def test_the_bound_is_the_sum_of_its_terms_and_lies_above(size):
    for seed in range(5):
        chain = disturbed(size, seed)
        bound = variational_bound(*DATA, chain, BETAS)
        terms = bound_terms(*DATA, chain, BETAS)
        assert terms.sum().item() == pytest.approx(bound.item(), rel=1e-10)
        assert (terms[1:] >= 0).all()
        assert negative_log_likelihood(*DATA, chain) <= bound + 1e-10


def test_the_likelihood_is_that_of_what_the_chain_makes_of_noise():
    chain = disturbed(0.3, 3)
    mean, covariance = torch.zeros(2).double(), ONE
    for t in range(9, 0, -1):
        matrix, offset, wide = chain.step(t)
        mean = matrix @ mean + offset
        covariance = matrix @ covariance @ matrix.mT + wide
    data = torch.distributions.MultivariateNormal(*DATA)
    model = torch.distributions.MultivariateNormal(mean, covariance)
    expected = data.entropy() + torch.distributions.kl_divergence(data, model)
    assert negative_log_likelihood(*DATA, chain).item() == pytest.approx(expected.item(), **EXACT)


def test_the_bound_is_tight_for_the_exact_chain_of_stationary_data():
    data = torch.zeros(2).double(), ONE
    chain = exact_reverse(*data, BETAS)
    entropy = 1 + np.log(2 * np.pi)
    assert negative_log_likelihood(*data, chain).item() == pytest.approx(entropy, **EXACT)
    assert variational_bound(*data, chain, BETAS).item() == pytest.approx(entropy, **EXACT)


def test_the_bound_is_that_of_sampled_trajectories():
    chain = disturbed(0.05, 3)
    count = 40000
    x = DATA[0] + normal(count, 2, seed=5) @ torch.linalg.cholesky(DATA[1]).mT
    log_ratio = torch.zeros(count).double()
    for t, beta in enumerate(BETAS):
        after = noised(x, beta, normal(count, 2, seed=10 + t))
        log_q = norm.logpdf(after, (1 - beta).sqrt() * x, beta.sqrt()).sum(-1)
        model = torch.distributions.MultivariateNormal(
            after @ chain.matrices[t].mT + chain.offsets[t], chain.covariances[t]
        )
        log_ratio += torch.tensor(log_q) - model.log_prob(x)
        x = after
    log_ratio -= torch.tensor(norm.logpdf(x).sum(-1))
    error = log_ratio.std() / count**0.5
    assert abs(log_ratio.mean() - variational_bound(*DATA, chain, BETAS)) < 5 * error


def test_a_step_without_noise_has_no_bound():
    still = BETAS.clone()
    still[4] = 0.0
    with pytest.raises(ValueError, match=r"^Argument `schedule` must hold 9 steps with noise"):
        variational_bound(*DATA, exact_reverse(*DATA, BETAS), still)
