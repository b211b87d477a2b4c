"""Sliders redraw what they are told, and nobody meets them where they could not be moved."""

import matplotlib.pyplot as plt
import pytest

from qdm_utils.companion import paths
from qdm_utils.companion.figures import explorer


def drawing(nu, r):
    if r > nu:
        raise ValueError(f"Argument `r` must be ≤ nu, but got {r:g}")
    figure, axes = plt.subplots()
    axes.set_title(f"{nu:g} {r:g}")
    return figure


@pytest.fixture
def shown():
    return []


@pytest.fixture
def box(shown):
    def picture(figure):
        shown.append(figure.axes[0].get_title())
        plt.close(figure)

    return explorer.sliders(drawing, picture, nu=(1.5, 1.0, 4.0), r=(0.5, 0.0, 3.0))


def test_a_slider_that_is_moved_draws_with_all_values(box, shown):
    nu, r, _ = box.children
    assert [(each.description, each.value, each.min, each.max) for each in (nu, r)] == [
        ("nu", 1.5, 1.0, 4.0),
        ("r", 0.5, 0.0, 3.0),
    ]
    assert shown == []
    nu.value = 2.5
    r.value = 1.2
    assert shown == ["2.5 0.5", "2.5 1.2"]


def test_a_value_that_is_refused_leaves_the_figure_and_says_why(box, shown):
    nu, r, refused = box.children
    r.value = 2.4
    assert shown == []
    assert refused.value == "Argument `r` must be ≤ nu, but got 2.4"
    nu.value = 3.1
    assert shown == ["3.1 2.4"]
    assert refused.value == ""


@pytest.mark.parametrize("bad", [(0.5, 1.0, 2.0), (2.5, 1.0, 2.0), (1.0, 1.0, 1.0)])
def test_a_range_that_does_not_hold_its_value_is_refused(bad):
    with pytest.raises(ValueError, match="Argument `nu` must be"):
        explorer.sliders(drawing, print, nu=bad)


@pytest.fixture
def book():
    """A book that notes what is saved."""

    class Noted:
        saved = []  # noqa: RUF012

        def save_figure(self, figure, part):
            self.saved.append((figure.axes[0].get_title(), part))
            plt.close(figure)

    return Noted()


def test_the_first_figure_is_shown_at_once_and_replaced_in_its_place(monkeypatch, book):
    told = []

    class Place:
        def update(self, figure):
            told.append(("replaced", figure.axes[0].get_title()))

    def display(what, display_id=False):
        if display_id:
            told.append(("shown", what.axes[0].get_title()))
            return Place()
        told.append(("box", what))
        return None

    monkeypatch.setattr(explorer, "display", display)
    monkeypatch.delenv(paths.OUTPUT_VARIABLE, raising=False)
    before = plt.get_fignums()
    explorer.explore(book, drawing, nu=(1.5, 1.0, 4.0), r=(0.5, 0.0, 3.0))
    assert told[0] == ("shown", "1.5 0.5")
    told[1][1].children[0].value = 2.0
    assert told[2:] == [("replaced", "2 0.5")]
    assert plt.get_fignums() == before
    assert book.saved == []


def test_under_the_runner_the_first_figure_is_saved_and_nothing_can_be_moved(monkeypatch, book):
    monkeypatch.setattr(explorer, "display", None)
    monkeypatch.setenv(paths.OUTPUT_VARIABLE, "anywhere")
    explorer.explore(book, drawing, nu=(1.5, 1.0, 4.0), r=(0.5, 0.0, 3.0))
    assert book.saved == [("1.5 0.5", "explorer")]
