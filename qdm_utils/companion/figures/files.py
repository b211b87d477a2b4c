"""The files of a figure, whose bytes depend on its content alone, and their place in a notebook."""

import base64
import hashlib
import logging
from importlib.metadata import version
from pathlib import Path

import matplotlib.pyplot as plt
from IPython import get_ipython
from IPython.display import display
from matplotlib.figure import Figure

SCREEN_DPI = 110  # pixels per inch at which a notebook shows a figure
FILE_DPI = 220  # of a PNG, for screens of twice the usual density
PRINT_DPI = 300  # of pictures inside a PDF
VERSIONED = (
    "matplotlib",
    "numpy",
    "scipy",
    "seaborn",
    "cvxpy",
    "thewalrus",
    "strawberryfields",
    "qiskit",
    "torch",
)

# Matplotlib's own fonts carry odd time stamps, which fontTools remarks on whenever a glyph of them
# is embedded.
logging.getLogger("fontTools").setLevel(logging.ERROR)


def save_figure(figure: Figure, folder: Path, name: str) -> dict[str, str]:
    """Write `name`.png and `name`.pdf with reproducible bytes; their sha256 by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for suffix, dpi, metadata in (
        ("png", FILE_DPI, {"Software": None}),
        ("pdf", PRINT_DPI, {"CreationDate": None, "Creator": None, "Producer": None}),
    ):
        path = folder / f"{name}.{suffix}"
        figure.savefig(path, dpi=dpi, metadata=metadata)
        figure.set_layout_engine(
            "none"
        )  # the other file keeps the layout of the first, computed once
        hashes[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return hashes


def show(figure: Figure, path: Path) -> None:
    """Display the saved file of a figure in the notebook, and close the figure.

    What the reader sees is the file itself, byte for byte: nothing unfinished can be shown, and
    nothing can be added later. Outside a notebook nothing is displayed.
    """
    plt.close(figure)
    if get_ipython() is not None:
        width = round(figure.get_figwidth() * SCREEN_DPI)
        picture = base64.b64encode(path.read_bytes()).decode()
        bundle = {"image/png": picture, "text/plain": path.name}
        display(bundle, raw=True, metadata={"image/png": {"width": width}})


def package_versions() -> dict[str, str]:
    """Versions of the packages that figures depend on, local build tags dropped."""
    return {name: version(name).split("+")[0] for name in VERSIONED}
