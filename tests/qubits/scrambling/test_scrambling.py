from itertools import product

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from qdm_utils.qubits import (
    Circuit,
    brickwork,
    brickwork_purity,
    circuit_correlators,
    circuit_otoc,
    entanglement_growth,
    front_distribution,
    haar_states,
    otoc_by_depth,
    otoc_exact,
    otoc_saturation_depth,
    page_purity,
    pauli_otoc,
    purity_by_depth,
    sampled_otoc,
    saturation_schedule,
    sign_otoc,
)
from qdm_utils.qubits.states import apply_paulis

PAULIS = torch.tensor(
    [[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=torch.complex128
)


def pauli_on(sigma: torch.Tensor, site: int, n: int) -> torch.Tensor:
    one = torch.eye(2, dtype=torch.complex128)
    matrix = torch.eye(1, dtype=torch.complex128)
    for qubit in range(n):
        matrix = torch.kron(matrix, sigma if qubit == site else one)
    return matrix


def otoc_by_definition(u: torch.Tensor, n: int) -> torch.Tensor:
    """Re Tr[W(t)VW(t)V]/2ⁿ from matrices, for all pairs of Paulis, shape (n, 3, n, 3)."""
    found = torch.zeros(n, 3, n, 3, dtype=torch.float64)
    for i, a, j, b in product(range(n), range(3), range(n), range(3)):
        w, v = u.mH @ pauli_on(PAULIS[a], i, n) @ u, pauli_on(PAULIS[b], j, n)
        found[i, a, j, b] = torch.trace(w @ v @ w @ v).real / 2**n
    return found


def test_the_otoc_of_four_qubits_is_exactly_this():
    found = [otoc_exact(4, depth).mean() for depth in range(1, 6)]
    assert_allclose(found, [16 / 45, 16 / 45, 0.796444444, 0.796444444, 0.937528889], rtol=1e-8)
    assert_allclose(otoc_exact(2, 1), 16 / 15)  # one Haar gate: 1 + 1/(d² − 1)


def test_saturation_depths_are_those_of_the_log():
    # The other order of layers gives 5, 12, 18, 24; a full layer for a half-layer halves them.
    assert [otoc_saturation_depth(n) for n in (4, 8, 12, 16)] == [5, 13, 19, 25]
    assert otoc_saturation_depth(4, 0.99) == 9
    curve = otoc_by_depth(8, 15)[:, 0, 1:].mean(1)
    assert curve[11] == pytest.approx(0.8956, abs=5e-5)
    assert saturation_schedule(8) == [1, 3, 5, 7, 9, 13]
    for k, depth in zip(range(1, 7), saturation_schedule(8), strict=True):
        assert curve[depth] > 0.15 * k >= curve[:depth].max()


def test_other_definitions_saturate_where_the_table_says():
    first = {"all": [], "edge": []}
    for n in (4, 8, 12):
        spread = otoc_by_depth(n, 30)
        first["all"].append(np.argmax(spread[:, ~np.eye(n, dtype=bool)].mean(1) > 0.9))
        first["edge"].append(np.argmax(spread[:, 0, -1] > 0.9))
    assert first == {"all": [5, 10, 15], "edge": [5, 15, 23]}


@pytest.mark.parametrize("n", [2, 3, 6, 7])
def test_both_directions_of_the_chain_agree_and_keep_to_the_light_cone(n):
    spread = otoc_by_depth(n, 2 * n + 1)
    for depth in range(2 * n + 2):
        assert_allclose(spread[depth, 0, 1:], otoc_exact(n, depth), atol=1e-13)
        beyond = np.abs(np.subtract.outer(np.arange(n), np.arange(n))) > depth
        assert not spread[depth][beyond].any()
    assert spread[n, 0, -1] > 0
    assert_allclose(otoc_by_depth(n, 400)[-1], 1 + 1 / (4**n - 1), rtol=1e-9)
    # An odd half-layer at the end does not touch site 0.
    assert_allclose(spread[2::2, 0], spread[1:-1:2, 0], atol=1e-13)


@pytest.mark.parametrize(("n", "depth"), [(4, 2), (4, 3), (4, 5), (5, 4), (3, 3)])
def test_random_circuits_average_to_the_exact_chain(n, depth):
    # Site by site, so that a wrong order of layers, half a layer too many, or a gate that is not
    # Haar shows.
    sample = circuit_otoc(brickwork(n, depth, seed=n + depth, count=3000))
    error = sample.std(0) / 3000**0.5
    exact = torch.from_numpy(otoc_exact(n, depth))
    assert ((sample.mean(0) - exact).abs() <= 4 * error + 1e-12).all()
    wrong = torch.from_numpy(otoc_exact(n, depth + 2))
    assert ((sample.mean(0) - wrong).abs() > 4 * error).any()


def test_a_gate_that_is_not_haar_is_told_from_the_chain():
    # Exponentials of random generators stay too close to the identity.
    gaussian = torch.randn(
        3000, 2, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.complex128
    )
    biased = torch.linalg.matrix_exp(0.5 * (gaussian - gaussian.mH))
    circuit = Circuit(3, ((biased[:, 0], 0), (biased[:, 1], 1)))
    sample = circuit_otoc(circuit)
    exact = torch.from_numpy(otoc_exact(3, 2))
    assert ((sample.mean(0) - exact).abs() > 5 * sample.std(0) / 3000**0.5).any()


def test_the_otoc_of_one_circuit_by_its_definition():
    circuit = brickwork(4, 5, seed=1)
    expected = otoc_by_definition(circuit.unitary(), 4)
    assert (circuit_otoc(circuit) - (1 - expected[0].mean((0, 2))[1:])).abs().max() < 1e-12
    # The average over all basis states of a design is the trace; Haar states approach it.
    estimates = torch.stack([pauli_otoc(circuit, state) for state in haar_states(300, 4, seed=2)])
    score = (estimates.mean(0) - expected) / (estimates.std(0) / 300**0.5 + 1e-12)
    assert score.abs().max() < 4.5
    assert 0.8 < score.std() < 1.2
    trace = sum(pauli_otoc(circuit, state) for state in torch.eye(16, dtype=torch.complex128)) / 16
    assert (trace - expected).abs().max() < 1e-12


def test_correlators_of_single_circuits_by_their_definition():
    batch = brickwork(3, 4, seed=8, count=2)
    found = circuit_correlators(batch)
    assert found.shape == (2, 3, 3, 3, 3)
    for one, u in zip(found, batch.unitary(), strict=True):
        assert (one - otoc_by_definition(u, 3)).abs().max() < 1e-12
    # Site 0 has the first axis, and the mean over Paulis is what `circuit_otoc` returns.
    assert (1 - found[:, 0].mean((1, 3))[:, 1:] - circuit_otoc(batch)).abs().max() < 1e-12


def test_random_signs_are_unbiased_for_every_circuit():
    circuit = brickwork(5, 6, seed=3)
    estimates = sign_otoc(circuit, haar_states(4000, 5, seed=4), seed=5)
    exact = circuit_otoc(circuit).mean()
    assert (estimates.mean() - exact).abs() < 4 * estimates.std() / 4000**0.5
    assert estimates.std() < 0.5
    # Nothing has spread before the first gate: only the noise of the cross terms is left.
    still = sign_otoc(brickwork(5, 0, seed=1), haar_states(4000, 5, seed=4), seed=6)
    assert still.mean().abs() < 4 * still.std() / 4000**0.5


@pytest.mark.parametrize(("n", "depth", "count"), [(4, 4, 600), (7, 9, 100), (9, 11, 40)])
def test_sampled_curves_agree_with_the_chain_and_with_themselves(n, depth, count):
    values = sampled_otoc(n, depth, count, seed=7)
    assert values.shape == (count,)
    assert abs(values.mean() - otoc_exact(n, depth).mean()) < 4 * values.std(ddof=1) / count**0.5
    assert np.array_equal(values, sampled_otoc(n, depth, count, seed=7))
    assert len(np.unique(values)) == count


def test_paulis_on_a_site_are_the_pauli_matrices():
    states = haar_states(2, 3, seed=1)
    for site in range(3):
        for sigma, turned in zip(PAULIS, apply_paulis(states, site), strict=True):
            assert (turned - states @ pauli_on(sigma, site, 3).mT).abs().max() < 1e-15


def test_the_front_walks_with_the_butterfly_velocity_and_bounds_the_spreading():
    early = front_distribution(200, 100) @ np.arange(200)
    late = front_distribution(200, 160) @ np.arange(200)
    assert (late - early) / 60 == pytest.approx(3 / 5, abs=1e-6)
    for depth in range(8):
        reached = front_distribution(6, depth)
        assert reached.sum() == pytest.approx(1.0)
        # The front's end site is occupied for certain, so C at the last site is 4/3 of being there.
        assert otoc_exact(6, depth)[-1] == pytest.approx(4 / 3 * reached[-1], abs=1e-13)


def test_the_purity_recursion_is_exact():
    assert_allclose(
        [brickwork_purity(4, 2 * k, 2) for k in range(8)],
        8 / 17 + 9 / 17 * 0.32 ** np.arange(8),
        rtol=1e-13,
    )
    assert brickwork_purity(2, 1, 1) == page_purity(2, 2)
    assert_allclose(
        purity_by_depth(5, 300)[-1, 1:-1],
        [page_purity(2**x, 2 ** (5 - x)) for x in range(1, 5)],
        rtol=1e-9,
    )
    bits, purity = entanglement_growth(5, 7, cut=2, count=2000, seed=1)
    expected = purity_by_depth(5, 7)[:, 2]
    error = purity.std(0) / 2000**0.5
    assert (np.abs(purity.mean(0) - expected) <= 4 * error + 1e-12).all()
    assert not bits[:, 0].any()
    assert (np.diff(bits.mean(0)) >= -1e-9).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: otoc_exact(1, 2), "Argument `n` must be a whole number ≥ 2, but got 1"),
        (lambda: otoc_exact(4, -1), "Argument `depth` must be a whole number ≥ 0, but got -1"),
        (lambda: otoc_exact(21, 1), "Argument `n` must be ≤ 20"),
        (lambda: otoc_by_depth(4, -1), "Argument `max_depth` must be a whole number ≥ 0"),
        (
            lambda: otoc_saturation_depth(4, 1.1),
            r"Argument `threshold` must lie in \[0, 1\], but got 1.1",
        ),
        (lambda: saturation_schedule(4, 0), "Argument `stages` must be a whole number ≥ 1"),
        (lambda: brickwork_purity(4, 2, 4), "Argument `cut` must lie in 1 … 3, but got 4"),
        (lambda: front_distribution(1, 2), "Argument `n` must be a whole number ≥ 2"),
        (lambda: entanglement_growth(4, 3, 4, 2, 1), "Argument `cut` must lie in 1 … 3, but got 4"),
        (lambda: sampled_otoc(4, 3, 0, 1), "Argument `count` must be a whole number ≥ 1"),
        (
            lambda: circuit_otoc(brickwork(11, 1, 1)),
            "Argument `circuit` must have at most 10 qubits",
        ),
        (
            lambda: pauli_otoc(brickwork(3, 1, 1), haar_states(1, 3, 1)),
            r"Argument `state` must have shape \(8,\)",
        ),
        (
            lambda: sign_otoc(brickwork(3, 1, 1), haar_states(1, 3, 1)[0], 1),
            r"Argument `states` must have shape \(B, 8\)",
        ),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
