"""The ensembles and their diffusion are those of the source."""

import numpy as np
import pytest
import torch

from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import (
    TASKS,
    FidelityKernel,
    bloch_vectors,
    circle_states,
    correlated_noise_states,
    diffuse,
    haar_mmd_squared,
    ising_ground_states,
    magnetisation,
)

FIRST = FidelityKernel()
SECOND = FidelityKernel((1, 2))


def test_the_ensembles_are_normalised_and_what_they_say():
    for task in TASKS.values():
        data = task.data(50, 1)
        assert abs(torch.linalg.vector_norm(data, dim=-1) - 1).max() < 1e-12
        assert torch.equal(data, task.data(50, 1))
    assert (
        abs(TASKS["cluster, 1 qubit"].data(40_000, 1)[:, 0].abs().square().mean() - 0.9875) < 5e-4
    )
    assert (
        abs(TASKS["cluster, 2 qubits"].data(40_000, 1)[:, 0].abs().square().mean() - 0.979) < 5e-4
    )
    circle = bloch_vectors(circle_states(4000, seed=1))
    assert abs(circle[:, 1]).max() < 1e-12
    assert abs(circle.mean(0)).max() < 0.05
    assert abs(circle_states(4000, seed=1).mean(0)).max() < 0.05  # φ goes all the way round


def test_bloch_vectors_are_the_means_of_the_paulis():
    states = haar_states(20, 1, seed=1)
    paulis = torch.tensor([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]]).cdouble()
    means = torch.einsum("si,pij,sj->sp", states.conj(), paulis, states)
    torch.testing.assert_close(bloch_vectors(states), means.real)


def test_correlated_noise_turns_by_xx_or_zz_at_the_full_angle():
    """exp(−iδP) with P = XX or ZZ: no half in the exponent, so turns reach π/3."""
    states = correlated_noise_states(20_000, seed=1)
    start = torch.polar(
        *torch.tensor([[0.1, 0.55, 0, 0.35], [0.8, 1.7, 0, 2.4]], dtype=torch.float64)
    ).to(torch.complex128)
    start = start / start.abs().clamp_min(1e-300).sqrt()  # the first row holds probabilities
    by_xx = states[:, 2].abs() > 1e-12  # ZZ only turns phases: amplitude 10 stays empty
    assert abs(by_xx.double().mean() - 0.8) < 0.015
    x = torch.tensor([[0, 1], [1, 0]]).to(torch.complex128)
    z = torch.diag(torch.tensor([1, -1])).to(torch.complex128)
    for chosen, pauli in ((by_xx, x), (~by_xx, z)):
        pair = torch.kron(pauli, pauli)
        # ⟨ψ₀|ψ⟩ = cos δ − i sin δ ⟨PP⟩ and ⟨ψ₀|PP|ψ⟩ = cos δ ⟨PP⟩ − i sin δ: two equations for the
        # cosine and the sine.
        mean = (start.conj() @ pair @ start).real
        one = states[chosen] @ start.conj()
        two = states[chosen] @ (pair @ start).conj()
        cosine = ((one - mean * two) / (1 - mean**2)).real
        sine = -((two - mean * one) / (1 - mean**2)).imag
        turned = (
            torch.linalg.matrix_exp(-1j * torch.atan2(sine, cosine)[:50, None, None] * pair) @ start
        )
        assert (
            abs(turned - states[chosen][:50]).max() < 1e-6
        )  # the phases of ψ₀ are kept in single precision
        angles = torch.atan2(sine, cosine)
        assert abs(angles).max() < np.pi / 3 + 1e-9
        assert angles.max() > np.pi / 3 - 0.01
        assert angles.min() < -np.pi / 3 + 0.01
        assert (
            abs(angles.square().mean() / (np.pi**2 / 27) - 1) < 0.05
        )  # uniform: mean square (π/3)²/3


def test_ising_ground_states_have_the_lowest_energy():
    states = ising_ground_states(5, 3, seed=2)
    assert abs(states.imag).max() == 0
    x, z, one = (
        torch.tensor(m, dtype=torch.float64)
        for m in ([[0, 1], [1, 0]], [[1, 0], [0, -1]], [[1, 0], [0, 1]])
    )
    kron = lambda *ops: torch.kron(torch.kron(ops[0], ops[1]), ops[2])  # noqa: E731
    coupling = -(kron(z, z, one) + kron(one, z, z))
    field = -(kron(x, one, one) + kron(one, x, one) + kron(one, one, x))
    for state in states.real:
        fields = torch.linspace(0.2, 0.4, 400)
        residuals = [
            (h @ state - (state @ h @ state) * state).norm()
            for h in (coupling + g * field for g in fields)
        ]
        best = coupling + fields[int(np.argmin(residuals))] * field
        assert min(residuals) < 1e-3
        assert abs(state @ best @ state - torch.linalg.eigvalsh(best)[0]) < 1e-5
    assert magnetisation(states).min() > 0.9


def test_the_diffusion_goes_from_data_to_haar_and_its_gates_have_the_stated_angles():
    states = torch.eye(4, dtype=torch.complex128)[:1].expand(3000, -1)
    small = diffuse(states, [0.01], seed=1)
    assert torch.equal(small, diffuse(states, [0.01], seed=1))
    assert torch.equal(small[0], states)
    # |00⟩: the z rotations and ZZ only turn its phase; Ry by h·U[−π/8, π/8] has ⟨sin²(y/2)⟩ =
    # h²π²/768 for each qubit.
    lost = 1 - small[1, :, 0].abs().square().mean()
    assert abs(lost / (2 * 0.01**2 * np.pi**2 / 768) - 1) < 0.05
    plus = torch.full((1, 4), 0.5, dtype=torch.complex128).expand(3000, -1)
    kept = diffuse(plus, [0.01], seed=2)[1]
    # |++⟩ feels Rz, Ry, Rz on either qubit, h²π²/768 each, and ZZ with mean γ² = h²(.25 + .01/3)/8.
    expected = 6 * 0.01**2 * np.pi**2 / 768 + 0.01**2 * (0.25 + 0.01 / 3) / 8 / 4
    assert abs((1 - kept.mean(-1).abs().square().mean() * 4) / expected - 1) < 0.05
    # In the phase of ψ₀₀ψ₁₁/ψ₀₁ψ₁₀ rotations about z cancel and exp(−iγZZ/2) stays, as −2γ.
    crossed = kept[:, 0] * kept[:, 3] * (kept[:, 1] * kept[:, 2]).conj()
    assert crossed.angle().mean().item() == pytest.approx(-0.01 * 0.5 / 2**0.5, rel=0.02)
    path = TASKS["cluster, 2 qubits"].path(1, seed=1)[:, 0]
    assert haar_mmd_squared(path[0], SECOND) > 0.5
    assert abs(haar_mmd_squared(path[-1], SECOND)) < 0.02
