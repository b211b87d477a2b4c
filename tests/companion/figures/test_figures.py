import hashlib
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from qdm_utils.companion import figures
from qdm_utils.companion.figures import files


def draw():
    figures.use_style()
    figure, axes = plt.subplots(figsize=(2, 1.5))
    axes.plot([0, 1], [0, 1], label="λ_min")
    axes.legend()
    return figure


@pytest.mark.slow
def test_figures_have_reproducible_bytes_and_their_hashes_are_told(tmp_path):
    hashes = [figures.save_figure(draw(), tmp_path / str(k), "line") for k in range(2)]
    plt.close("all")
    assert hashes[0] == hashes[1]
    for name, digest in hashes[0].items():
        assert hashlib.sha256((tmp_path / "0" / name).read_bytes()).hexdigest() == digest
    assert set(hashes[0]) == {"line.png", "line.pdf"}


def test_both_files_have_one_layout(tmp_path):
    """Whatever draws the figure later, at another resolution, moves nothing."""
    figure = draw()
    figures.save_figure(figure, tmp_path, "line")
    saved = figure.axes[0].get_position().bounds
    figure.axes[0].set_title("two\nlines")
    figure.savefig(tmp_path / "again.png", dpi=50)
    plt.close("all")
    assert figure.axes[0].get_position().bounds == saved


def test_each_file_has_the_resolution_of_its_use(tmp_path):
    """220 dots per inch in a PNG, 300 where a grid of pixels is drawn as a picture in a PDF."""
    figures.use_style()
    figure = plt.figure(figsize=(2, 1.5), layout="none")
    axes = figure.add_axes((0, 0, 1, 1), frameon=False)
    axes.set(xticks=[], yticks=[])
    axes.imshow(
        np.random.default_rng(1).random((900, 1200)), aspect="auto", interpolation="nearest"
    )
    figures.save_figure(figure, tmp_path, "grid")
    plt.close("all")
    png = (tmp_path / "grid.png").read_bytes()
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (2 * 220, 330)
    pdf = (tmp_path / "grid.pdf").read_bytes()
    sizes = [int(found[1]) for found in re.finditer(rb"/Width (\d+)", pdf)]
    assert sizes == [600]


def test_pdf_fonts_are_embedded_as_truetype(tmp_path):
    figures.save_figure(draw(), tmp_path, "line")
    plt.close("all")
    pdf = (tmp_path / "line.pdf").read_bytes()
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf
    for stamp in (b"CreationDate", b"Creator", b"Producer"):
        assert stamp not in pdf
    assert b"Software" not in (tmp_path / "line.png").read_bytes()


def test_a_notebook_shows_the_saved_file_at_the_size_of_the_figure(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(files, "display", lambda *args, **more: shown.append((*args, more)))
    path = tmp_path / "line.png"
    path.write_bytes(b"a picture")
    figure = plt.figure(figsize=(2, 1.5))
    files.show(figure, path)
    assert shown == []
    monkeypatch.setattr(files, "get_ipython", object)
    files.show(figure, path)
    ((bundle, more),) = shown
    assert bundle == {"image/png": "YSBwaWN0dXJl", "text/plain": "line.png"}
    assert more == {"raw": True, "metadata": {"image/png": {"width": 220}}}
    assert not plt.fignum_exists(figure.number)


def test_figures_depend_on_whatever_draws_or_computes_them_but_not_on_a_build(monkeypatch):
    monkeypatch.setattr(files, "version", lambda name: f"2.0+{name}")
    drawing, computing = "matplotlib seaborn", "numpy scipy cvxpy torch"
    physics = "thewalrus strawberryfields qiskit"
    names = f"{drawing} {computing} {physics}".split()
    assert figures.package_versions() == dict.fromkeys(names, "2.0")
