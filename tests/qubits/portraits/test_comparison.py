from math import log2, pi, sqrt

import pytest
import torch

from qdm_utils.qubits import (
    brickwork,
    density_matrix,
    haar_states,
    zero_states,
)
from qdm_utils.qubits.portraits import (
    chance_states,
    discrete_wigner,
    likeness,
    modulus_correlation,
    modulus_spread,
    mutual_information,
    pair_information,
    phase_error,
    pictures,
    restoration,
    state_portrait,
)
from qdm_utils.qubits.portraits.correlations import information_of
from qdm_utils.qubits.states import fidelity
from tests.qubits.portraits.named_states import BELL, GHZ, amplitudes


def test_leading_axes_are_kept():
    states = haar_states(6, 3, seed=12).reshape(2, 3, 8)
    for function in (discrete_wigner, mutual_information):
        torch.testing.assert_close(function(states)[1, 2], function(states[1, 2]))
    bits = mutual_information(states)
    torch.testing.assert_close(information_of(bits, torch.tensor([0, 2])), bits[..., 0, 2])
    assert {value.shape for value in likeness(states, states[:1]).values()} == {torch.Size([2, 3])}


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
    pair = state_portrait(amplitudes(b000=1, b101=1))  # and a qubit that shares nothing
    assert pair["bits"].item() == pytest.approx(2.0)
    tilted = amplitudes(b00=sqrt(0.9), b11=sqrt(0.1))
    found = {name: value.item() for name, value in state_portrait(tilted).items()}
    entropy = -0.9 * log2(0.9) - 0.1 * log2(0.1)
    assert (found["schmidt"], found["entropy"], found["bits"]) == pytest.approx(
        (0.9, entropy, 2 * entropy)
    )


def test_pictures_of_one_state_are_those_of_its_parts():
    state = amplitudes(b0000=1, b0110=1j, b1011=-2)
    found = pictures(state)
    torch.testing.assert_close(found["rho"], torch.outer(state, state.conj()))
    torch.testing.assert_close(found["wigner"], discrete_wigner(state))
    torch.testing.assert_close(found["bits"], mutual_information(state))
    assert found["purity"].item() == pytest.approx(1.0)
    # The middle cut separates |00⟩, |01⟩ and |10⟩, whose partners are three different states.
    expected = torch.tensor([4.0, 1.0, 1.0, 0.0], dtype=torch.float64) / 6
    torch.testing.assert_close(found["schmidt"], expected)


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
    """√F|00⟩ + √(1 − F)|11⟩ has the Schmidt coefficient F: 1 for a product, ½ for a Bell state."""
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
    torch.testing.assert_close(found["norm"][[0, 2]], torch.tensor([1.0, 2.0], dtype=torch.float64))
    torch.testing.assert_close(
        found["norm gained"][[0, 2]], torch.tensor([-1.0, 0.0], dtype=torch.float64)
    )
    moduli = [
        modulus_correlation(density_matrix(state), density_matrix(product_state))
        for state in (middle, bell)
    ]
    torch.testing.assert_close(found["moduli gained"][1], moduli[0] - moduli[1])


def test_likeness_follows_the_pair_that_leads_in_the_original():
    """The original has its Bell pair on qubits 0 and 1, the state on 0 and 2."""
    original, state = amplitudes(b000=1, b110=1), amplitudes(b000=1, b101=1)
    found = likeness(state, original)
    assert found["same pair"].item() == 0.0
    assert found["pair bits"].item() == pytest.approx(0.0, abs=1e-12)
    assert likeness(original, original)["pair bits"].item() == pytest.approx(2.0)
    scrambled_pair = restoration(original, state, original)["bits of scrambled pair"]
    assert scrambled_pair.item() == pytest.approx(0.0, abs=1e-12)


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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: state_portrait(zero_states(1, 1)), "`states` must have at least 2 qubits"),
        (lambda: state_portrait(BELL * torch.nan), "`states` must have norm 1"),
        (lambda: state_portrait(zero_states(0, 2)), "`states` must hold at least one state"),
        (lambda: pictures(zero_states(2, 2)), "`state` must be a single state"),
        (lambda: pictures(zero_states(1, 1)[0]), "`state` must have at least 2 qubits"),
        (lambda: pictures(2 * BELL), "`state` must have norm 1"),
        (lambda: likeness(BELL, GHZ), "must have shape (..., "),
        (lambda: likeness(BELL, BELL * torch.nan), "`states` must"),
        (lambda: restoration(BELL, BELL, BELL * torch.inf), "`states` must"),
        (lambda: chance_states(BELL, torch.tensor(1.5), 1), "`fidelities` must lie in 0 … 1"),
        (lambda: chance_states(BELL, torch.tensor(torch.nan), 1), "`fidelities` must lie in 0 … 1"),
        (lambda: chance_states(2 * BELL, torch.tensor(0.5), 1), "`originals` must have norm 1"),
        (lambda: chance_states(BELL[:0], torch.tensor(0.5), 1), "`originals` must have 2ⁿ"),
        (lambda: chance_states(BELL * torch.nan, torch.tensor(0.5), 1), "`originals` must have"),
        (lambda: chance_states(zero_states(0, 2), torch.tensor(0.5), 1), "`originals` must hold"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match="Argument") as refused:
        call()
    assert message in str(refused.value)
