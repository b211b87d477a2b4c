"""The density of measured steps: normalised, equal to what sampling gives, constant for unitaries."""

import pytest
import torch

from qdm_utils.qubits.generation import MeasuredStep, chained_kraus, log_density, measure
from qdm_utils.qubits.states import haar_states
from qdm_utils.randomness import generator

STEP = MeasuredStep(2, 1, 3)


def angles(steps: int, seed: int = 4) -> torch.Tensor:
    # Moderate angles, so that no operator is nearly singular and the density has no long tail.
    return 0.5 * torch.randn(
        steps, *STEP.circuit.shape, generator=generator(seed), dtype=torch.float64
    )


@pytest.mark.parametrize("steps", [1, 2])
def test_it_is_normalised_and_its_means_are_those_of_the_samples(steps):
    theta, states = angles(steps), haar_states(40000, 2, 5)
    density = log_density(chained_kraus(STEP, theta), states).exp()
    assert density.mean().item() == pytest.approx(1.0, abs=0.03)
    made, source = haar_states(40000, 2, 6), generator(7)
    for one in theta.flip(0):
        made = measure(STEP.branches(one, made), source)[0]
    for power in (1, 2):  # the second moment tells wrong exponents of the density apart
        sampled = made[:, 0].abs().pow(2 * power).mean().item()
        weighted = (density * states[:, 0].abs().pow(2 * power)).mean().item()
        assert weighted == pytest.approx(sampled, abs=0.02)


def test_a_chain_multiplies_its_operators_in_the_order_of_the_steps():
    theta = angles(2)
    late, early = STEP.kraus(theta[0]), STEP.kraus(theta[1])
    torch.testing.assert_close(chained_kraus(STEP, theta)[1], late[0] @ early[1])
    product = chained_kraus(STEP, theta)
    torch.testing.assert_close((product.mH @ product).sum(0), torch.eye(4, dtype=torch.complex128))


def test_without_ancillas_the_density_is_that_of_haar_whatever_the_angles():
    step = MeasuredStep(3, 0, 2)
    theta = torch.randn(3, *step.circuit.shape, generator=generator(1), dtype=torch.float64)
    found = log_density(chained_kraus(step, theta), haar_states(20, 3, 2))
    torch.testing.assert_close(found, torch.zeros(20, dtype=torch.float64), atol=1e-9, rtol=0)
