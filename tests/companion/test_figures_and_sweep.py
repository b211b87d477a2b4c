import hashlib
import os

import matplotlib.pyplot as plt
import numpy as np
import pytest

from qdm_utils.companion import figures, sweep


def draw():
    figures.use_style()
    figure, axes = plt.subplots(figsize=(2, 1.5))
    axes.plot([0, 1], [0, 1], label="λ_min")
    axes.legend()
    return figure


def test_figures_have_reproducible_bytes_and_their_hashes_are_told(tmp_path):
    hashes = [figures.save_figure(draw(), tmp_path / str(k), "line") for k in range(2)]
    plt.close("all")
    assert hashes[0] == hashes[1]
    for name, digest in hashes[0].items():
        assert hashlib.sha256((tmp_path / "0" / name).read_bytes()).hexdigest() == digest
    assert set(hashes[0]) == {"line.png", "line.pdf"}


def test_pdf_fonts_are_embedded_as_truetype(tmp_path):
    figures.save_figure(draw(), tmp_path, "line")
    plt.close("all")
    pdf = (tmp_path / "line.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf


def square(task):
    return np.random.default_rng(task).normal() ** 2


def fail(task):
    raise ValueError(f"task {task} is bad")


def process_of(_):
    return os.getpid()


def test_a_sweep_gives_the_same_numbers_for_any_number_of_workers():
    assert sweep(square, range(9), workers=1) == sweep(square, range(9), workers=2) == [square(k) for k in range(9)]


def test_a_sweep_really_uses_other_processes(monkeypatch):
    assert set(sweep(process_of, range(4), workers=1)) == {os.getpid()}
    monkeypatch.setenv("QDM_WORKERS", "2")
    assert os.getpid() not in set(sweep(process_of, range(4)))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failing_task_ends_the_sweep_with_its_own_error(workers):
    with pytest.raises(ValueError, match=r"task \d is bad"):
        sweep(fail, range(3), workers=workers)


def test_a_sweep_shows_progress_on_stderr_unless_the_runner_does(capsys, monkeypatch):
    monkeypatch.delenv("QDM_QUIET", raising=False)
    sweep(square, range(3), workers=1, label="squares")
    assert "squares" in capsys.readouterr().err
    monkeypatch.setenv("QDM_QUIET", "1")
    sweep(square, range(3), workers=1, label="squares")
    assert capsys.readouterr().err == ""


def test_no_workers_are_refused():
    with pytest.raises(ValueError, match="Argument `workers` must be ≥ 1, but got 0"):
        sweep(square, [1], workers=0)
    assert sweep(square, [], workers=2) == []
