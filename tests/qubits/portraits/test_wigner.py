from itertools import product
from math import sqrt

import numpy as np
import pytest
import torch

from qdm_utils.qubits import (
    brickwork,
    haar_states,
    product_states,
)
from qdm_utils.qubits.portraits import (
    discrete_wigner,
    haar_negativity,
    negative_fraction,
    product_negativity,
    wigner_norm,
)
from qdm_utils.qubits.states import fidelity
from tests.qubits.portraits.named_states import BELL, GHZ

ONE = np.eye(2)
X = np.array([[0, 1], [1, 0]])
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1, -1])
# Columns: eigenvectors with eigenvalue +1 and −1.
BASES = {
    "X": np.array([[1, 1], [1, -1]]) / sqrt(2),
    "Y": np.array([[1, 1], [1j, -1j]]) / sqrt(2),
    "Z": np.eye(2),
}


def kron(factors):
    out = np.eye(1)
    for factor in factors:
        out = np.kron(out, factor)
    return out


@pytest.mark.parametrize("n", [1, 2, 3])
def test_wigner_against_the_kernel_written_out(n):
    psi = haar_states(1, n, seed=1)[0].numpy()
    found = discrete_wigner(torch.from_numpy(psi)).reshape(2**n, 2**n).numpy()
    for (row, a), (column, b) in product(
        enumerate(product((1, -1), repeat=n)), enumerate(product((1, -1), repeat=n))
    ):
        kernel = kron([0.5 * (ONE + s * X + t * Y + s * t * Z) for s, t in zip(a, b, strict=True)])
        assert found[row, column] == pytest.approx(
            (psi.conj() @ kernel @ psi).real / 2**n, abs=1e-14
        )


@pytest.mark.parametrize("n", [1, 2, 4])
def test_wigner_marginals_are_the_probabilities_of_pauli_measurements(n):
    psi = haar_states(5, n, seed=2)
    chart = discrete_wigner(psi).reshape(5, 2**n, 2**n).numpy()
    measured = {
        name: np.abs(psi.numpy() @ kron([basis] * n).conj()) ** 2 for name, basis in BASES.items()
    }
    np.testing.assert_allclose(chart.sum(2), measured["X"], atol=1e-14)
    np.testing.assert_allclose(chart.sum(1), measured["Y"], atol=1e-14)
    # s·s′ = z, and signs multiply as bits add without carry.
    along_z = np.bitwise_xor.outer(np.arange(2**n), np.arange(2**n))
    in_z = np.stack([chart[:, along_z == z].sum(1) for z in range(2**n)], -1)
    np.testing.assert_allclose(in_z, measured["Z"], atol=1e-14)


def test_wigner_is_normalised_and_keeps_overlaps():
    psi, phi = haar_states(2, 4, seed=3)
    first, second = discrete_wigner(psi), discrete_wigner(phi)
    assert first.sum().item() == pytest.approx(1.0, abs=1e-14)
    assert 16 * (first * second).sum().item() == pytest.approx(fidelity(psi, phi).item(), abs=1e-14)


@pytest.mark.parametrize("qubit", [0, 1, 2])
@pytest.mark.parametrize(("pauli", "moved"), [(X, (0, 1)), (Y, (1, 0)), (Z, (1, 1))], ids="XYZ")
def test_paulis_move_the_points(qubit, pauli, moved):
    psi = haar_states(1, 3, seed=4)[0]
    turned = (
        torch.from_numpy(kron([pauli if q == qubit else ONE for q in range(3)]).astype(complex))
        @ psi
    )
    bit = 1 << (2 - qubit)
    chart, after = (discrete_wigner(state).reshape(8, 8).numpy() for state in (psi, turned))
    rows, columns = (np.arange(8) ^ (flip * bit) for flip in moved)
    np.testing.assert_allclose(after, chart[np.ix_(rows, columns)], atol=1e-14)


def test_stabiliser_states_exactly():
    for basis_state in torch.eye(16, dtype=torch.complex128):
        points = discrete_wigner(basis_state)
        assert sorted(set(points.tolist())) == [0.0, 1 / 16]
        assert wigner_norm(points).item() == 1.0
        assert negative_fraction(points).item() == 0.0
    bell = 16 * discrete_wigner(BELL).reshape(4, 4)
    u = torch.tensor([1, -1, -1, 1])  # s₁s₂ along rows, s′₁s′₂ along columns
    torch.testing.assert_close(
        bell, (1 + u[:, None] - u[None, :] + u[:, None] * u[None, :]).double()
    )
    assert negative_fraction(discrete_wigner(BELL)).item() == 0.25
    assert wigner_norm(discrete_wigner(BELL)).item() == pytest.approx(2.0, abs=1e-14)


