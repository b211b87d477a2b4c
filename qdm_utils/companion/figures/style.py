"""The one style of all figures, and their sizes in print."""

from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import seaborn as sns

STYLE = Path(__file__).with_name("qdm.mplstyle")
COLUMN = 3.4  # inches, one column of a two-column paper
PAGE = 7.0  # inches, the whole text width


def use_style() -> None:
    """Seaborn's ticks with the house style and a colour-blind palette on top."""
    mpl.rcdefaults()  # a matplotlibrc of the user's must not change published figures
    sns.set_theme(style="ticks", palette="colorblind")
    plt.style.use(STYLE)
    mpl.rcParams["svg.hashsalt"] = "qdm"
