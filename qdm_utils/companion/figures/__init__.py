"""Figures: one style for all of them, and files whose bytes depend on their content alone.

- `style`: the house style (qdm.mplstyle over seaborn's ticks) and the two widths in print.
- `explorer`: a figure with sliders, where somebody can move them.
- `files`: a PNG for screens and a PDF for print, shown in the notebook as they were saved.

What is drawn stands in the plot modules of the physics, which know nothing of this room.
"""

from qdm_utils.companion.figures.explorer import explore
from qdm_utils.companion.figures.files import package_versions, save_figure, show
from qdm_utils.companion.figures.style import COLUMN, PAGE, use_style