def test_ghz_by_its_stabilisers():
    # Even numbers of Z, and even numbers k of Y among X with the sign (−1)^(k/2), all with
    # expectation ±1.
    signs = torch.tensor(list(product((1.0, -1.0), repeat=4)), dtype=torch.float64)
    s, t = signs[:, None, :], signs[None, :, :]
    total = torch.zeros(16, 16, dtype=torch.float64)
    for chosen in product((False, True), repeat=4):
        if sum(chosen) % 2 == 0:
            mask = torch.tensor(chosen)
            total += torch.where(mask, s * t, 1.0).prod(-1)
            total += (-1) ** (sum(chosen) // 2) * torch.where(mask, t, s).prod(-1)
    points = discrete_wigner(GHZ)
    torch.testing.assert_close(256 * points.reshape(16, 16), total)
    assert negative_fraction(points).item() == (total < -0.5).double().mean().item() > 0


def test_rounding_is_not_counted_as_negative():
    assert (
        negative_fraction(torch.tensor([0.5, -1e-16, 0.5, -0.25], dtype=torch.float64)).item()
        == 0.25
    )
    for dtype in (torch.complex64, torch.complex128):
        turned = brickwork(4, 0, seed=1, dtype=dtype).apply(torch.eye(16, dtype=dtype)) * np.exp(
            0.3j
        )
        assert negative_fraction(discrete_wigner(turned)).max().item() == 0.0


def test_wigner_norm_multiplies_for_products():
    first, second = haar_states(1, 1, seed=5)[0], haar_states(1, 2, seed=6)[0]
    both = wigner_norm(discrete_wigner(torch.kron(first, second)))
    apart = wigner_norm(discrete_wigner(first)) * wigner_norm(discrete_wigner(second))
    assert both.item() == pytest.approx(apart.item(), abs=1e-13)


@pytest.mark.slow
def test_negativity_of_haar_states_and_of_products():
    count = 10000
    for exact, states in (
        (haar_negativity(4), haar_states(count, 4, seed=7)),
        (product_negativity(4), product_states(count, 4, seed=8)),
        (haar_negativity(2), haar_states(count, 2, seed=9)),
    ):
        points = discrete_wigner(states)
        for value, samples in zip(
            exact, (negative_fraction(points), wigner_norm(points)), strict=True
        ):
            assert abs(samples.mean().item() - value) < 4 * samples.std().item() / sqrt(count)
    assert haar_negativity(1) == pytest.approx(product_negativity(1), abs=1e-9)
    assert haar_negativity(2) == pytest.approx((1 / 3, 1.5), abs=1e-9)
    # What the text says: the share is the same to half a point, the size is not.
    assert haar_negativity(4)[0] - product_negativity(4)[0] == pytest.approx(0.0052, abs=1e-4)
    assert product_negativity(4) == pytest.approx((4 / 9, 16 / 9))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: discrete_wigner(torch.ones(4)), "`states` must be complex64 or complex128"),
        (lambda: discrete_wigner(torch.ones(3) + 0j), "`states` must have 2ⁿ amplitudes"),
        (lambda: discrete_wigner(BELL * torch.nan), "`states` must have norm 1"),
        (lambda: discrete_wigner(torch.empty(0, 4) + 0j), "`states` must hold at least one state"),
        (lambda: negative_fraction(torch.ones(8)), "`wigner` must have 4ⁿ points"),
        (lambda: negative_fraction(torch.full((4,), torch.nan)), "`wigner` must be finite"),
        (lambda: negative_fraction(torch.ones(0, 4)), "`wigner` must hold at least one function"),
        (lambda: wigner_norm(torch.ones(4) + 0j), "`wigner` must be float32 or float64"),
        (lambda: wigner_norm(np.ones(4)), "`wigner` must be a torch tensor"),
        (lambda: haar_negativity(0), "`n` must be a whole number ≥ 1"),
        (lambda: haar_negativity(11), "`n` must be at most 10"),
        (lambda: product_negativity(1.5), "`n` must be a whole number"),
        (lambda: product_negativity(0), "`n` must be a whole number ≥ 1"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match="Argument") as refused:
        call()
    assert message in str(refused.value)
