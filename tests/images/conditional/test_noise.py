"""The forward path, and how far apart states are."""

import numpy as np
import pytest
import torch

from qdm_utils.images.conditional import (
    LatentNoise,
    constant_infidelity,
    infidelity,
    normalised,
)
from qdm_utils.qubits import haar_states
from qdm_utils.qubits.states import fidelity
from qdm_utils.randomness import generator


class OnesNoise(LatentNoise):
    """Every ε is a vector of ones, real and imaginary parts alike where there are any."""

    def draw(self, shape, source):
        return torch.full(shape, 1 + 1j if self.complex_noise else 1.0, dtype=torch.complex64)


@pytest.mark.parametrize(("root", "complex_noise"), [(False, True), (True, False)])
def test_the_forward_path_has_the_coefficients_of_its_kind(root, complex_noise):
    noise = OnesNoise(steps=3, first=0.1, last=0.4, complex_noise=complex_noise, root=root)
    x = torch.eye(8)[:2]
    inputs, targets = noise.pairs(x, generator(0))
    assert inputs.shape == targets.shape == (3, 2, 8)
    betas, epsilon, power = (
        [0.1, 0.2, 0.3, 0.4],
        (1 + 1j if complex_noise else 1.0),
        0.5 if root else 1.0,
    )
    for t in (1, 2, 3):
        kept = np.prod([1 - beta for beta in betas[:t]])
        before = np.sqrt(kept) * x.numpy() + (1 - kept) ** power * epsilon
        after = np.sqrt(1 - betas[t]) * before + betas[t] ** power * epsilon
        for made, wanted in ((targets, before), (inputs, after)):
            assert np.allclose(
                made[t - 1], wanted / np.linalg.norm(wanted, axis=1, keepdims=True), atol=1e-6
            )


def test_noise_of_both_kinds_shares_its_real_parts_and_complex_noise_has_twice_the_power():
    kinds = [LatentNoise(complex_noise=flag).draw((50000,), generator(3)) for flag in (True, False)]
    assert torch.equal(kinds[0].real, kinds[1].real)
    assert (kinds[1].imag == 0).all()
    assert kinds[0].abs().square().mean().item() == pytest.approx(2.0, abs=0.05)
    levels = LatentNoise()
    assert levels.kept[-1].item() == pytest.approx(np.prod(1 - np.linspace(0.004, 0.4, 9)))
    assert levels.signal_fraction(8)[2].item() == pytest.approx(
        levels.kept[2] / (levels.kept[2] + 16 * (1 - levels.kept[2]) ** 2)
    )
    root = LatentNoise(root=True, complex_noise=False).signal_fraction(8)[2].item()
    assert root == pytest.approx(levels.kept[2] / (levels.kept[2] + 8 * (1 - levels.kept[2])))


def test_doing_nothing_scores_what_small_noise_predicts():
    """At t = 1 the two states differ by c(β_1) in the 14 directions that neither norm nor phase
    is."""
    latents = normalised(torch.rand(4000, 8, generator=generator(2)))
    inputs, targets = LatentNoise().pairs(latents, generator(3))
    share = 14 * 0.0535**2
    assert infidelity(inputs, targets)[0].mean().item() == pytest.approx(share, rel=0.12)
    root_inputs, root_targets = LatentNoise(root=True).pairs(latents, generator(3))
    assert infidelity(root_inputs, root_targets)[0].mean() > 5 * share


def test_infidelity_is_that_of_states():
    a, b = haar_states(20, 3, seed=1), haar_states(20, 3, seed=2)
    assert torch.allclose(infidelity(a, b), 1 - fidelity(a, b))
    assert infidelity(a, 1j * a).abs().max() < 1e-12


def test_one_constant_answer_can_do_no_better_than_said_and_the_best_one_does_as_well():
    """Against many answers, and with the leading eigenvector of the mean projector as the
    answer."""
    targets = haar_states(30, 3, seed=4)
    least = constant_infidelity(targets).item()
    answers = haar_states(2000, 3, seed=5)
    assert infidelity(answers[:, None], targets).mean(1).min().item() > least
    _, vectors = torch.linalg.eigh(torch.einsum("bi,bj->ij", targets, targets.conj()))
    assert infidelity(vectors[:, -1], targets).mean().item() == pytest.approx(least, abs=1e-12)
    assert infidelity(vectors[:, -2], targets).mean().item() > least + 0.01
