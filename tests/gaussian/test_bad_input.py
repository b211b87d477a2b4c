"""Every public function of the part meets nonsense of every kind, and refuses it by name."""

import inspect

import numpy as np
import pytest

from qdm_utils import gaussian
from qdm_utils.gaussian.second_opinions import fock, fock_decoder, learned_score, optics

STATE = gaussian.squeezed_thermal(1.5, 0.4, 0.3)
STATES = np.stack([STATE, np.eye(2)])
DRIFT, DIFFUSION = gaussian.bayes_reverse(STATE)
RHO = fock.gaussian_density_matrix(STATE, 12)

NOT_REAL = {"text": "banana", "nothing": None, "complex": 1j, "ragged": [[1.0], [1.0, 2.0]]}
NOT_FINITE = {"NaN": np.nan, "infinite": np.inf}
REAL = NOT_REAL | NOT_FINITE
NUMBER = REAL | {"two numbers": [1.5, 1.5]}
AT_LEAST_ZERO = NUMBER | {"negative": -0.5}
POSITIVE = AT_LEAST_ZERO | {"zero": 0.0}
AT_LEAST_ONE = AT_LEAST_ZERO | {"below one": 0.99}
SQUEEZING = REAL | {"too much": 10.5, "too much the other way": -10.5}
ONE_SQUEEZING = SQUEEZING | {"two numbers": [0.1, 0.2]}
NU = REAL | {"below one": 0.99, "negative": -1.5}
FRACTION = REAL | {"above one": 1.01, "negative": -0.01}
WHOLE = {"zero": 0, "negative": -3, "fraction": 2.5, "float": 3.0, "bool": True, "nothing": None}
SEED = {"negative": -1, "fraction": 1.5, "nothing": None, "text": "a", "NaN": np.nan}
MATRIX = {
    "text": "banana",
    "nothing": None,
    "a number": 1.5,
    "NaN": np.full((2, 2), np.nan),
    "one NaN": np.array([[1.5, np.nan], [np.nan, 1.5]]),
    "infinite": np.diag([np.inf, 1.0]),
    "complex": 1j * np.eye(2),
    "not square": np.ones((2, 4)),
    "odd": np.eye(3),
    "no modes": np.zeros((0, 0)),
}
SKEWED = np.array([[2.0, 0.5], [0.0, 2.0]])
SYMMETRIC = MATRIX | {"not symmetric": SKEWED, "second skewed": np.stack([np.eye(2), SKEWED])}
POSITIVE_MATRIX = SYMMETRIC | {
    "negative": -STATE,
    "indefinite": np.diag([2.0, -1.0]),
    "singular": np.diag([1.0, 0.0]),
    "no matrix": np.zeros((0, 2, 2)),
    "one bad of two": np.stack([np.eye(2), -np.eye(2)]),
}
COVARIANCE = POSITIVE_MATRIX | {
    "below the vacuum": 0.9 * np.eye(2),
    "squeezed too thin": np.diag([1.5, 0.5]),
    "second below the vacuum": np.stack([np.eye(2), 0.9 * np.eye(2)]),
}
TWO_MODES = {"two modes": np.eye(4)}
STACK = {"a stack": STATES}
DENSITY = {
    "text": "banana",
    "nothing": None,
    "a vector": np.array([1.0, 0.0]),
    "not square": np.ones((2, 3)) / 6,
    "one level": np.eye(1),
    "NaN": np.full((3, 3), np.nan),
    "not Hermitian": np.array([[0.5, 0.2], [0.0, 0.5]]),
    "symmetric": np.array([[0.5, 0.2j], [0.2j, 0.5]]),
    "negative": np.diag([1.2, -0.2]),
    "zero": np.zeros((2, 2)),
    "trace two": np.eye(2),
}
GENERATOR = {"drift": MATRIX, "diffusion": SYMMETRIC | TWO_MODES}
ONE_GENERATOR = {"drift": MATRIX | STACK, "diffusion": SYMMETRIC | TWO_MODES | STACK}
TIMES = {"NaN": [0.0, np.nan], "falling": [1.0, 0.0], "standing": [1.0, 1.0], "empty": []}
TIMES |= {"a number": 1.0, "text": "banana"}
PAIR = {"drift": DRIFT, "diffusion": DIFFUSION}
SETTING = {"nu0": 1.5, "r0": 0.5, "time": 1.0}
BAD_SETTING = {"nu0": AT_LEAST_ONE, "r0": ONE_SQUEEZING, "time": POSITIVE}
PLANE = {"nu": 1.5, "r": 0.4}
BAD_PLANE = {"nu": NU, "r": SQUEEZING}

