"""The protocol that scores ensembles: its measures by other routes, its band by counting."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.calibration import altered, basis, collapsed, drawn, half_angle
from qdm_utils.qubits import haar_states
from qdm_utils.qubits.generation import (
    NARROW,
    SCORED,
    TASKS,
    FidelityKernel,
    Measure,
    circle_states,
    correlated_noise_states,
    inferred_probability,
    mmd_squared,
    overlaps,
    protocol,
    score,
    wasserstein,
)
from qdm_utils.randomness import spawn
from qdm_utils.statistics import share_interval

FEW = 99  # fresh data sets: enough for a band, quickly


def test_every_measure_is_what_its_name_says():
    states = 0.3 * haar_states(60, 2, seed=4) + correlated_noise_states(60, seed=5)
    states = states / torch.linalg.vector_norm(states, dim=-1, keepdim=True)
    found = score(states, "noise", draws=FEW)
    expected = {
        "MMD² (F)": mmd_squared(states, found.data, FidelityKernel()),
        "MMD² (F and F²)": mmd_squared(states, found.data, FidelityKernel((1, 2))),
        "MMD² (narrow)": mmd_squared(states, found.data, NARROW),
        "Wasserstein": wasserstein(states, found.data[:200]),
        "inferred p": inferred_probability(states),
        "share without |10⟩": torch.tensor(0.0),
    }
    nearest = [
        min((1 - abs(torch.vdot(a, b)) ** 2) ** 0.5 for j, b in enumerate(states) if i != j)
        for i, a in enumerate(states)
    ]
    expected["nearest neighbour"] = sum(nearest) / 60
    assert {each.name for each in found.measures} == set(expected)
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value.item(), abs=1e-10), name


@pytest.mark.parametrize(
    ("task", "name", "by_hand"),
    [
        ("cluster-2", "mean F₀", lambda states: states[:, 0].abs() ** 2),
        ("cluster-1", "share with F₀ < 0.8", lambda states: states[:, 0].abs() ** 2 < 0.8),
        (
            "circle",
            "mean |⟨Y⟩|",
            lambda states: 2 * (states[:, 0].conj() * states[:, 1]).imag.abs(),
        ),
        ("haar", "Σ|ψ|⁴", lambda states: (states.abs() ** 4).sum(-1)),
        (
            "ising",
            "magnetisation",  # |Σ Z|/4 is 1 for no or four ones, and ½ for one or three
            lambda states: (
                states.abs() ** 2
                @ torch.tensor([abs(4 - 2 * bin(k).count("1")) / 4 for k in range(16)]).double()
            ),
        ),
    ],
)
def test_the_quantities_of_a_task_are_means_over_states(task, name, by_hand):
    states = haar_states(30, SCORED[task].qubits or 2, seed=3)
    found = score(states, task, draws=FEW)
    values = by_hand(states).double()
    mean = values.mean().item()
    assert found[name].value == pytest.approx(mean, abs=1e-12)
    if name.startswith("share"):
        assert found[name].interval == share_interval(int(values.sum()), 30)
    else:
        reach = 1.959964 * values.std().item() / 30**0.5
        low, high = found[name].interval
        assert (low, high) == pytest.approx((mean - reach, mean + reach))


def test_the_short_names_are_the_published_tasks_and_haar_states():
    assert {each.key for each in SCORED.values()} == {*TASKS, "Haar-random states"}
    for name, each in SCORED.items():
        data = each.data(3, each.qubits or 2, 8)
        same = TASKS[each.key].data(3, 8) if each.key in TASKS else haar_states(3, 2, 8)
        assert (data == same).all(), name
    states = drawn("noise", 30, 1)
    long, short = (score(states, name, draws=FEW) for name in ("correlated noise", "noise"))
    assert long.measures == short.measures


@pytest.mark.parametrize("draws", [99, 199, 399])
def test_the_joint_band_leaves_out_one_row_in_twenty_exactly(rng, draws):
    """Whatever the distribution: each of the rows in turn is the ensemble, the others the data."""
    mixing = rng.normal(size=(6, 6))
    rows = rng.normal(size=(draws + 1, 6)) @ mixing
    rows[:, 0] = np.exp(rows[:, 0])
    rows[:, 1] = np.round(rows[:, 1])
    rows[:, 2] = 0.3  # never varies
    two_sided = np.array([True, False, False, True, True, False])
    outside = 0
    for k in range(len(rows)):
        others = np.delete(rows, k, 0)
        _, _, threshold, far = protocol._joint_band(rows[k], others, two_sided, np.zeros(6))
        outside += far[0] > threshold
    assert outside == (draws + 1) // 20


def test_a_band_has_a_lower_end_for_two_sided_measures_only():
    null = np.random.default_rng(1).normal(size=(399, 2))
    two_sided, none = np.array([False, True]), np.zeros(2)

    def outside(*values: float) -> bool:
        _, _, threshold, far = protocol._joint_band(np.array(values), null, two_sided, none)
        return bool(far[0] > threshold)

    assert not outside(-9.0, 0.0)
    assert outside(9.0, 0.0)
    assert outside(0.0, -9.0)
    assert outside(0.0, 9.0)


def test_a_quantity_that_never_varies_in_data_differs_beyond_rounding():
    null, one_sided = np.zeros((99, 1)), np.array([False])
    for value, resolution, differs in ((0.0, 0.0, False), (1e-9, 0.0, True), (1e-9, 1e-6, False)):
        _, _, threshold, far = protocol._joint_band(
            np.array([value]), null, one_sided, np.array([resolution])
        )
        assert (far[0] > max(threshold, 1e-2)) == differs


def test_a_measure_knows_its_band_and_where_a_value_lies_on_it():
    both = Measure("x", 1.0, (0.0, 2.0), 0.0, 1.0, 5.0, (2.0, 4.0), True, False)
    assert both.band == (3.0, 9.0)
    assert [both.position(value) for value in (3.0, 4.0, 5.0, 7.0, 9.0, 13.0)] == [
        *(-1.0, -0.5, 0.0, 0.5, 1.0, 2.0)
    ]
    above = Measure("x", 1.0, (0.0, 2.0), 0.0, 1.0, 5.0, (2.0, 0.0), False, False)
    assert above.band == (-np.inf, 5.0)
    assert above.position(5.1) == np.inf


@pytest.mark.slow
def test_inside_p_value_and_verdict_say_the_same():
    for task, states in (
        ("haar", drawn("haar", 40, 3)),
        ("haar", basis(2, 40, 3)),
        ("noise", drawn("noise", 40, 3)),
        ("noise", half_angle(40, 3)),
    ):
        found = score(states, task, draws=FEW)
        for each in found.measures:
            low, high = each.band
            assert each.inside == (low <= each.value <= high), each.name
            assert each.inside == (abs(each.position(each.value)) <= 1) or not each.two_sided
        assert found.passes == (found.p_value > 0.05) == (not found.differing)
        told = "cannot be told from data at 40 states" if found.passes else "differs from data in: "
        assert found.verdict.startswith(told)
        assert all(name in found.verdict for name in found.differing)


@pytest.mark.slow
@pytest.mark.parametrize("task", list(SCORED))
def test_fresh_data_stay_inside_and_what_is_not_data_does_not(task):
    """The calibration of docs/scoring.md in small."""
    fresh = [score(drawn(task, 40, seed), task, draws=FEW).passes for seed in spawn(11, 20)]
    assert sum(fresh) >= 17
    for kind, make in altered(task).items():
        if kind != "field 0.2 … 0.35":  # takes more states
            assert not score(make(40, 12), task, draws=FEW).passes, kind


@pytest.mark.parametrize(
    ("task", "states", "sees", "not_seen"),
    [
        ("noise", half_angle(40, 1), "inferred p", "share without |10⟩"),
        ("haar", basis(2, 40, 1), "MMD² (F and F²)", "MMD² (F)"),
        ("cluster-1", collapsed("cluster-1", 40, 1), "nearest neighbour", "share with F₀ < 0.8"),
        # The same circle through other poles: only ⟨Y⟩ and what fidelities between sets see.
        ("circle", circle_states(40, 1) * torch.tensor([1, 1j]), "mean |⟨Y⟩|", "nearest neighbour"),
        ("noise", correlated_noise_states(40, 1).conj(), "MMD² (F)", "inferred p"),
    ],
)
def test_a_difference_shows_in_the_measure_that_sees_it(task, states, sees, not_seen):
    differing = score(states, task, draws=FEW).differing
    assert sees in differing
    assert not_seen not in differing


def test_a_conjugated_circle_is_the_same_circle():
    states = circle_states(40, 1)
    first, second = (score(each, "circle", draws=FEW) for each in (states, states.conj()))
    assert first.passes
    assert first.measures == second.measures


@pytest.mark.slow
def test_neither_phases_nor_order_nor_precision_nor_the_kind_of_array_matter():
    """Ising states lie so close to each other that single precision would show first there."""
    states = drawn("ising", 40, 7)
    found = score(states, "ising", draws=FEW)
    turned = states * torch.polar(torch.ones(40).double(), torch.arange(40).double())[:, None]
    for other in (
        turned,
        states.flip(0),
        states.to(torch.complex64),
        states.real.float().numpy(),
        turned.conj(),  # Ising states are real, so that only the phases change
        np.asfortranarray(states.numpy()),
    ):
        again = score(other, "ising", draws=FEW)
        assert again.differing == found.differing
        for one, two in zip(found.measures, again.measures, strict=True):
            assert one.value == pytest.approx(two.value, rel=3e-3, abs=3e-7), one.name


def test_a_large_ensemble_is_represented_by_states_chosen_at_random(monkeypatch):
    monkeypatch.setattr(protocol, "MOST", 30)
    states = haar_states(50, 1, seed=2)
    found = score(states, "haar", draws=FEW)
    assert (found.given, found.count, len(found.states)) == (50, 30, 30)
    same = overlaps(found.states, states) > 1 - 1e-12
    assert (same.sum(-1) == 1).all()  # each is one of them
    assert (same.sum(0) <= 1).all()  # and none is taken twice
    assert not same[:, :30].any(0).all()
    assert "30 of 50 states, chosen at random" in found.report()


def test_the_wasserstein_distance_takes_states_at_random_from_a_sorted_ensemble(monkeypatch):
    monkeypatch.setattr(protocol, "TRANSPORTED", 40)
    data = circle_states(160, 5)
    by_angle = data[(data[:, 1].real / data[:, 0].real).argsort()]
    found = score(by_angle, "circle", seed=7, draws=FEW)
    assert found["Wasserstein"].inside
    assert wasserstein(by_angle[:40], found.data[:40]) > found["Wasserstein"].band[1]


@pytest.mark.slow
def test_the_seed_decides_reference_data_and_choice():
    states = haar_states(30, 1, seed=2)
    first, again, other = (score(states, "haar", seed, draws=FEW) for seed in (1, 1, 2))
    assert first.measures == again.measures
    assert first["MMD² (F)"] != other["MMD² (F)"]
    assert not (first.data == other.data).any()
    # Neither the reference nor its copies are among the states of a user's seed.
    assert not np.isin(first.data.numpy(), haar_states(1000, 1, seed=1).numpy()).any()


@pytest.mark.slow
def test_intervals_by_leaving_out_each_state():
    states = correlated_noise_states(25, seed=5)
    found = score(states, "noise", draws=FEW)
    rest = [torch.cat((states[:k], states[k + 1 :])) for k in range(25)]
    for name, kernel in protocol.KERNELS.items():
        values = [mmd_squared(each, found.data, kernel).item() for each in rest]
        reach = 1.959964 * (24 * np.var(values)) ** 0.5
        value = found[name].value
        assert found[name].interval == pytest.approx((value - reach, value + reach), rel=1e-6)


@pytest.mark.slow
def test_intervals_of_distances_are_as_wide_as_their_values_scatter():
    """Standard errors beside the standard deviation of 100 ensembles: haar states, where nearest
    neighbours are mutual in two cases of three, and blurred noise for the transport.
    """
    for task, make, name in (
        ("haar", lambda seed: haar_states(60, 2, seed), "nearest neighbour"),
        ("noise", lambda seed: altered("noise")["blurred by 0.2"](60, seed), "Wasserstein"),
    ):
        found = [score(make(seed), task, draws=FEW)[name] for seed in range(100)]
        errors = [(each.interval[1] - each.interval[0]) / 2 / 1.96 for each in found]
        scatter = np.std([each.value for each in found], ddof=1)
        assert 0.8 < np.mean(errors) / scatter < 1.25, name
        mean = np.mean([each.value for each in found])
        held = [each.interval[0] <= mean <= each.interval[1] for each in found]
        assert np.mean(held) > 0.88, name


def test_an_interval_of_a_distance_does_not_extend_below_zero():
    found = score(drawn("ising", 25, 4), "ising", draws=FEW)
    assert found["Wasserstein"].interval[0] >= 0
    assert found["nearest neighbour"].interval[0] >= 0


def test_the_floor_is_that_of_fresh_data_of_the_same_number():
    few, many = (score(drawn("noise", count, 4), "noise", draws=FEW) for count in (25, 100))
    assert few["Wasserstein"].floor > 1.3 * many["Wasserstein"].floor
    assert few["inferred p"].deviation > 1.5 * many["inferred p"].deviation
    assert abs(many["inferred p"].floor - 0.8) < 0.05
    assert abs(many["MMD² (F)"].floor) < 3 * many["MMD² (F)"].deviation / 99**0.5 + 1e-3


def test_a_report_is_one_page_with_every_number():
    found = score(half_angle(40, 1), "noise", draws=FEW)
    page = found.report("States: `some.npy`.")
    assert page.startswith("# Score on `noise`: correlated noise\n\nStates: `some.npy`.\n\n**The ")
    assert f"**The ensemble {found.verdict}** (p = 0.01)." in page
    rows = [re.split(r"(?<!\\)\|", line) for line in page.splitlines() if line.startswith("| ")]
    assert [len(row) for row in rows] == [8] * 8  # a header and seven measures, six cells each
    for row, measure in zip(rows[1:], found.measures, strict=True):
        assert row[1].strip().replace("\\", "") == measure.name
        assert float(row[2]) == pytest.approx(measure.value, rel=1e-3)
        assert row[6].strip() == ("yes" if measure.inside else "**no**")
    assert "all 40 states, 2 qubits, seed 0" in page
    assert len(page.split()) < 500


def test_the_page_of_the_protocol_names_every_task_and_measure_and_number():
    page = (Path(__file__).parents[3] / "docs" / "scoring.md").read_text(encoding="utf-8")
    plain = page.replace("\\|", "|")
    for each in SCORED.values():
        assert f"| `{each.name}` |" in page
        if each.key in TASKS:
            assert f" | {each.key} | " in page
    for name in SCORED["noise"].measures[:5]:
        assert f"| {name} |" in plain
    assert f"At least {protocol.FEWEST} states" in page
    assert f"more than {protocol.MOST:,}" in page
    assert f"M = {protocol.REFERENCE} states" in page
    assert f"{protocol.TRANSPORTED} of the states" in page
    assert f"{protocol.DRAWS} fresh sets of data" in page
    assert f"1 to {protocol.LARGEST}, as given" in page


def not_finite() -> torch.Tensor:
    states = haar_states(30, 1, 1)
    states[3, 1] = torch.nan
    return states


@pytest.mark.parametrize(
    ("states", "task", "message"),
    [
        (2 * haar_states(30, 1, 1), "haar", "`states` must have norm 1 within 0.0001, but got nor"),
        (haar_states(30, 1, 1) * 0, "haar", "`states` must have norm 1 within 0.0001, but got nor"),
        (haar_states(30, 1, 1), "noise", r"have shape \(count, 4\) for the task noise, but got sh"),
        (haar_states(30, 2, 1), "circle", r"have shape \(count, 2\) for the task circle, but got"),
        (haar_states(30, 9, 1), "haar", "`states` must have at most 8 qubits, but got 9"),
        (torch.ones(30, 3) / 3**0.5, "haar", r"have shape \(count, 2ⁿ\), but got shape \(30, 3\)"),
        (torch.ones(30, 1), "haar", r"have shape \(count, 2ⁿ\), but got shape \(30, 1\)"),
        (
            haar_states(30, 1, 1)[None],
            "haar",
            r"have shape \(count, 2ⁿ\), but got shape \(1, 30, 2",
        ),
        (haar_states(30, 1, 1)[0], "haar", r"have shape \(count, 2ⁿ\), but got shape \(2,\)"),
        (haar_states(19, 1, 1), "haar", "`states` must be at least 20 in number, but got 19"),
        (haar_states(0, 1, 1), "haar", "`states` must be at least 20 in number, but got 0"),
        (not_finite(), "haar", "`states` must be finite, but got NaN or infinity"),
        (not_finite().numpy(), "haar", "`states` must be finite, but got NaN or infinity"),
        (torch.full((30, 2), torch.inf), "haar", "`states` must be finite"),
        ([[1, 0]] * 30, "haar", "`states` must be a NumPy array or a torch tensor, but got list"),
        (np.array([["1", "0"]] * 30), "haar", "`states` must be numbers, but got dtype <U1"),
        (np.array([[1, None]] * 30), "haar", "`states` must be numbers, but got dtype object"),
        (
            haar_states(30, 1, 1),
            "MNIST",
            "be one of cluster-1, cluster-2, circle, noise, ising, ha",
        ),
        (haar_states(30, 1, 1), ["haar"], r"`task` must be one of .*, but got \['haar'\]"),
    ],
)
def test_what_cannot_be_scored_is_refused_in_a_sentence(states, task, message):
    with pytest.raises(ValueError, match=message):
        score(states, task, draws=FEW)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"seed": -1}, "`seed` must be a whole number ≥ 0, but got -1"),
        ({"seed": 0.5}, "`seed` must be a whole number ≥ 0, but got 0.5"),
        ({"draws": 98}, "`draws` must be a whole number ≥ 99, but got 98"),
    ],
)
def test_numbers_out_of_range_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        score(haar_states(30, 1, 1), "haar", **given)
