"""A figure with sliders where somebody can move them, and without them everywhere else."""

from collections.abc import Callable

import ipywidgets
import matplotlib.pyplot as plt
from IPython.display import display
from matplotlib.figure import Figure

from qdm_utils.arguments import demand

STEPS = 100  # from one end of a slider to the other


def sliders(
    draw: Callable[..., Figure], picture: Callable[[Figure], None], **ranges: tuple[float, ...]
) -> ipywidgets.VBox:
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


def live(draw: Callable[..., Figure], **ranges: tuple[float, ...]) -> None:
    """Show the figure at the first values, and below it the sliders of `sliders`."""
    first = draw(**{name: value for name, (value, *_) in ranges.items()})
    place = display(first, display_id=True)
    plt.close(first)

    def picture(figure: Figure) -> None:
        place.update(figure)
        plt.close(figure)

    display(sliders(draw, picture, **ranges))
