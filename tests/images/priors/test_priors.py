"""Priors of latents: what they count, what they learn, and the no-go for unitary chains."""

import pytest
import torch

from qdm_utils.images.geometry import (
    closeness,
    ensemble_penalty,
    fix_phase,
    kernel,
    latent_size,
    plain_prior,
)
from qdm_utils.images.priors import (
    ChainPrior,
    DiffusionPrior,
    FitConfig,
    MatchedPrior,
    PlainPrior,
    fit_chain,
    fit_diffusion,
    fit_likelihood,
    fit_mixture,
    fit_network,
)
from qdm_utils.qubits.generation import MeasuredStep, chained_kraus, cluster_states, log_density
from qdm_utils.randomness import generator

QUICK = FitConfig(updates=120, rate=0.05, batch=64, start=0.5)
CLUSTER = fix_phase(cluster_states(600, 2, 0.15, 3).to(torch.complex64))


def zero(states: torch.Tensor) -> float:
    """Mean fidelity with |00⟩."""
    return states[:, 0].abs().square().mean().item()


def test_a_measured_chain_learns_a_cluster_and_a_unitary_one_stays_haar():
    measured, unitary = (
        fit_chain(CLUSTER, MeasuredStep(2, ancillas, 4), (2.0, 4.0), QUICK, 5)
        for ancillas in (1, 0)
    )
    assert zero(measured.sample(2000, 1)) > 0.6
    assert zero(unitary.sample(2000, 1)) == pytest.approx(0.25, abs=0.03)
    assert ensemble_penalty("quantum", unitary.sample(2000, 1)).item() == pytest.approx(0, abs=3e-3)
    assert (measured.parameter_count, unitary.parameter_count) == (2 * 2 * 3 * 4, 2 * 2 * 2 * 4)
    assert measured.sample(7, 1).dtype == torch.complex64
    assert torch.equal(measured.sample(7, 1), measured.sample(7, 1))


def test_the_last_step_of_a_chain_aims_at_the_data_themselves():
    """Not at what they have diffused to, which is nearly Haar here."""
    chain = fit_chain(CLUSTER, MeasuredStep(2, 2, 4), (6.0,), QUICK, 5)
    assert zero(chain.sample(2000, 1)) > 0.4  # Haar: a quarter


def test_a_diffusion_that_has_learned_nothing_keeps_the_noise_standard_normal():
    """The velocity is zero in the mean there, so all its steps together may neither widen nor narrow the noise."""
    drawn = DiffusionPrior("gaussian", 3, 2.0, torch.zeros(9 + 3)).sample(4000, 1)
    assert drawn.std().item() == pytest.approx(2.0, abs=0.1)


def test_likelihood_trains_all_steps_together_within_the_entropy_budget():
    config = FitConfig(updates=60, start=1.0)
    chains = [fit_likelihood(CLUSTER, MeasuredStep(2, 1, 5), steps, config, 6) for steps in (1, 2)]
    assert (
        0.38 < zero(chains[0].sample(2000, 1)) < 0.53
    )  # one ancilla carries off one bit of two; Haar: a quarter
    likely = [
        log_density(chained_kraus(chain.step, chain.theta), CLUSTER).mean().item()
        for chain in chains
    ]
    assert likely[1] > likely[0] + 0.5 > 3
    path = chains[1].path(plain_prior("quantum", 2, 50, 1), 2)
    assert len(path) == 3


def test_the_likeliest_angles_are_those_behind_the_states():
    """A circuit fitted to what another of its kind made is as likely on fresh states as that one."""
    step = MeasuredStep(2, 1, 6)
    truth = ChainPrior(step, torch.randn(1, *step.circuit.shape, generator=generator(8)))
    fitted = fit_likelihood(truth.sample(3000, 1), step, 1, FitConfig(updates=80, start=1.0), 3)
    fresh = truth.sample(4000, 2)
    likely = [
        log_density(chained_kraus(step, chain.theta), fresh).mean().item()
        for chain in (truth, fitted)
    ]
    assert likely[0] > 1  # Haar: zero
    assert likely[1] == pytest.approx(likely[0], abs=0.03)


