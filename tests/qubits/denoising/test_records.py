import numpy as np
import pytest
import torch

from qdm_utils.qubits import (
    DenoiserConfig,
)
from qdm_utils.qubits.denoising import (
    TrainingRecord,
    first_reaching,
    half_gain,
)
from qdm_utils.qubits.denoising.records import MEASURES


def test_first_last_and_best_are_read_off_each_stage():
    # Two runs of two stages of three epochs; the best lies first, in the middle and last, and two
    # looks are left out.
    values = np.array([[0.9, 0.1, 0.3, 0.2, 0.8, 0.4], [0.1, np.nan, 0.6, 0.5, np.nan, 0.2]])
    config = DenoiserConfig(n=2, layers=1, depths=(1, 2), epochs=3, seeds=2)
    other = dict.fromkeys({*MEASURES, "theta"} - {"eval_fidelity"}, np.zeros((2, 6)))
    record = TrainingRecord(config, eval_fidelity=values, stage=np.repeat([0, 1], 3), **other)
    assert record.first("eval_fidelity").tolist() == [[0.9, 0.2], [0.1, 0.5]]
    assert record.last("eval_fidelity").tolist() == [[0.3, 0.4], [0.6, 0.2]]
    assert record.best("eval_fidelity").tolist() == [[0.9, 0.8], [0.6, 0.5]]
    assert not record.best().any()


def test_half_gain():
    times = np.array([0.0, 1.0, 2.0, 4.0])
    curves = np.array([[0.0, 0.2, 0.8, 1.0], [5.0, 4.0, 3.5, 1.0], [1.0, 3.0, 1.0, 2.0]])
    np.testing.assert_allclose(half_gain(times, curves), [1.5, 2.4, 0.25])
    # Half is made within the first segment, and the next sample lies little above it.
    np.testing.assert_allclose(half_gain(times, [0.0, 0.55, 0.7, 1.0]), 0.5 / 0.55)
    assert np.isnan(half_gain(times, np.array([1.0, 2.0, 3.0, 1.0])))


def test_first_reaching():
    curve = torch.tensor([[0.1, 0.3, 0.1], [0.3, 0.1, 0.2], [0.2, 0.4, 0.15]])
    # Reached and lost again; reached from the start; never reached, so the best look.
    assert first_reaching(curve, 0.3).tolist() == [1, 0, 1]


TIMES = np.array([0.0, 1.0])
RECORD = TrainingRecord(
    DenoiserConfig(n=2, layers=1, depths=(1,), epochs=1, seeds=1),
    **dict.fromkeys((*MEASURES, "theta"), np.zeros((1, 1))),
    stage=np.zeros(1),
)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: RECORD.best("stage"), "Argument `measure` must be one of train_fidelity, eval"),
        (lambda: RECORD.last("fidelity"), "Argument `measure` must be one of train_fidelity"),
        (lambda: first_reaching(torch.zeros(3), 0.5), r"`curve` must have shape \(looks, draws\)"),
        (lambda: first_reaching(torch.zeros(0, 3), 0.5), "`curve` must have shape"),
        (lambda: first_reaching(torch.full((2, 3), torch.nan), 0.5), "`curve` must be finite"),
        (lambda: first_reaching(torch.zeros(2, 3), float("nan")), "`target` must be finite"),
        (lambda: half_gain(np.zeros(2), np.ones(2)), "Argument `times` must increase"),
        (lambda: half_gain(np.zeros(1), np.ones(1)), "Argument `times` must increase"),
        (lambda: half_gain(TIMES, np.ones(3)), r"Argument `curves` must have shape \(..., 2\)"),
        (lambda: half_gain(TIMES, TIMES * np.nan), "Argument `curves` must be finite"),
    ],
)
def test_what_cannot_be_read_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
