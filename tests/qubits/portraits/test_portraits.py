"""Portraits of states: the Wigner function by brute force and by marginals, mutual information by Qiskit, Haar means exactly."""

from itertools import product
from math import log2, pi, sqrt

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from qiskit.quantum_info import Statevector
from qiskit.quantum_info import entropy as qiskit_entropy
from qiskit.quantum_info import mutual_information as qiskit_mutual_information
from qiskit.quantum_info import partial_trace as qiskit_partial_trace

from qdm_utils.qubits import (
    Ansatz,
    brickwork,
    density_matrix,
    haar_states,
    product_states,
    zero_states,
)
from qdm_utils.qubits.portraits import (
    chance_states,
    discrete_wigner,
    first_reaching,
    haar_mutual_information,
    haar_negativity,
    half_gain,
    information_of,
    leading_pair,
    likeness,
    modulus_correlation,
    modulus_spread,
    mutual_information,
    negative_fraction,
    pair_information,
    phase_error,
    product_negativity,
    restoration,
    state_portrait,
    train_on_scrambled,
    wigner_norm,
)
from qdm_utils.qubits.portraits.plots import (
    ensemble_panel,
    hinton,
    information_graph,
    modulus_heatmap,
    porter_thomas_panel,
    portrait_sheet,
    schmidt_bars,
    wigner_map,
)
from qdm_utils.qubits.states import fidelity

ONE = np.eye(2)
X, Y, Z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
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


def amplitudes(**entries):
    """A state from bit strings: amplitudes(b00=1, b11=1), normalised."""
    n = len(next(iter(entries))) - 1
    psi = torch.zeros(2**n, dtype=torch.complex128)
    for name, value in entries.items():
        psi[int(name[1:], 2)] = value
    return psi / torch.linalg.vector_norm(psi)


BELL = amplitudes(b00=1, b11=1)
GHZ = amplitudes(b0000=1, b1111=1)


# The Wigner function


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
    # Even numbers of Z, and even numbers k of Y among X with the sign (−1)^(k/2), all with expectation ±1.
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


# Mutual information


def test_mutual_information_of_known_states():
    bell = mutual_information(BELL)
    torch.testing.assert_close(bell, torch.tensor([[1.0, 2.0], [2.0, 1.0]], dtype=torch.float64))
    torch.testing.assert_close(mutual_information(GHZ), torch.ones(4, 4, dtype=torch.float64))
    apart = mutual_information(product_states(3, 4, seed=1))
    assert apart.abs().max().item() < 1e-12
    # Bell pairs on two of three qubits, and nothing else: they tell the order of qubits.
    assert leading_pair(mutual_information(amplitudes(b000=1, b110=1))).tolist() == [0, 1]
    pair = mutual_information(amplitudes(b000=1, b101=1))
    assert leading_pair(pair).tolist() == [0, 2]
    assert pair_information(pair).tolist() == pytest.approx([0.0, 2.0, 0.0], abs=1e-12)
    assert information_of(pair, torch.tensor([2, 0])).item() == pytest.approx(2.0)


@pytest.mark.parametrize("n", [3, 4, 5])
def test_mutual_information_by_qiskit(n):
    psi = haar_states(1, n, seed=n)[0]
    bits = mutual_information(psi).numpy()
    state = Statevector(psi.numpy())  # its qubit n − 1 − q is our q
    for i in range(n):
        rest = [k for k in range(n) if k != n - 1 - i]
        assert bits[i, i] == pytest.approx(
            qiskit_entropy(qiskit_partial_trace(state, rest), base=2), abs=1e-10
        )
        for j in range(i):
            reduced = qiskit_partial_trace(
                state, [k for k in range(n) if k not in (n - 1 - i, n - 1 - j)]
            )
            assert (
                bits[i, j]
                == bits[j, i]
                == pytest.approx(qiskit_mutual_information(reduced, base=2), abs=1e-10)
            )


def test_mutual_information_of_haar_states():
    states = haar_states(4000, 4, seed=11)
    bits = mutual_information(states)
    pairs = pair_information(bits)
    mean = pairs.mean(-1)
    assert haar_mutual_information(4) == pytest.approx(0.4016, abs=5e-5)
    assert abs(mean.mean().item() - haar_mutual_information(4)) < 4 * mean.std().item() / sqrt(4000)
    largest = pairs.amax(-1)
    assert largest.mean().item() == pytest.approx(0.614, abs=4 * 0.116 / sqrt(4000))
    assert (information_of(bits, leading_pair(bits)) == largest).all()
    same = (leading_pair(bits[:2000]) == leading_pair(bits[2000:])).all(-1).double().mean().item()
    assert same == pytest.approx(1 / 6, abs=4 * sqrt(5 / 36 / 2000))


