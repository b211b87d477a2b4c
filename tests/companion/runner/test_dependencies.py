"""What a text can reach of a package: never fewer statements than its results depend on, and no more than names allow."""

from pathlib import Path

import pytest

from qdm_utils.companion.runner import dependencies
from qdm_utils.companion.runner.dependencies import meaning, reached, reached_from

FILES = {
    "__init__.py": '"""A toy."""\n',
    "shapes/__init__.py": '"""A face."""\n\nfrom toy.shapes.circle import area, girth\n\n__all__ = ["area", "girth"]\n',
    "shapes/circle.py": """
import math as m

from toy import units
from toy.arguments import positive, whole

PI = m.pi
UNUSED = 3
scale = units.scale(2)


def area(r):
    \"\"\"π r².\"\"\"
    return units.square * PI * positive(r) ** 2


def girth(r):
    return _twice(PI) * r


def _twice(x):
    return 2 * x


def lazy():
    from toy.heavy import work

    return work()


def loose():
    return sorted(vars(units))
""",
    "units.py": "square = 1\nmetre = 1\n\n\ndef scale(x):\n    return x * metre\n\n\ndef spare():\n    return 0\n",
    "arguments.py": "def positive(x):\n    return x\n\n\ndef whole(x):\n    return x\n",
    "heavy.py": "def work():\n    return _inner()\n\n\ndef _inner():\n    return 1\n\n\ndef other():\n    return 2\n",
    "door.py": "def __getattr__(name):\n    from toy.heavy import other\n\n    return other\n\n\ndef bell():\n    return 0\n",
    "acting.py": "import sys\n\nregister = []\nregister.append(1)\n\n\ndef quiet():\n    return 0\n",
    "dynamic.py": "def look(name):\n    return globals()[name]\n\n\ndef hidden():\n    return 0\n",
}


@pytest.fixture
def toy(tmp_path):
    """A package in which one text can be changed; returns a function from code to what it reaches."""
    package = tmp_path / "toy"

    def reach(code: str, changed: dict[str, tuple[str, str]] | None = None) -> dict[str, list[str]]:
        for name, text in FILES.items():
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            old, new = (changed or {}).get(name, ("", ""))
            assert old in text
            path.write_text(text.replace(old, new))
        dependencies._module_as_of.cache_clear()  # files written within one tick of the clock
        return reached(code, package)

    return reach


AREA = "from toy.shapes import area\narea(1)"


@pytest.mark.parametrize(
    ("code", "file", "old", "new"),
    [
        (AREA, "shapes/circle.py", "** 2", "** 3"),
        (AREA, "shapes/circle.py", "PI = m.pi", "PI = 3"),
        (AREA, "shapes/circle.py", "import math as m", "import cmath as m"),
        (
            AREA,
            "shapes/circle.py",
            "units.scale(2)",
            "units.scale(3)",
        ),  # a call on import might do anything
        (AREA, "units.py", "square = 1", "square = 2"),
        (AREA, "units.py", "metre = 1", "metre = 2"),
        (AREA, "arguments.py", "def positive(x):\n    return x", "def positive(x):\n    return -x"),
        (
            AREA,
            "shapes/__init__.py",
            "from toy.shapes.circle import area, girth",
            "from toy.shapes.circle import girth as area",
        ),
        ("import toy.shapes.circle as c\nc.girth(1)", "shapes/circle.py", "2 * x", "3 * x"),
        ("from toy.shapes import circle\ncircle.lazy()", "heavy.py", "return 1", "return 3"),
        (
            "from toy.shapes import circle\nf(circle)",
            "shapes/circle.py",
            "UNUSED = 3",
            "UNUSED = 4",
        ),
        (
            "from toy.shapes import circle\ncircle.loose()",
            "units.py",
            "return 0",
            "return 1",
        ),  # a module handed on
        (
            "from toy.shapes.circle import *\narea(1)",
            "shapes/circle.py",
            "UNUSED = 3",
            "UNUSED = 4",
        ),
        ("import toy.units\ntoy.units.scale(1)", "units.py", "return 0", "return 1"),
        (
            "def f():\n    from toy.units import scale\n    return scale(1)",
            "units.py",
            "x * metre",
            "x + metre",
        ),
        ("from toy.door import other\nother()", "heavy.py", "return 2", "return 3"),
        ("from toy.acting import quiet\nquiet()", "acting.py", "append(1)", "append(2)"),
        ("import toy.acting", "acting.py", "append(1)", "append(2)"),
        ("from toy.dynamic import look\nlook('hidden')", "dynamic.py", "return 0", "return 1"),
    ],
)
def test_a_change_that_can_be_reached_is_noticed(toy, code, file, old, new):
    assert toy(code) != toy(code, {file: (old, new)})