# name: (function, arguments that it takes, nonsense for each of them)
TABLE = {
    "along_path": (
        lambda cov, time: gaussian.along_path(gaussian.petz_reverse, cov, time),
        {"cov": STATE, "time": 1.0},
        {"cov": COVARIANCE, "time": AT_LEAST_ZERO},
    ),
    "along_path at a depth": (
        lambda depth: gaussian.along_path(gaussian.petz_reverse, STATE, 1.0)(depth),
        {"depth": 0.5},
        {"depth": AT_LEAST_ZERO | {"beyond the data": 1.1}},
    ),
    "attenuate": (
        gaussian.attenuate,
        {"cov": STATE, "eta": 0.5},
        {"cov": COVARIANCE, "eta": FRACTION},
    ),
    "attenuator": (gaussian.attenuator, {"modes": 1}, {"modes": WHOLE}),
    "bayes_cp_margin": (gaussian.bayes_cp_margin, PLANE, BAD_PLANE),
    "bayes_repair_trace": (gaussian.bayes_repair_trace, PLANE, BAD_PLANE),
    "bayes_reverse": (gaussian.bayes_reverse, {"cov": STATE}, {"cov": COVARIANCE}),
    "c_geom": (gaussian.c_geom, {"nu": 1.5}, {"nu": NU}),
    "check_covariance": (gaussian.check_covariance, {"cov": STATE}, {"cov": COVARIANCE}),
    "cp_margin": (gaussian.cp_margin, PAIR, GENERATOR),
    "cp_matrix": (gaussian.cp_matrix, PAIR, GENERATOR),
    "critical_squeezing": (gaussian.critical_squeezing, {"nu": 1.5}, {"nu": NU}),
    "critical_transmissivity": (
        gaussian.critical_transmissivity,
        {"cov": STATE},
        {"cov": COVARIANCE | TWO_MODES},
    ),
    "entanglement_witness": (
        gaussian.entanglement_witness,
        PLANE | {"squeezing": 1.0, "step": 0.1},
        {
            "nu": AT_LEAST_ONE,
            "r": ONE_SQUEEZING,
            "squeezing": POSITIVE | {"too much": 11.0},
            "step": POSITIVE,
        },
    ),
    "entropy_rate": (gaussian.entropy_rate, {"cov": STATE}, {"cov": COVARIANCE}),
    "evolve": (
        gaussian.evolve,
        {"cov": STATE, "generator": (DRIFT, DIFFUSION), "times": [0.0, 1.0]},
        {
            "cov": SYMMETRIC | STACK,
            "generator": {
                "nothing": None,
                "a matrix": np.eye(2),
                "three": (DRIFT, DIFFUSION, DIFFUSION),
                "two modes": gaussian.attenuator(2),
                "a function of nothing": lambda time: None,
            },
            "times": TIMES,
            "rtol": POSITIVE,
        },
    ),
    "exact_reversal": (
        gaussian.exact_reversal,
        {"cov": STATE},
        {"cov": COVARIANCE | STACK | {"pure": gaussian.squeezed_thermal(1.0, 0.3)}},
    ),
    "exact_reversal_cost": (gaussian.exact_reversal_cost, PLANE, BAD_PLANE),
    "exact_reversal_sdp": (
        gaussian.exact_reversal_sdp,
        {"cov": STATE},
        {"cov": COVARIANCE | STACK | {"vacuum": np.eye(2)}},
    ),
    "fidelity": (
        gaussian.fidelity,
        {"cov1": STATE, "cov2": np.eye(2), "mean1": [0.0, 1.0]},
        {
            "cov1": COVARIANCE | TWO_MODES | STACK,
            "cov2": COVARIANCE | TWO_MODES | STACK,
            "mean1": {"NaN": [np.nan, 0.0], "too long": np.zeros(4), "text": "banana"},
            "mean2": {"NaN": [np.nan, 0.0], "too long": np.zeros(4), "text": "banana"},
        },
    ),
    "formal_reverse": (
        gaussian.formal_reverse,
        {"cov": STATE, "time": 1.0},
        {"cov": COVARIANCE, "time": AT_LEAST_ZERO},
    ),
    "formal_reverse at a depth": (
        lambda depth: gaussian.formal_reverse(STATE, 1.0)(depth),
        {"depth": 0.5},
        {"depth": AT_LEAST_ZERO | {"beyond the data": 1.1}},
    ),
    "injected_information": (
        gaussian.injected_information,
        SETTING | {"n_depths": 3},
        BAD_SETTING | {"n_depths": WHOLE},
    ),
    "kmb_information": (
        gaussian.kmb_information,
        {"cov": STATE},
        {"cov": COVARIANCE | TWO_MODES},
    ),
    "margin_zero": (
        gaussian.margin_zero,
        {"nu": [1.5]},
        {"nu": NU, "r_max": POSITIVE | {"too much": 11.0, "before the threshold": 0.4}},
    ),
    "minimal_repair": (gaussian.minimal_repair, {"drift": DRIFT}, {"drift": MATRIX}),
    "minimal_repair_sdp": (gaussian.minimal_repair_sdp, PAIR, ONE_GENERATOR),
    "noise_floor": (
        gaussian.noise_floor,
        SETTING | {"n_depths": 3},
        BAD_SETTING | {"n_depths": WHOLE},
    ),
    "normal_frame": (gaussian.normal_frame, {"cov": STATE}, {"cov": COVARIANCE | STACK}),
    "normal_mode_costs": (gaussian.normal_mode_costs, {"cov": STATE}, {"cov": COVARIANCE | STACK}),
    "one_sigma_ellipse": (
        gaussian.one_sigma_ellipse,
        {"cov": STATE, "points": 5},
        {"cov": POSITIVE_MATRIX | TWO_MODES | STACK, "points": WHOLE},
    ),
    "random_covariance": (
        gaussian.random_covariance,
        {"modes": 2, "seed": 1},
        {
            "modes": WHOLE,
            "seed": SEED,
            "nu_max": AT_LEAST_ONE,
            "r_max": AT_LEAST_ZERO | {"too much": 11.0},
        },
    ),
    "petz_channel": (
        gaussian.petz_channel,
        {"cov": STATE, "eta": 0.5},
        {"cov": COVARIANCE | STACK, "eta": NUMBER | {"above one": 1.01, "negative": -0.01}},
    ),
    "petz_cost": (gaussian.petz_cost, PLANE, BAD_PLANE),
    "petz_reverse": (
        gaussian.petz_reverse,
        {"cov": STATE},
        {"cov": COVARIANCE | STACK | {"pure": gaussian.squeezed_thermal(1.0, 0.3)}},
    ),
    "repaired_cost": (gaussian.repaired_cost, PLANE, BAD_PLANE),
    "repaired_reverse": (
        gaussian.repaired_reverse,
        {"cov": STATE, "time": 1.0},
        {"cov": COVARIANCE, "time": AT_LEAST_ZERO},
    ),
    "repaired_reverse at a depth": (
        lambda depth: gaussian.repaired_reverse(STATE, 1.0)(depth),
        {"depth": 0.5},
        {"depth": AT_LEAST_ZERO | {"beyond the data": 1.1}},
    ),
    "reversal_price": (
        gaussian.reversal_price,
        {"cov": STATE} | PAIR,
        {"cov": COVARIANCE, "drift": MATRIX | TWO_MODES, "diffusion": SYMMETRIC | TWO_MODES},
    ),
    "sdp_repair_traces": (
        gaussian.sdp_repair_traces,
        {"references": STATES},
        {"references": COVARIANCE | {"not a stack": STATE}},
    ),
    "squeezed_thermal": (
        gaussian.squeezed_thermal,
        PLANE | {"phi": 0.1},
        BAD_PLANE | {"phi": REAL},
    ),
    "step_channel": (
        gaussian.step_channel,
        PAIR | {"time": 0.1},
        ONE_GENERATOR | {"time": AT_LEAST_ZERO | {"beyond float64": 1e6}},
    ),
    "symplectic_eigenvalues": (
        gaussian.symplectic_eigenvalues,
        {"cov": STATE},
        {"cov": POSITIVE_MATRIX},
    ),
    "symplectic_form": (gaussian.symplectic_form, {"modes": 1}, {"modes": WHOLE}),
    "transmissivity": (
        gaussian.transmissivity,
        {"time": 1.0},
        {"time": REAL | {"negative": -0.1}},
    ),
    "two_mode_squeezed": (
        gaussian.two_mode_squeezed,
        {"squeezing": 1.0},
        {"squeezing": AT_LEAST_ZERO | {"too much": 11.0}},
    ),
    "vacuum_area_rate": (
        gaussian.vacuum_area_rate,
        PAIR,
        {"drift": MATRIX | TWO_MODES, "diffusion": SYMMETRIC | TWO_MODES},
    ),
    "wigner": (
        gaussian.wigner,
        {"cov": STATE, "x": [0.0, 1.0], "p": 0.5},
        {
            "cov": POSITIVE_MATRIX | TWO_MODES | STACK,
            "x": REAL,
            "p": REAL | {"another shape": np.zeros(3)},
        },
    ),
    "wigner_score": (
        gaussian.wigner_score,
        {"cov": STATE, "xi": [0.0, 1.0]},
        {"cov": POSITIVE_MATRIX | TWO_MODES | STACK, "xi": REAL | {"of three": np.zeros(3)}},
    ),
    "quadratures": (fock.quadratures, {"cutoff": 3}, {"cutoff": WHOLE | {"one": 1}}),
    "fock_generator": (
        fock.fock_generator,
        PAIR | {"cutoff": 4},
        ONE_GENERATOR | {"cutoff": WHOLE | {"one": 1}},
    ),
    "choi_margin": (
        fock.choi_margin,
        PAIR | {"cutoff": 4, "step": 1e-4},
        ONE_GENERATOR | {"cutoff": WHOLE | {"one": 1}, "step": POSITIVE},
    ),
    "gaussian_density_matrix": (
        fock.gaussian_density_matrix,
        {"cov": STATE, "cutoff": 4, "mean": [0.1, 0.2]},
        {
            "cov": COVARIANCE | TWO_MODES | STACK,
            "cutoff": WHOLE | {"one": 1},
            "mean": {"NaN": [0.0, np.nan], "one number": 0.5, "of three": np.zeros(3)},
        },
    ),
    "check_density_matrix": (
        lambda rho: fock.check_density_matrix("rho", rho),
        {"rho": RHO},
        {"rho": DENSITY},
    ),
    "second_moments": (fock.second_moments, {"rho": RHO}, {"rho": DENSITY}),
    "uhlmann_fidelity": (
        fock.uhlmann_fidelity,
        {"rho1": RHO, "rho2": RHO},
        {"rho1": DENSITY, "rho2": DENSITY | {"other levels": np.eye(3) / 3}},
    ),
    "displacement_tangents": (fock.displacement_tangents, {"rho": RHO}, {"rho": DENSITY}),
    "displacement_information": (
        fock.displacement_information,
        {"rho": RHO, "metric": "sld"},
        {"rho": DENSITY, "metric": {"another": "bures", "nothing": None, "NaN": np.nan}},
    ),
    "frozen_generators": (
        fock_decoder.frozen_generators,
        SETTING | {"steps": 2, "rule": "start"},
        BAD_SETTING | {"steps": WHOLE, "rule": {"another": "end", "nothing": None, "a list": []}},
    ),
    "decode_in_fock_space": (
        fock_decoder.decode_in_fock_space,
        SETTING | {"steps": 2, "cutoff": 12},
        BAD_SETTING
        | {
            "steps": WHOLE,
            "cutoff": WHOLE | {"one": 1},
            "rule": {"another": "end", "nothing": None},
        },
    ),
    "optical_noising_path": (
        optics.optical_noising_path,
        PLANE | {"eta": [0.5]},
        {
            "nu": AT_LEAST_ONE,
            "r": ONE_SQUEEZING,
            "eta": FRACTION | {"a number": 0.5, "empty": []},
        },
    ),
    "learned_covariance": (
        learned_score.learned_covariance,
        {"cov": STATES, "seed": 1, "samples": 8, "steps": 2, "width": 2},
        {
            "cov": COVARIANCE | TWO_MODES | {"not a stack": STATE},
            "seed": SEED,
            "samples": WHOLE | {"one": 1},
            "steps": WHOLE,
            "width": WHOLE,
            "noise": POSITIVE,
            "learning_rate": POSITIVE,
        },
    ),
}
CASES = [
    pytest.param(function, good, argument, value, id=f"{name}-{argument}-{kind}")
    for name, (function, good, nonsense) in TABLE.items()
    for argument, values in nonsense.items()
    for kind, value in values.items()
]


def test_the_table_holds_every_public_function_of_the_part():
    expected = {name for name, value in vars(gaussian).items() if inspect.isfunction(value)}
    for module in (fock, fock_decoder, learned_score, optics):
        for name, value in vars(module).items():
            own = inspect.isfunction(value) and value.__module__ == module.__name__
            if own and not name.startswith("_"):
                expected.add(name)
    assert expected <= set(TABLE)


@pytest.mark.slow
@pytest.mark.parametrize("name", TABLE)
def test_what_the_table_calls_good_is_taken(name):
    function, good, nonsense = TABLE[name]
    function(**good)
    if inspect.getmodule(function).__name__.startswith("qdm_utils"):
        assert set(nonsense) | {"name"} >= set(inspect.signature(function).parameters)


@pytest.mark.parametrize(("function", "good", "argument", "value"), CASES)
def test_nonsense_is_refused_in_one_sentence_by_name(function, good, argument, value):
    # Of a pair that does not match, either may be named.
    named = "|".join({argument, *good})
    with pytest.raises(ValueError, match=rf"^Argument `({named})` must [\s\S]*, but got "):
        function(**good | {argument: value})