def test_leading_axes_are_kept():
    states = haar_states(6, 3, seed=12).reshape(2, 3, 8)
    for function in (discrete_wigner, mutual_information):
        torch.testing.assert_close(function(states)[1, 2], function(states[1, 2]))
    bits = mutual_information(states)
    torch.testing.assert_close(information_of(bits, torch.tensor([0, 2])), bits[..., 0, 2])
    assert {value.shape for value in likeness(states, states[:1]).values()} == {torch.Size([2, 3])}


# Moduli, phases, numbers


def test_moduli_and_phases_are_told_apart():
    psi = haar_states(1, 4, seed=13)[0]
    angles = torch.linspace(0, 3, 16, dtype=torch.float64)
    turned = psi * torch.polar(torch.ones(16, dtype=torch.float64), angles)
    rho, other = density_matrix(turned), density_matrix(psi)
    assert modulus_correlation(rho, other).item() == pytest.approx(1.0)
    i, j = torch.triu_indices(16, 16, 1)
    expected = (angles[i] - angles[j]).abs()
    assert phase_error(rho, other).item() == pytest.approx(expected.mean().item())
    weight = (psi[i] * psi[j]).abs().square()
    assert phase_error(rho, other, weighted=True).item() == pytest.approx(
        (expected * weight).sum().item() / weight.sum().item()
    )
    flat = psi / psi.abs() / 4
    assert modulus_spread(density_matrix(flat)).item() == pytest.approx(0.0, abs=1e-12)
    assert phase_error(density_matrix(flat), other).item() == pytest.approx(0.0, abs=1e-7)


def test_moduli_and_phases_of_unrelated_haar_states():
    count, d = 3000, 16
    psi, phi = haar_states(2 * count, 4, seed=14).reshape(2, count, d)
    found = likeness(psi, phi)
    for name, value in (
        ("fidelity", 1 / d),
        ("phases", pi / 2),
        ("phases, weighted", pi / 2),
        ("same pair", 1 / 6),
    ):
        assert abs(found[name].mean().item() - value) < 4 * found[name].std().item() / sqrt(count)
    assert abs(found["moduli"].mean().item()) < 4 * found["moduli"].std().item() / sqrt(count)
    spread = modulus_spread(density_matrix(psi))
    closed = (d**2 / psi.abs().sum(-1) ** 4 - 1).sqrt()
    torch.testing.assert_close(spread, closed)
    large = modulus_spread(density_matrix(haar_states(1, 9, seed=15))).item()
    assert large == pytest.approx(sqrt(16 / pi**2 - 1), abs=0.06)


def test_the_numbers_of_a_portrait():
    found = {name: value.item() for name, value in state_portrait(GHZ).items()}
    assert found["bits"] == pytest.approx(1.0)
    assert found["entropy"] == pytest.approx(1.0)
    assert found["schmidt"] == pytest.approx(0.5)
    assert found["purity"] == pytest.approx(1.0, abs=1e-14)
    tilted = amplitudes(b00=sqrt(0.9), b11=sqrt(0.1))
    found = {name: value.item() for name, value in state_portrait(tilted).items()}
    entropy = -0.9 * log2(0.9) - 0.1 * log2(0.1)
    assert (found["schmidt"], found["entropy"], found["bits"]) == pytest.approx(
        (0.9, entropy, 2 * entropy)
    )


def test_restoration_of_nothing_and_of_everything():
    states = haar_states(50, 4, seed=16)
    scrambled = brickwork(4, 6, seed=17).apply(states)
    whole, nothing = (
        restoration(states, scrambled, states),
        restoration(states, scrambled, scrambled),
    )
    assert whole["fidelity"].min().item() == pytest.approx(1.0)
    assert whole["same pair"].min().item() == 1.0
    assert whole["between"].max().item() == 0.0
    before = likeness(scrambled, states)
    torch.testing.assert_close(whole["moduli gained"], 1 - before["moduli"])
    torch.testing.assert_close(whole["phases, scrambled"], before["phases"])
    torch.testing.assert_close(
        whole["pair bits"], pair_information(mutual_information(states)).amax(-1)
    )
    assert (
        nothing["moduli gained"].abs().max().item()
        == nothing["negative gained"].abs().max().item()
        == 0.0
    )
    torch.testing.assert_close(nothing["phases"], nothing["phases, scrambled"])
    torch.testing.assert_close(
        nothing["bits of scrambled pair"], pair_information(mutual_information(scrambled)).amax(-1)
    )


