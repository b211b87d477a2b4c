"""A figure with sliders where somebody can move them, and without them everywhere else."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

from qdm_utils.arguments import demand
from qdm_utils.companion import paths

if TYPE_CHECKING:
    import ipywidgets

STEPS = 100  # from one end of a slider to the other


class Keeper(Protocol):
    """What an explorer asks of a `Book`."""

    def save_figure(self, figure: Figure, part: str) -> None:
        """As `Book.save_figure`."""


def sliders(
    draw: Callable[..., Figure], picture: Callable[[Figure], None], **ranges: tuple[float, ...]
) -> "ipywidgets.VBox":
    """A slider for each argument of a drawing; whatever is moved draws the figure anew.

    Args:
        draw: the values of all sliders, by name ↦ a new figure. A value that it refuses with a
            `ValueError` leaves the figure as it was and shows the sentence.
        picture: shows a figure in the place where the last one was.
        ranges: (value to begin with, lowest, highest) of each argument, by name.

    Returns:
        The sliders, with a line for what was refused.

    Raises:
        ValueError: a range that is empty or does not hold its value.
    """
    import ipywidgets  # loads slowly, and only some notebooks need it

    for name, (value, low, high) in ranges.items():
        inside = low <= value <= high and low < high
        demand(inside, name, "be (value, lowest, highest) in order", (value, low, high))
    controls = {
        name: ipywidgets.FloatSlider(
            value,
            min=low,
            max=high,
            step=(high - low) / STEPS,
            description=name,
            readout_format=".2f",
        )
        for name, (value, low, high) in ranges.items()
    }
    refused = ipywidgets.Label()

    def redraw(_: object) -> None:
        try:
            picture(draw(**{name: control.value for name, control in controls.items()}))
        except ValueError as error:
            refused.value = str(error)
        else:
            refused.value = ""

    for control in controls.values():
        control.observe(redraw, names="value")
    return ipywidgets.VBox([*controls.values(), refused])


def explore(book: Keeper, draw: Callable[..., Figure], **ranges: tuple[float, ...]) -> None:
    """Show a figure with a slider for each of its arguments, where somebody can move them.

    Under the runner nobody can: there the figure at the first values is saved and shown, as the
    book's part "explorer".

    Args:
        book: of the notebook.
        draw: the values of all arguments, by name ↦ a new figure, in less than a fifth of a second.
        ranges: (value to begin with, lowest, highest) of each argument, by name.
    """
    first = draw(**{name: value for name, (value, *_) in ranges.items()})
    if paths.OUTPUT_VARIABLE in os.environ:
        book.save_figure(first, "explorer")
        return
    place = display(first, display_id=True)
    plt.close(first)

    def picture(figure: Figure) -> None:
        place.update(figure)
        plt.close(figure)

    display(sliders(draw, picture, **ranges))
