"""The noising path once more, as an optical circuit in Strawberry Fields."""

import warnings

import numpy as np
from numpy.typing import ArrayLike

from qdm_utils.arguments import at_least, between, demand, scalar
from qdm_utils.gaussian.covariance import check_squeezing

with warnings.catch_warnings():
    # Strawberry Fields 0.23, its last release, still finds its plug-ins through the deprecated
    # pkg_resources, and its parser comes from a time before Python 3.11.
    warnings.filterwarnings(
        "ignore", message=".*(pkg_resources|sre_parse|sre_constants)", category=Warning
    )
    import strawberryfields as sf
    from strawberryfields import ops

sf.hbar = 2  # the HHW convention: vacuum covariance = identity


def optical_noising_path(nu: float, r: float, eta: ArrayLike) -> np.ndarray:
    """Covariances of Thermal → Sgate → LossChannel(η) from Strawberry Fields' Gaussian engine.

    Args:
        nu: thermal parameter ν ≥ 1, prepared as a thermal state of mean photon number (ν − 1)/2.
        r: squeezing; positive squeezes the momentum, which is Sgate(−r) there.
        eta: surviving fractions in [0, 1], shape (n,).

    Returns:
        Covariances, shape (n, 2, 2), vacuum = identity.

    Raises:
        ValueError: an argument out of range.
    """
    nu = float(at_least("nu", scalar("nu", nu), 1.0))
    r = float(check_squeezing("r", scalar("r", r)))
    eta = between("eta", eta, 0.0, 1.0)
    demand(eta.ndim == 1 and len(eta) > 0, "eta", "have shape (n,)", f"shape {eta.shape}")
    return np.stack([_covariance(nu, r, float(fraction)) for fraction in eta])


def _covariance(nu: float, r: float, eta: float) -> np.ndarray:
    program = sf.Program(1)
    with program.context as (mode,):
        ops.Thermal((nu - 1.0) / 2.0) | mode
        ops.Sgate(-r) | mode
        ops.LossChannel(eta) | mode
    return sf.Engine("gaussian").run(program).state.cov()
