import numpy as np
import pytest
from numpy.testing import assert_allclose

from qdm_utils.gaussian import (
    attenuate,
    cp_margin,
    fidelity,
    noise_floor,
    squeezed_thermal,
    step_channel,
    transmissivity,
)
from qdm_utils.gaussian.second_opinions.fock import choi_margin
from qdm_utils.gaussian.second_opinions.fock_decoder import decode_in_fock_space, frozen_generators


def decode_in_phase_space(nu0, r0, time, steps, rule="midpoint"):
    """Covariance at s = T of the same n channels in phase space, without a cutoff."""
    cov = attenuate(squeezed_thermal(nu0, r0), transmissivity(time))
    for generator in frozen_generators(nu0, r0, time, steps, rule):
        X, Y = step_channel(*generator, time / steps)
        cov = X @ cov @ X.T + Y
    return cov


@pytest.mark.parametrize("rule", ["start", "midpoint"])
def test_each_step_of_the_decoder_is_a_physical_channel(rule):
    generators = frozen_generators(1.2, 0.4, 1.0, 8, rule)
    assert min(cp_margin(*generator) for generator in generators) > -1e-12
    assert min(choi_margin(*generator, cutoff=6) for generator in generators) > -1e-8


@pytest.mark.slow
@pytest.mark.parametrize(("rule", "order"), [("start", 1.0), ("midpoint", 2.0)])
@pytest.mark.parametrize("time", [0.2, 1.0])
def test_channels_on_density_matrices_land_on_the_differential_equation(rule, order, time):
    """T = 0.2 fails at once; T = 1 crosses the kink at the onset, which blurs the second order."""
    floor = noise_floor(1.2, 0.4, time, n_depths=2)
    target = fidelity(floor.reference[-1], floor.decoder[-1])
    errors = []
    for steps in (8, 16, 32):
        decoded = decode_in_fock_space(1.2, 0.4, time, steps, 30, rule)
        errors.append(np.abs(decoded.covariance - floor.decoder[-1]).max())
        assert_allclose(
            decoded.covariance, decode_in_phase_space(1.2, 0.4, time, steps, rule), atol=1e-8
        )
        assert_allclose(np.trace(decoded.state), 1.0, atol=1e-12)
        assert decoded.leakage < 1e-9
    slopes = np.log2(np.array(errors[:-1]) / errors[1:])
    assert_allclose(slopes, order, atol=0.4 if time == 1.0 and order == 2.0 else 0.05)
    assert_allclose(decoded.fidelity, target, atol=1e-4 if rule == "start" else 1e-6)


def test_the_cutoff_error_falls_with_the_cutoff():
    exact = decode_in_phase_space(1.2, 0.4, 1.0, 4)
    errors = [
        np.abs(decode_in_fock_space(1.2, 0.4, 1.0, 4, cutoff).covariance - exact).max()
        for cutoff in (12, 20, 30)
    ]
    assert errors[0] > 100 * errors[1]
    assert errors[1] > 100 * errors[2]


def test_leakage_is_what_sits_on_the_two_highest_levels():
    decoded = decode_in_fock_space(1.2, 0.4, 1.0, 4, 6)
    below, top = np.diag(decoded.state).real[4:]
    assert min(below, top) > 1e-5
    assert_allclose(decoded.leakage, below + top, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: decode_in_fock_space(0.9, 0.4, 1.0, 4, 10),
            r"Argument `nu0` must be ≥ 1, but got 0.9",
        ),
        (
            lambda: decode_in_fock_space(1.2, 0.4, 0.0, 4, 10),
            r"Argument `time` must be > 0, but got 0",
        ),
        (
            lambda: decode_in_fock_space(1.2, 0.4, 1.0, 0, 10),
            r"Argument `steps` must be a whole number ≥ 1, but got 0",
        ),
        (
            lambda: frozen_generators(1.2, 0.4, 1.0, 2, "end"),
            r"Argument `rule` must be 'start' or 'midpoint', but got 'end'",
        ),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
