import numpy as np
import pytest
from numpy.testing import assert_allclose

from qdm_utils.gaussian import attenuate, squeezed_thermal, wigner
from qdm_utils.gaussian.second_opinions.optics import ops, optical_noising_path, sf


@pytest.mark.parametrize(("nu", "r"), [(1.0, 0.0), (1.0, 0.9), (2.3, -0.4)])
def test_the_path_agrees_with_strawberry_fields(nu, r):
    eta = np.linspace(0.0, 1.0, 5)
    assert_allclose(
        optical_noising_path(nu, r, eta), attenuate(squeezed_thermal(nu, r), eta), atol=1e-9
    )


def test_the_wigner_function_agrees_with_strawberry_fields():
    program = sf.Program(1)
    with program.context as (mode,):
        ops.Thermal(0.25) | mode
        ops.Sgate(-0.5) | mode
        ops.Rgate(0.6) | mode
    state = sf.Engine("gaussian").run(program).state
    x, p = np.linspace(-3, 3, 13), np.linspace(-2, 2, 9)
    theirs = state.wigner(0, x, p)
    ours = wigner(squeezed_thermal(1.5, 0.5, 0.6), *np.meshgrid(x, p))
    assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: optical_noising_path(0.5, 0.0, [0.5]), r"Argument `nu` must be ≥ 1"),
    ],
)
def test_bad_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()
