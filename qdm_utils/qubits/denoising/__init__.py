"""Denoisers: circuits trained to undo a scrambler, and why their training fails.

A denoiser D(θ) is an `Ansatz` that gets states Uψ scrambled by a random circuit U and should return
the originals ψ. The room holds its training (`train_denoiser` by a `DenoiserConfig`, or
`train_on_states` on states of one's own), what a training leaves behind (`TrainingRecord`), its
costs, the laws of its gradients at random angles, and its limits: chance below, the no-free-lunch
bound above.

Fidelity is the squared overlap, d = 2ⁿ, depth counts half-layers, angles are in radians, and many
independent draws share a leading axis. Trainings run in complex64, gradient statistics in
complex128.

Side doors: `plots` draws trainings, `gradient_plots` draws gradients and what follows from them.
"""

from qdm_utils.qubits.denoising.configuration import DenoiserConfig
from qdm_utils.qubits.denoising.costs import (
    marginal_fidelity,
    product_fidelity,
    single_qubit_marginals,
)
from qdm_utils.qubits.denoising.gradients import (
    GradientVariance,
    fit_decay,
    gradient_samples,
    gradient_variance,
    gradient_variance_law,
    parameter_shift,
    signal_to_noise,
)
from qdm_utils.qubits.denoising.limits import (
    chance_fidelities,
    chance_maximum,
    no_free_lunch_bound,
)
from qdm_utils.qubits.denoising.records import (
    TrainingRecord,
    first_reaching,
    half_gain,
)
from qdm_utils.qubits.denoising.training import train_denoiser, train_on_states