@pytest.mark.parametrize(
    ("code", "file", "old", "new"),
    [
        (AREA, "shapes/circle.py", '"""π r²."""', '"""Pi r²."""'),
        (AREA, "shapes/circle.py", "def girth(r):", "def girth(r):  # around"),
        (AREA, "shapes/circle.py", "2 * x", "3 * x"),
        (AREA, "shapes/circle.py", "UNUSED = 3", "UNUSED = 4"),
        (AREA, "shapes/circle.py", "UNUSED = 3\n", "MORE = 3\nUNUSED = 3\n"),
        (AREA, "units.py", "return 0", "return 1"),
        (AREA, "arguments.py", "def whole(x):\n    return x", "def whole(x):\n    return -x"),
        (AREA, "shapes/__init__.py", "import area, girth", "import area, girth, lazy"),
        (AREA, "heavy.py", "return 1", "return 3"),
        ("import toy.shapes.circle as c\nc.girth(1)", "shapes/circle.py", "** 2", "** 3"),
        ("from toy.shapes import circle\ncircle.lazy()", "heavy.py", "return 2", "return 3"),
        ("from toy.door import bell\nbell()", "heavy.py", "return 2", "return 3"),
        ("import toy.acting", "acting.py", "return 0", "return 1"),
    ],
)
def test_a_change_out_of_reach_is_not(toy, code, file, old, new):
    assert toy(code) == toy(code, {file: (old, new)})


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('"""Twice x."""', '"""Two times x."""', True),
        ('"""Twice x."""', "", True),
        ("return", "# why\n    return", True),
        ("2 * x", "(2*x)", True),
        ("2 * x", "x * 2", False),
        ('"two"', '"TWO"', False),
        ("x=1", "x=2", False),
    ],
)
def test_comments_layout_and_docstrings_are_no_part_of_what_code_means(old, new, same):
    code = 'def double(x=1):\n    """Twice x."""\n    return 2 * x, "two"\n'
    assert (meaning(code.replace(old, new)) == meaning(code)) is same


def test_a_notebook_reaches_what_it_uses_of_this_package_and_not_the_command_line():
    package = Path(dependencies.__file__).parents[2]
    runner = tuple(package / "companion" / name for name in ("execute.py", "workers.py"))
    found = set(reached("from qdm_utils.companion import Book\nBook('01', {})", package, runner))
    assert {
        "companion/book.py",
        "companion/ledger/__init__.py",
        "companion/figures/__init__.py",
        "companion/runner/execute.py",
    } <= found
    assert not found & {
        f"companion/{name}.py"
        for name in ("cli", "runner/run", "runner/resume", "runner/publish", "runner/progress")
    }
    assert not any(name.startswith(("gaussian", "qubits", "images")) for name in found)
    haar = set(reached("from qdm_utils.qubits import haar_states\nhaar_states(1, 2, 3)", package))
    assert {"arguments.py", "qubits/__init__.py", "qubits/haar.py", "qubits/tensors.py"} <= haar
    assert "qubits/generation.py" not in haar


TEXT = """
import math

import numpy

from toy.shapes import area
from toy.units import spare

SIZE = 2.0


def run():
    return inner() * numpy.pi


def inner():
    return area(SIZE)


def other():
    return spare() + math.pi
"""


@pytest.mark.parametrize(
    ("old", "new", "counts"),
    [
        ("SIZE = 2.0", "SIZE = 3.0", True),
        ("area(SIZE)", "area(2 * SIZE)", True),
        ("import area", "import girth as area", True),
        ("spare() +", "2 * spare() +", False),
        ("def other():", 'def other():\n    """Text."""', False),
    ],
)
def test_from_a_name_only_what_it_reaches_counts(toy, tmp_path, old, new, counts):
    toy("")
    before = reached_from(TEXT, ("run",), tmp_path / "toy")
    assert (reached_from(TEXT.replace(old, new), ("run",), tmp_path / "toy") != before) is counts


def test_from_a_name_the_packages_it_reaches_are_told(toy, tmp_path):
    toy("")
    statements, packages = reached_from(TEXT, ("run",), tmp_path / "toy")
    # What a module of the package imports counts where it is used.
    assert packages == {"numpy", "math"}
    assert "shapes/circle.py" in statements
    assert reached_from(TEXT, ("other",), tmp_path / "toy")[1] == {"math"}
    assert "units.py" in reached_from(TEXT, ("other",), tmp_path / "toy")[0]