@pytest.mark.parametrize("kind", ["quantum", "sphere", "gaussian"])
def test_the_network_starts_from_plain_noise_and_learns_the_data(kind):
    data = CLUSTER if kind == "quantum" else plain_prior(kind, 2, 600, 1) * 0.2 + 1.0
    data = torch.nn.functional.normalize(data, dim=-1) if kind == "sphere" else data
    idle, fitted = (
        fit_network(kind, 2, data, 100, config, 3)
        for config in (
            FitConfig(updates=1, rate=1e-9, start=0.0),
            FitConfig(updates=300, rate=0.03),
        )
    )
    torch.testing.assert_close(idle.sample(5, 1), plain_prior(kind, 2, 5, 1), atol=1e-6, rtol=0)
    near = [
        kernel(closeness(kind, prior.sample(500, 9), data)).mean().item()
        for prior in (idle, fitted)
    ]
    assert near[1] > near[0] + 0.5 * (kernel(closeness(kind, data, data)).mean().item() - near[0])
    reals = 8 if kind == "quantum" else latent_size(kind, 2)
    assert fitted.parameter_count <= 100 < fitted.parameter_count + 2 * reals + 1


def test_matched_priors_have_the_moments_they_count():
    reals = plain_prior("gaussian", 2, 4000, 1) @ torch.diag(torch.arange(1.0, 7.0)) + 3
    drawn = MatchedPrior(reals).sample(4000, 2)
    torch.testing.assert_close(drawn.mean(0), reals.mean(0), atol=0.4, rtol=0)
    assert MatchedPrior(reals).parameter_count == 6 + 21
    assert MatchedPrior(CLUSTER).parameter_count == 15
    assert zero(MatchedPrior(CLUSTER).sample(3000, 2)) == pytest.approx(
        zero(CLUSTER), abs=0.12
    )  # Haar: .25
    assert PlainPrior("vae", 2).parameter_count == 0


@pytest.mark.parametrize("kind", ["gaussian", "vae"])
def test_diffusion_and_mixture_find_two_lumps(kind):
    size = latent_size(kind, 2)
    source = generator(3)
    side = torch.randint(0, 2, (3000, 1), generator=source) * 2.0 - 1
    data = torch.randn(3000, size, generator=source) * 0.3 + 2 * side
    budget = 150
    diffusion = fit_diffusion(kind, data, budget, FitConfig(updates=600, rate=0.02), 5)
    mixture = fit_mixture(kind, data, budget, 5)
    for prior in (diffusion, mixture):
        drawn = prior.sample(2000, 1)
        assert drawn.shape == (2000, size)
        assert 0.3 < (drawn[:, 0] > 0).float().mean() < 0.7
        assert drawn[:, 0].abs().mean().item() == pytest.approx(2.0, abs=0.5)
        assert (drawn[:, 0] * drawn[:, 1]).mean().item() == pytest.approx(
            4.0, abs=1.5
        )  # the same lump in all directions
        assert prior.parameter_count <= budget
    assert mixture.parameter_count == len(mixture.weights) * (2 * size + 1) - 1
    assert diffusion.parameter_count == diffusion.weights.numel() + 1


@pytest.mark.parametrize(
    "fit", [fit_mixture, lambda *given: fit_diffusion(*given[:3], QUICK, given[3])]
)
def test_classical_priors_of_states_give_states_of_fixed_phase(fit):
    drawn = fit("quantum", CLUSTER, 90, 3).sample(500, 1)
    torch.testing.assert_close(drawn.abs().square().sum(-1), torch.ones(500))
    assert drawn[:, 0].imag.abs().max() == 0
    assert zero(drawn) > 0.6


@pytest.mark.parametrize(
    "fit",
    [
        lambda b: fit_network("quantum", 2, CLUSTER, b, QUICK, 1),
        lambda b: fit_mixture("quantum", CLUSTER, b, 1),
    ],
)
def test_a_budget_for_nothing_is_refused(fit):
    with pytest.raises(ValueError, match="Argument `budget` must be ≥"):
        fit(3)
