"""One style for all figures, and files whose bytes depend on their content alone."""

import hashlib
import logging
from importlib.metadata import version
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.figure import Figure

STYLE = Path(__file__).with_name("qdm.mplstyle")
COLUMN = 3.4  # inches, one column of a two-column paper
PAGE = 7.0  # inches, the whole text width
VERSIONED = ("matplotlib", "numpy", "scipy", "seaborn", "cvxpy", "thewalrus", "strawberryfields", "qiskit", "torch")

# Matplotlib's own fonts carry odd time stamps, which fontTools remarks on whenever a glyph of them is embedded.
logging.getLogger("fontTools").setLevel(logging.ERROR)


def use_style() -> None:
    """Seaborn's ticks with the house style and a colour-blind palette on top."""
    mpl.rcdefaults()  # a matplotlibrc of the user's must not change published figures
    sns.set_theme(style="ticks", palette="colorblind")
    plt.style.use(STYLE)
    mpl.rcParams["svg.hashsalt"] = "qdm"


def save_figure(figure: Figure, folder: Path, name: str) -> dict[str, str]:
    """Write `name`.png and `name`.pdf with reproducible bytes; return the sha256 of each by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for suffix, metadata in (
        ("png", {"Software": None}),
        ("pdf", {"CreationDate": None, "Creator": None, "Producer": None}),
    ):
        path = folder / f"{name}.{suffix}"
        figure.savefig(path, metadata=metadata)
        figure.set_layout_engine("none")  # the other file and the notebook keep the layout of the first, computed once
        hashes[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes


def package_versions() -> dict[str, str]:
    """Versions of the packages that figures depend on, local build tags dropped."""
    return {name: version(name).split("+")[0] for name in VERSIONED}
