"""What makes no sense is refused by name."""

import pytest
import torch

from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import (
    FidelityKernel,
    MeasuredStep,
    Training,
    diffuse,
    haar_mmd_squared,
    ising_ground_states,
    mmd_null,
    mmd_squared,
    published_config,
    train_chain,
)

FIRST = FidelityKernel()
SECOND = FidelityKernel((1, 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: MeasuredStep(2, -1, 3),
            "Argument `ancillas` must be a whole number ≥ 0, but got -1",
        ),
        (
            lambda: diffuse(haar_states(3, 1, 1), [], 1),
            r"Argument `schedule` must hold T ≥ 1 steps, but got shape \(0,\)",
        ),
        (
            lambda: diffuse(haar_states(3, 1, 1), [0.1, -1.0], 1),
            "Argument `schedule` must be ≥ 0, but got -1",
        ),
        (
            lambda: diffuse(2 * haar_states(3, 1, 1), [0.1], 1),
            "Argument `states` must be normalised within 1e-08, but got a norm",
        ),
        (
            lambda: diffuse(0.5 * haar_states(3, 1, 1), [0.1], 1),
            "Argument `states` must be normalised within 1e-08, but got a norm",
        ),
        (
            lambda: mmd_squared(2 * haar_states(3, 1, 1), haar_states(3, 1, 1), FIRST),
            "Argument `generated` must be normalised",
        ),
        (
            lambda: haar_mmd_squared(2 * haar_states(3, 1, 1), FIRST),
            "Argument `data` must be normalised",
        ),
        (
            lambda: haar_mmd_squared(haar_states(1, 1, 1), FIRST),
            "Argument `data` must hold at least two states",
        ),
        (
            lambda: mmd_null(
                haar_states(3, 1, 1), float("nan") * haar_states(3, 1, 1), FIRST, 1, 1
            ),
            "Argument `others` must be normalised",
        ),
        (
            lambda: mmd_null(haar_states(1, 1, 1), haar_states(3, 1, 1), FIRST, 1, 1),
            "Argument `states` must hold at least two states, but got 1",
        ),
        (
            lambda: ising_ground_states(2, 3, 1, low=0.0),
            r"Argument `low` must lie in \(0, 0.4\], but got 0",
        ),
        (
            lambda: ising_ground_states(2, 3, 1, low=0.5),
            r"Argument `low` must lie in \(0, 0.4\], but got 0.5",
        ),
        (
            lambda: published_config("square"),
            "Argument `task` must be one of cluster, 1 qubit, .* but got 'square'",
        ),
        (
            lambda: Training("circle", published_config("circle", inputs=500), 0, 1),
            "Argument `runs` must be a whole number ≥ 1, but got 0",
        ),
        (
            lambda: mmd_squared(haar_states(3, 1, 1), haar_states(1, 1, 1), FIRST),
            "Argument `data` must hold at least two states",
        ),
        (
            lambda: MeasuredStep(1, 1, 1).branches(
                torch.zeros(1, 2, 2).double(), haar_states(3, 2, 1)
            ),
            "must have 2 amplitudes",
        ),
        (
            lambda: FidelityKernel(()),
            r"Argument `moments` must not be empty without `widths`, but got \(\)",
        ),
        (
            lambda: published_config("circle", loss="euclid"),
            "Argument `loss` must be a FidelityKernel or",
        ),
        (
            lambda: published_config("circle", inputs=10),
            "Argument `inputs` must be a whole number ≥ 100, but got 10",
        ),
        (
            lambda: train_chain(
                published_config("circle"), haar_states(8, 1, 1).view(1, 2, 4, 2), 1
            ),
            "must hold T ≥ 1 steps, but got T = 0",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
