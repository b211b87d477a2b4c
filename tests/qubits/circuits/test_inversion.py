"""The search for inversions, against what counting CNOTs allows."""

from math import cos, pi

import pytest
import torch

from qdm_utils.qubits import Ansatz, haar_unitaries
from qdm_utils.qubits.circuits import best_inversion


@pytest.mark.slow
def test_an_inversion_is_found_where_there_is_one_and_is_the_best_possible_where_there_is_none():
    unitaries = haar_unitaries(2, 4, seed=1)  # three CNOTs with rotations reach all of SU(4)
    assert (best_inversion(Ansatz(2, 3), unitaries, 8, 150, seed=2) > 0.999).all()
    # With exp(i Σ c_k σ_k⊗σ_k) between rotations, |Tr|² = 16 Π cos² Δc_k: k CNOTs have k of the c
    # at π/4 less than SWAP has.
    one = torch.eye(4, dtype=torch.complex128)
    swap, cnot = one[[0, 2, 1, 3]], one[[0, 1, 3, 2]]
    targets = torch.stack([swap, cnot, one])
    assert best_inversion(Ansatz(2, 1), targets, 8, 150, seed=2).tolist() == pytest.approx(
        [0.4, 1.0, 0.6], abs=1e-3
    )
    assert best_inversion(Ansatz(2, 2), targets[:1], 8, 150, seed=2).tolist() == pytest.approx(
        [0.6], abs=1e-3
    )


def test_the_rate_of_an_inversion_falls_to_zero(monkeypatch):
    rates = []
    step = torch.optim.Adam.step

    def watched(self, *args, **kwargs):
        rates.append(self.param_groups[0]["lr"])
        return step(self, *args, **kwargs)

    monkeypatch.setattr(torch.optim.Adam, "step", watched)
    best_inversion(Ansatz(2, 1), haar_unitaries(1, 4, seed=1), 2, 4, seed=2, rate=0.2)
    assert rates == pytest.approx([0.2 * (0.5 + 0.5 * cos(pi * k / 4)) for k in range(4)])