def test_restoration_counts_gains_from_the_scrambled_state_and_what_lies_between():
    """Two qubits, largest Schmidt coefficient F of √F|00⟩ + √(1 − F)|11⟩: 1 for a product, ½ for a Bell state."""
    tilted = [amplitudes(b00=sqrt(share), b11=sqrt(1 - share)) for share in (1.0, 0.8, 0.5)]
    product_state, middle, bell = tilted
    found = restoration(
        torch.stack([product_state] * 3 + [bell]),
        torch.stack([bell] * 3 + [middle]),
        torch.stack([*tilted, middle]),
    )
    torch.testing.assert_close(
        found["schmidt"], torch.tensor([1.0, 0.8, 0.5, 0.8], dtype=torch.float64)
    )
    # Strictly between: an end counts on neither side.
    assert found["between"].tolist() == [0.0, 1.0, 0.0, 0.0]
    beyond = restoration(middle, bell, product_state)
    assert beyond["between"].item() == 0.0
    downwards = restoration(bell, product_state, middle)
    assert downwards["between"].item() == 1.0
    # A Bell state has a quarter of its points below zero, a product of basis states none.
    torch.testing.assert_close(
        found["negative"][[0, 2]], torch.tensor([0.0, 0.25], dtype=torch.float64)
    )
    torch.testing.assert_close(
        found["negative gained"][[0, 2]], torch.tensor([-0.25, 0.0], dtype=torch.float64)
    )
    moduli = [
        modulus_correlation(density_matrix(state), density_matrix(product_state))
        for state in (middle, bell)
    ]
    torch.testing.assert_close(found["moduli gained"][1], moduli[0] - moduli[1])


def test_likeness_follows_the_pair_that_leads_in_the_original():
    """The original's Bell pair is on the qubits 0 and 1, the state's on 0 and 2, where the original's pair shares nothing."""
    original, state = amplitudes(b000=1, b110=1), amplitudes(b000=1, b101=1)
    found = likeness(state, original)
    assert found["same pair"].item() == 0.0
    assert found["pair bits"].item() == pytest.approx(0.0, abs=1e-12)
    assert likeness(original, original)["pair bits"].item() == pytest.approx(2.0)
    scrambled_pair = restoration(original, state, original)["bits of scrambled pair"]
    assert scrambled_pair.item() == pytest.approx(0.0, abs=1e-12)


def test_half_gain():
    times = np.array([0.0, 1.0, 2.0, 4.0])
    curves = np.array([[0.0, 0.2, 0.8, 1.0], [5.0, 4.0, 3.5, 1.0], [1.0, 3.0, 1.0, 2.0]])
    np.testing.assert_allclose(half_gain(times, curves), [1.5, 2.4, 0.25])
    assert np.isnan(half_gain(times, np.array([1.0, 2.0, 3.0, 1.0])))


def test_chance_states_have_their_fidelity_and_are_random_otherwise():
    count, d = 4000, 8
    psi = haar_states(1, 3, seed=24)[0].expand(count, d)
    levels = torch.linspace(0, 1, count, dtype=torch.float64)
    found = chance_states(psi, levels, seed=25)
    torch.testing.assert_close(fidelity(found, psi), levels)
    torch.testing.assert_close(torch.linalg.vector_norm(found, dim=-1), torch.ones_like(levels))
    # At fidelity F the rest of the weight is spread evenly over the d − 1 orthogonal directions.
    other = haar_states(1, 3, seed=26)[0]
    other = other - (psi[0].conj() * other).sum() * psi[0]
    other = other / torch.linalg.vector_norm(other)
    some = chance_states(psi, torch.tensor(0.3, dtype=torch.float64), seed=27)
    share = fidelity(some, other)
    assert abs(share.mean().item() - 0.7 / (d - 1)) < 4 * share.std().item() / sqrt(count)
    # No phase relative to the original is preferred.
    phases = (other.conj() * some).sum(-1)
    assert phases.mean().abs().item() < 4 * phases.abs().square().mean().sqrt().item() / sqrt(count)
    assert torch.equal(some, chance_states(psi, torch.tensor(0.3, dtype=torch.float64), seed=27))


def test_weighted_phases_of_the_scrambled_state():
    psi, phi, chi = haar_states(3, 3, seed=28)
    found = restoration(psi, phi, chi)
    before = phase_error(density_matrix(phi), density_matrix(psi), weighted=True)
    assert found["phases, weighted, scrambled"].item() == pytest.approx(before.item(), abs=1e-14)


# Training


