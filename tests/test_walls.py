"""The walls of the house: who may import whom, and what a notebook leaves to the package."""

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "qdm_utils"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.py"))
PARTS = [
    folder.name
    for folder in PACKAGE.iterdir()
    if folder.is_dir() and (folder / "__init__.py").exists()
]
# Loaded where they are used, if at all.
SECOND_OPINIONS = [
    "strawberryfields",
    "qiskit",
    "torch",
    "matplotlib",
    "seaborn",
    "sklearn",
    "pooch",
    "ot",
    "torchmetrics",
]
SECOND_OPINIONS += ["qdm_utils.companion"]
# What each part may use of the package besides itself and `arguments`.
MAY_IMPORT = {
    "gaussian": set(),
    "diffusion": set(),
    "qubits": {"diffusion"},
    "images": {"qubits", "diffusion"},
    "companion": set(),
}
# Modules that one may enter beside the face of their room, because they load what few need.
SIDE_DOORS = {"plots", "gradient_plots", "qiskit_circuits", "qiskit_channels", "cli", "paths"}
COMPANION = "qdm_utils.companion"


@functools.cache
def imports(path: Path) -> set[str]:
    """Everything a file imports, as dotted names."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("part", PARTS)
def test_parts_keep_to_themselves(part):
    for path in (PACKAGE / part).rglob("*.py"):
        for name in imports(path):
            target = re.match(r"qdm_utils\.(\w+)", name)
            if target and target[1] in MAY_IMPORT:
                assert target[1] in MAY_IMPORT[part] | {part}, f"{path} imports {name}"


def test_what_all_parts_share_imports_none_of_them():
    shared = [path for path in PACKAGE.glob("*.py") if path.stem != "__main__"]
    assert {"arguments", "randomness", "optimise"} <= {path.stem for path in shared}
    for path in shared:
        parts = {re.match(r"qdm_utils\.(\w+)", name) for name in imports(path)} - {None}
        assert not {found[1] for found in parts} & set(MAY_IMPORT), path


@functools.cache
def rooms() -> dict[str, Path]:
    """Every package below a part, and the parts, by dotted name."""
    inits = PACKAGE.rglob("__init__.py")
    return {
        ".".join(f.parent.relative_to(ROOT).parts): f.parent for f in inits if f.parent != PACKAGE
    }


def test_nobody_walks_past_the_face_of_a_room():
    """A module of a room is imported from outside through the room's `__init__`.

    Within the companion modules are imported by their own names: its faces are kept light, since
    notebooks and the workers of a sweep load them.
    """
    found = []
    places = [*PACKAGE.rglob("*.py"), *NOTEBOOKS, *(ROOT / "campaigns").glob("*.py")]
    folders = [init.parent for init in PACKAGE.rglob("__init__.py") if init.parent != PACKAGE]
    rooms = {".".join(folder.relative_to(ROOT).parts): folder for folder in folders}
    for path in places:
        own = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name in imports(path):
            holder, _, module = name.rpartition(".")
            is_module = holder in rooms and (rooms[holder] / f"{module}.py").exists()
            open_to = holder.removesuffix(".second_opinions") != holder or module in SIDE_DOORS
            outside = not own.startswith(f"{holder}.")
            inside = own.startswith(COMPANION) and name.startswith(COMPANION)
            if is_module and outside and not open_to and not inside:
                found.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not found


@pytest.mark.parametrize("part", [part for part in PARTS if part != "companion"])
def test_physics_does_not_touch_pyplot(part):
    for path in (PACKAGE / part).rglob("*.py"):
        assert not {"matplotlib.pyplot", "pylab"} & imports(path), path


@pytest.mark.slow
@pytest.mark.parametrize(
    ("part", "needs"),
    [
        ("gaussian", ()),
        ("diffusion", ("torch",)),
        ("qubits", ("torch",)),
        ("images", ("torch",)),
    ],
)
def test_importing_a_part_loads_no_second_opinion_and_no_plots(part, needs):
    heavy = [m for m in SECOND_OPINIONS if m not in needs]
    code = f"import sys, qdm_utils.{part}; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_modules_are_named_for_an_idea():
    for path in PACKAGE.rglob("*.py"):
        assert path.stem not in ("helpers", "utils", "misc", "common"), path


def test_public_functions_have_docstrings():
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), path
        for node in tree.body:
            if (
                isinstance(node, ast.FunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and "companion" not in path.parts
            ):
                assert ast.get_docstring(node), f"{path}: {node.name}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_notebook_imports_another_or_defines_a_class(path):
    code = [cell.source for cell in jupytext.read(path).cells if cell.cell_type == "code"]
    nodes = [node for source in code for node in ast.walk(ast.parse(source))]
    assert not any(isinstance(node, ast.ClassDef) for node in nodes)
    stems = {other.stem for other in NOTEBOOKS}
    assert not {name.split(".")[0] for name in imports(path)} & stems
