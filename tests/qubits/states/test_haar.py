import numpy as np
import pytest
import torch

from qdm_utils.qubits import haar_states, haar_unitaries, product_states, zero_states


def z_score(samples: torch.Tensor, expected: float) -> float:
    """Distance of a sample mean from its expectation, in standard errors."""
    return abs((samples.mean() - expected) / (samples.std() / len(samples) ** 0.5)).item()


def test_haar_states_are_normalised_and_have_beta_distributed_overlaps():
    states = haar_states(20000, 3, seed=1)
    assert torch.allclose(
        torch.linalg.vector_norm(states, dim=-1), torch.ones(20000, dtype=torch.float64)
    )
    overlap = states[:, 0].abs().square()
    # Beta(1, d − 1): mean 1/d, second moment 2/(d(d + 1)), and the tail (1 − x)^(d − 1).
    assert z_score(overlap, 1 / 8) < 4
    assert z_score(overlap.square(), 2 / 72) < 4
    assert z_score((overlap > 0.3).double(), 0.7**7) < 4
    assert z_score((states[:, 0] * states[:, 1].conj()).real, 0.0) < 4


@pytest.mark.parametrize("d", [2, 4])
def test_haar_unitaries_have_the_moments_of_the_haar_measure(d):
    u = haar_unitaries(20000, d, seed=2)
    assert (u.mH @ u - torch.eye(d)).abs().max() < 1e-13
    trace = torch.diagonal(u, dim1=-2, dim2=-1).sum(-1)
    # E|Tr U|² = 1, E|Tr U|⁴ = 2 and E|Tr U²|² = 2 single out the Haar measure from QR without its
    # phases (where E Tr U ≠ 0).
    assert z_score(trace.real, 0.0) < 4
    assert z_score(trace.abs().square(), 1.0) < 4
    assert z_score(trace.abs() ** 4, 2.0) < 4
    assert z_score(torch.diagonal(u @ u, dim1=-2, dim2=-1).sum(-1).abs().square(), 2.0) < 4
    assert z_score(u[:, 0, 0].abs() ** 4, 2 / (d * (d + 1))) < 4
    assert (
        z_score(
            (u[:, 0, 0] * u[:, 1, 1] * u[:, 0, 1].conj() * u[:, 1, 0].conj()).real,
            -1 / (d * (d * d - 1)),
        )
        < 4
    )


def test_product_states_have_pure_qubits_and_zero_states_are_zero():
    states = product_states(50, 4, seed=3)
    matrix = states.view(50, 2, 8)
    assert torch.allclose(
        torch.linalg.svdvals(matrix)[:, 1:], torch.zeros(50, 1, dtype=torch.float64), atol=1e-12
    )
    assert torch.equal(zero_states(2, 3).real.argmax(-1), torch.zeros(2, dtype=torch.long))
    overlap = product_states(20000, 2, seed=4)[:, 0].abs().square()
    assert z_score(overlap, 1 / 4) < 4
    assert z_score(overlap.square(), 1 / 9) < 4  # (1/3)², not the Haar 1/10


@pytest.mark.parametrize("draw", [haar_states, product_states, haar_unitaries])
def test_a_seed_gives_the_same_draws_in_either_precision(draw):
    double, single = draw(3, 4, seed=5), draw(3, 4, seed=5, dtype=torch.complex64)
    assert single.dtype == torch.complex64
    assert torch.equal(single, double.to(torch.complex64))
    assert not torch.allclose(double, draw(3, 4, seed=6))
    child = np.random.SeedSequence(5).spawn(1)[0]
    assert torch.equal(draw(3, 4, seed=child), draw(3, 4, seed=child))
    assert not torch.allclose(draw(3, 4, seed=child), double)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: haar_states(2, 0, 1), "Argument `n` must be a whole number ≥ 1, but got 0"),
        (lambda: haar_states(-1, 2, 1), "Argument `count` must be a whole number ≥ 0"),
        (
            lambda: haar_states(2, 2, -1),
            "Argument `seed` must be a whole number ≥ 0 or a SeedSequence",
        ),
        (
            lambda: haar_states(2, 2, 1, torch.float64),
            "Argument `dtype` must be torch.complex64 or torch.complex128",
        ),
        (lambda: haar_unitaries(2, 0, 1), "Argument `d` must be a whole number ≥ 1"),
        (lambda: product_states(2, 1.5, 1), "Argument `n` must be a whole number"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