def test_training_climbs_each_draw_alone():
    ansatz = Ansatz(3, 3)
    states = haar_states(8, 3, seed=18).reshape(2, 4, 8)
    scrambled = brickwork(3, 2, seed=19, count=2).apply(states)
    start = ansatz.random_angles(2, seed=20)
    both = train_on_scrambled(ansatz, start, states, scrambled, [0, 30, 60])
    assert torch.equal(both[0], start)
    reached = fidelity(ansatz.apply(both, scrambled), states).mean(-1)
    assert (reached[1] > reached[0] + 0.2).all()
    assert (reached[2] > reached[1]).all()
    alone = train_on_scrambled(ansatz, start[1:], states[1:], scrambled[1:], [60])
    torch.testing.assert_close(alone[0], both[2, 1:])
    torch.testing.assert_close(
        train_on_scrambled(ansatz, start, states, scrambled, [30])[0], both[1]
    )


def test_the_first_epoch_is_one_step_of_adam_downhill():
    ansatz = Ansatz(3, 2)
    states, start = haar_states(4, 3, seed=21)[None], ansatz.random_angles(1, seed=22)
    scrambled = brickwork(3, 2, seed=23).apply(states)
    theta = start.clone().requires_grad_()
    (-fidelity(ansatz.apply(theta, scrambled), states).mean()).backward()
    seen = theta.grad.abs() > 1e-6
    assert seen.double().mean() > 0.7
    step = train_on_scrambled(ansatz, start, states, scrambled, [1], learning_rate=0.01)[0] - start
    # Adam's first step is the learning rate against the sign of the gradient, whatever its size.
    torch.testing.assert_close(step[seen], -0.01 * theta.grad[seen].sign(), atol=1e-4, rtol=0)


def test_the_learning_rate_decays_from_the_first_epoch_on():
    ansatz = Ansatz(3, 2)
    states, start = haar_states(4, 3, seed=29)[None], ansatz.random_angles(1, seed=30)
    scrambled = brickwork(3, 2, seed=31).apply(states)
    kept = train_on_scrambled(
        ansatz, start, states, scrambled, [0, 1, 2, 3], learning_rate=0.01, decay=2.0
    )
    constant = train_on_scrambled(ansatz, start, states, scrambled, [0, 1, 2], learning_rate=0.01)
    torch.testing.assert_close(kept[1], constant[1])
    # Adam's direction in the second epoch depends on the angles after the first alone, its length on the rate.
    torch.testing.assert_close((kept[2] - kept[1]), (constant[2] - constant[1]) * np.exp(-0.5))
    assert (kept[3] - kept[2]).abs().max().item() < 0.01 * np.exp(-1.0) * 1.2


def test_first_reaching():
    curve = torch.tensor([[0.1, 0.3, 0.1], [0.3, 0.1, 0.2], [0.2, 0.4, 0.15]])
    # Reached and lost again; reached from the start; never reached, so the best look.
    assert first_reaching(curve, 0.3).tolist() == [1, 0, 1]


# Pictures


def test_pictures_show_their_numbers():
    with mpl.rc_context({"figure.constrained_layout.use": False}):
        axes = Figure().subplots(1, 5)
    rho = density_matrix(BELL).numpy()
    hinton(axes[0], rho)
    sides = sorted(path.get_extents().width for path in axes[0].collections[0].get_paths())
    assert sides[-4:] == pytest.approx([1.0] * 4)
    assert sides[0] == 0.0
    image = wigner_map(axes[1], discrete_wigner(BELL).numpy(), reach=4.0)
    assert image.get_array().shape == (4, 4)
    assert image.get_array().mean() == pytest.approx(1.0)
    information_graph(axes[2], mutual_information(amplitudes(b000=1, b101=1)).numpy())
    bold = [text.get_text() for text in axes[2].texts if text.get_weight() == "bold"]
    assert bold == ["2.00"]
    schmidt_bars(axes[3], np.array([0.7, 0.3]), np.array([0.6, 0.4]), 1.0)
    assert [bar.get_height() for bar in axes[3].patches] == [0.7, 0.3]
    ensemble_panel(axes[4], {"a": np.zeros(5)}, np.linspace(-1, 1, 3), {"here": 0.5, "there": 0.51})
    assert [text.get_text().strip() for text in axes[4].texts] == ["here", "there"]
    marks = [line for line in axes[4].lines if line.get_marker() == "v"]
    assert [mark.get_xdata()[0] for mark in marks] == [0.5, 0.51]
    assert marks[1].get_ydata()[0] > marks[0].get_ydata()[0]
    assert axes[4].get_ylim()[1] > marks[1].get_ydata()[0]


