"""The exact chain against numbers from elsewhere, both of its directions, and sampled circuits."""

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose

from qdm_utils.qubits.circuits import Circuit, brickwork
from qdm_utils.qubits.scrambling import (
    BUTTERFLY_VELOCITY,
    circuit_otoc,
    front_distribution,
    mean_otoc_by_depth,
    otoc_by_depth,
    otoc_exact,
    otoc_saturation_depth,
    saturation_schedule,
)


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


@pytest.mark.parametrize("n", [2, 5, 8])
def test_the_mean_over_the_sites_by_depth_is_that_of_the_chain_in_the_other_direction(n):
    found = mean_otoc_by_depth(n, 2 * n)
    assert_allclose(found, [otoc_exact(n, depth).mean() for depth in range(2 * n + 1)], atol=1e-13)


@pytest.mark.parametrize(
    ("n", "depth"), [(4, 2), (4, 3), (4, 5), pytest.param(5, 4, marks=pytest.mark.slow), (3, 3)]
)
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


def test_the_front_walks_with_the_butterfly_velocity_and_bounds_the_spreading():
    early = front_distribution(200, 100) @ np.arange(200)
    late = front_distribution(200, 160) @ np.arange(200)
    assert BUTTERFLY_VELOCITY == 3 / 5
    assert (late - early) / 60 == pytest.approx(BUTTERFLY_VELOCITY, abs=1e-6)
    for depth in range(8):
        reached = front_distribution(6, depth)
        assert reached.sum() == pytest.approx(1.0)
        # The front's end site is occupied for certain, so C at the last site is 4/3 of being there.
        assert otoc_exact(6, depth)[-1] == pytest.approx(4 / 3 * reached[-1], abs=1e-13)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: otoc_exact(1, 2), "Argument `n` must be a whole number ≥ 2, but got 1"),
        (lambda: otoc_exact(4, -1), "Argument `depth` must be a whole number ≥ 0, but got -1"),
        (lambda: otoc_exact(21, 1), "Argument `n` must be ≤ 20"),
        (lambda: otoc_by_depth(4, -1), "Argument `max_depth` must be a whole number ≥ 0"),
        (lambda: otoc_by_depth(4, 10**12), "Argument `max_depth` must leave room in memory"),
        (lambda: mean_otoc_by_depth(4, -1), "Argument `max_depth` must be a whole number ≥ 0"),
        (lambda: mean_otoc_by_depth(4, 10**12), "Argument `max_depth` must leave room in memory"),
        (lambda: mean_otoc_by_depth(21, 1), "Argument `n` must be ≤ 20"),
        (
            lambda: otoc_saturation_depth(4, 1.1),
            r"Argument `threshold` must lie in \[0, 1\], but got 1.1",
        ),
        (lambda: saturation_schedule(4, 0), "Argument `stages` must be a whole number ≥ 1"),
        (lambda: front_distribution(1, 2), "Argument `n` must be a whole number ≥ 2"),
    ],
)
def test_bad_arguments_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