def test_a_sheet_has_a_row_for_each_state_and_every_axis_in_use():
    figure = Figure()
    states = {"first": GHZ, "second": zero_states(1, 4)[0]}
    portraits = {
        name: {
            "rho": density_matrix(state).numpy(),
            "wigner": discrete_wigner(state).numpy(),
            "bits": mutual_information(state).numpy(),
            "schmidt": np.array([0.5, 0.5, 0.0, 0.0]),
            "purity": np.array(1.0),
        }
        for name, state in states.items()
    }
    portrait_sheet(figure, portraits, np.full(4, 0.25))
    axes = np.array(figure.axes[:12]).reshape(3, 4)
    assert [row[0].get_ylabel() for row in axes[:2]] == ["first", "second"]
    # `discrete_wigner` puts the strings of s along rows.
    for row in axes[:2]:
        assert (row[1].get_xlabel(), row[1].get_ylabel()) == ("strings of $s'$", "strings of $s$")
    side = mpl.rcParams[
        "axes.titlelocation"
    ]  # the house style, if another test has set it, moves titles to the left
    assert [axis.get_title(side)[:3] for axis in axes[0]] == ["(a)", "(b)", "(c)", "(d)"]
    # An axis that nothing was drawn on would stand stray beside the pictures.
    for axis in figure.axes:
        drawn = axis.collections or axis.images or axis.patches or axis.lines
        assert drawn or not axis.axison


def test_moduli_and_their_law_are_drawn():
    axes = Figure().subplots(1, 2)
    image = modulus_heatmap(axes[0], density_matrix(BELL).numpy(), top=0.5)
    assert image.get_array().max() == pytest.approx(0.5)
    porter_thomas_panel(axes[1], {"Haar": haar_states(2000, 4, seed=32).abs().square().numpy()})
    dots, law = axes[1].lines[:2]
    expected = np.interp(dots.get_xdata()[:8], law.get_xdata(), law.get_ydata())
    np.testing.assert_allclose(dots.get_ydata()[:8], expected, rtol=0.15)


# Refusals


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: discrete_wigner(torch.ones(4)), "`states` must be complex64 or complex128"),
        (lambda: discrete_wigner(torch.ones(3) + 0j), "`states` must have 2ⁿ amplitudes"),
        (lambda: negative_fraction(torch.ones(8)), "`wigner` must have 4ⁿ points"),
        (lambda: wigner_norm(torch.ones(4) + 0j), "`wigner` must be float32 or float64"),
        (lambda: wigner_norm(np.ones(4)), "`wigner` must be a torch tensor"),
        (lambda: haar_negativity(0), "`n` must be a whole number ≥ 1"),
        (lambda: haar_negativity(11), "`n` must be at most 10"),
        (lambda: product_negativity(1.5), "`n` must be a whole number"),
        (lambda: haar_mutual_information(1), "`n` must be a whole number ≥ 2"),
        (lambda: leading_pair(torch.ones(2, 3)), "`bits` must have shape"),
        (lambda: pair_information(torch.ones(1, 1)), "`bits` must have shape"),
        (
            lambda: information_of(torch.ones(2, 2), torch.tensor([0, 2])),
            "`pair` must hold two qubits of 0 … 1",
        ),
        (
            lambda: modulus_correlation(torch.eye(2) + 0j, torch.eye(4) + 0j),
            "`original` must have shape (..., 2, 2)",
        ),
        (lambda: phase_error(torch.ones(2, 4) + 0j, torch.eye(4) + 0j), "`rho` must have shape"),
        (lambda: state_portrait(zero_states(1, 1)), "`states` must have at least 2 qubits"),
        (lambda: chance_states(BELL, torch.tensor(1.5), 1), "`fidelities` must lie in 0 … 1"),
        (lambda: first_reaching(torch.zeros(3), 0.5), "`curve` must have shape (looks, draws)"),
        (lambda: train(decay=0.0), "`decay` must be > 0"),
        (lambda: half_gain(np.array([0.0, 0.0]), np.ones(2)), "`times` must increase"),
        (lambda: half_gain(np.array([0.0, 1.0]), np.ones(3)), "`curves` must have shape"),
        (lambda: train(epochs=[]), "`epochs` must increase"),
        (lambda: train(epochs=[3, 3]), "`epochs` must increase"),
        (lambda: train(scrambled=zero_states(2, 2)), "`originals` must have shape (2, 4)"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match="Argument") as refused:
        call()
    assert message in str(refused.value)


def train(epochs=(1,), scrambled=None, **schedule):
    ansatz, states = Ansatz(2, 1), zero_states(1, 2)
    mixed = states if scrambled is None else scrambled
    return train_on_scrambled(
        ansatz, ansatz.random_angles(1, seed=1), states, mixed, epochs, **schedule
    )
