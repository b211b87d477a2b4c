"""What a text can reach of a package: never less than it depends on, no more than names allow."""

from pathlib import Path

import pytest

from qdm_utils.companion.runner import resume
from qdm_utils.companion.sources import dependencies
from qdm_utils.companion.sources.dependencies import meaning, reached, reached_from
from qdm_utils.companion.sources.notebook import read_source, stems

FILES = {
    "__init__.py": '"""A toy."""\n',
    "shapes/__init__.py": """
from toy.shapes.circle import area, girth

__all__ = ["area", "girth"]
""",
    "shapes/circle.py": """
import math as m

from toy import units
from toy.arguments import positive, whole

PI = m.pi
UNUSED = 3 * PI
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
    "units.py": """
square = 1
metre = 1


def scale(x):
    return x * metre


def spare():
    return 0
""",
    "arguments.py": """
def positive(x):
    return x


def whole(x):
    return x
""",
    "heavy.py": """
def work():
    return _inner()


def _inner():
    return 1


def other():
    return 2
""",
    # A lazy face.
    "door.py": """
def __getattr__(name):
    from toy.heavy import other

    return other


def bell():
    return 0
""",
    # A room with a module and a function of the same name, and a face that forwards the function.
    "room/__init__.py": """
from toy.room.judge import judge, spare
""",
    "room/judge.py": """
LIMIT = 1


def judge(x):
    return x < LIMIT


def spare():
    return 0
""",
    # A face whose name for a function is that of a module which does not hold it.
    "odd/__init__.py": """
from toy.odd.elsewhere import work as judge
""",
    "odd/judge.py": """
def other():
    return 0
""",
    "odd/elsewhere.py": """
def work():
    return 1
""",
    # A face that forwards some names lazily and imports others.
    "lazy/__init__.py": """
from toy.lazy.light import small


def __getattr__(name):
    if name == "Large":
        from toy.lazy.large import Large

        return Large
    raise AttributeError(name)
""",
    "lazy/light.py": """
def small():
    return 0
""",
    "lazy/large.py": """
class Large:
    size = 1


class Other:
    size = 1
""",
    "acting.py": """
import sys

register = []
register.append(1)


def quiet():
    return 0
""",
    # Assignments that bind no name: what they change lies in another module.
    "marking.py": """
import toy.units as units

units.register["mark"] = 1
units.metre = 2
units.square, units.cube = 3, 4


def still():
    return 0
""",
    # A folder without a face.
    "bare/leaf.py": """
def green():
    return 0


def brown():
    return 1
""",
    "dynamic.py": """
def look(name):
    return globals()[name]


def hidden():
    return 0
""",
}


@pytest.fixture
def toy(tmp_path):
    """A package of which one text can be changed; a function from code to what it reaches."""
    package = tmp_path / "toy"
    (tmp_path / "__init__.py").write_text("print('above the package')")

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
        ("from toy.marking import still\nstill()", "marking.py", '"mark"] = 1', '"mark"] = 2'),
        ("from toy.marking import still\nstill()", "marking.py", "metre = 2", "metre = 3"),
        ("import toy.marking", "marking.py", "metre = 2", "metre = 3"),
        ("import toy.marking", "marking.py", "cube = 3, 4", "cube = 3, 5"),
        ("from toy.dynamic import look\nlook('hidden')", "dynamic.py", "return 0", "return 1"),
        ("from toy.room import judge\njudge(1)", "room/judge.py", "x < LIMIT", "x > LIMIT"),
        ("from toy.room import judge\njudge(1)", "room/judge.py", "LIMIT = 1", "LIMIT = 2"),
        ("from toy import room\nroom.judge(1)", "room/judge.py", "LIMIT = 1", "LIMIT = 2"),
        ("from toy.room.judge import judge\njudge(1)", "room/judge.py", "LIMIT = 1", "LIMIT = 2"),
        ("from toy.odd import judge\njudge()", "odd/elsewhere.py", "return 1", "return 2"),
        ("from toy import odd\nodd.judge()", "odd/elsewhere.py", "return 1", "return 2"),
        ("from toy.lazy import Large\nLarge()", "lazy/large.py", "size = 1", "size = 2"),
        ("from toy import lazy\nlazy.Large()", "lazy/large.py", "size = 1", "size = 2"),
        ("from toy import marking\nf(marking)", "units.py", "return 0", "return 1"),
        ("from toy.bare.leaf import green\ngreen()", "bare/leaf.py", "return 0", "return 2"),
        ("from toy.bare import leaf\nleaf.green()", "bare/leaf.py", "return 0", "return 2"),
        # What the faces above a module do when it is imported.
        (AREA, "__init__.py", '"""A toy."""', "print()"),
        ("import toy.room.judge as j\nj.spare()", "room/__init__.py", "from", "print()\nfrom"),
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
        (AREA, "shapes/circle.py", "UNUSED = 3", "MORE = 3\nUNUSED = 3"),
        (AREA, "units.py", "return 0", "return 1"),
        (AREA, "arguments.py", "def whole(x):\n    return x", "def whole(x):\n    return -x"),
        (AREA, "shapes/__init__.py", "import area, girth", "import area, girth, lazy"),
        (AREA, "heavy.py", "return 1", "return 3"),
        ("import toy.shapes.circle as c\nc.girth(1)", "shapes/circle.py", "** 2", "** 3"),
        ("from toy.shapes import circle\ncircle.lazy()", "heavy.py", "return 2", "return 3"),
        ("from toy.door import bell\nbell()", "heavy.py", "return 2", "return 3"),
        ("from toy.room import judge\njudge(1)", "room/judge.py", "return 0", "return 1"),
        ("from toy import room\nroom.judge(1)", "room/judge.py", "return 0", "return 1"),
        ("from toy.lazy import small\nsmall()", "lazy/large.py", "size = 1", "size = 2"),
        ("from toy import lazy\nlazy.small()", "lazy/large.py", "size = 1", "size = 2"),
        ("import toy.acting", "acting.py", "return 0", "return 1"),
        ("from toy.bare import leaf\nleaf.green()", "bare/leaf.py", "return 1", "return 2"),
        ("from toy import room\nroom.judge(globals())", "room/judge.py", "return 0", "return 1"),
        (
            "from toy import lazy, room\nlazy.small() + room.judge(1)",
            "room/judge.py",
            "return 0",
            "return 1",
        ),
    ],
)
def test_a_change_out_of_reach_is_not(toy, code, file, old, new):
    assert toy(code) == toy(code, {file: (old, new)})


def test_a_relative_import_which_a_text_cannot_have_leads_nowhere(toy):
    assert toy("from . import units\nunits.scale(1)") == toy("")


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


PACKAGE = Path(dependencies.__file__).parents[2]


def modules(code: str, also: tuple[Path, ...] = ()) -> set[str]:
    """The modules of this package that a text reaches; every name a test asks about exists."""
    return set(reached(code, PACKAGE, also))


def existing(*names: str) -> set[str]:
    """These modules, or the whole room where a name ends in a slash; a moved one is an error."""
    found = set()
    for name in names:
        files = PACKAGE.glob(f"{name}**/*.py" if name.endswith("/") else name)
        here = {path.relative_to(PACKAGE).as_posix() for path in files}
        assert here, f"{name} has moved"
        found |= here
    return found


def test_a_notebook_reaches_what_it_uses_of_this_package_and_not_the_command_line():
    assert all(path.exists() for path in resume.EXECUTORS)
    found = modules("from qdm_utils.companion import Book\nBook('01', {})", resume.EXECUTORS)
    assert found >= existing(
        "companion/book.py",
        "companion/ledger/verdicts.py",
        "companion/figures/files.py",
        "companion/runner/execute.py",
        "companion/runner/workers.py",
        "companion/sources/ranges.py",
    )
    command_line = ("cli.py", *(f"runner/{name}.py" for name in ("run", "resume", "publish")))
    assert not found & existing(*(f"companion/{name}" for name in command_line))
    assert not found & existing("companion/runner/progress.py")
    assert not found & existing("gaussian/", "qubits/", "images/", "diffusion/")


@pytest.mark.slow
@pytest.mark.parametrize("stem", stems())
def test_only_a_notebook_that_reads_records_reaches_the_campaigns(stem):
    source = read_source(stem)
    found = modules("\n".join(cell["source"] for cell in source.code_cells), resume.EXECUTORS)
    reads = "records_of(book)" in source.text
    assert bool(found & existing("companion/campaigns/")) == reads


@pytest.mark.parametrize(
    "code",
    [
        "from qdm_utils.qubits import haar_states\nhaar_states(1, 2, 3)",
        "from qdm_utils.qubits.states import haar_states\nhaar_states(1, 2, 3)",
        "from qdm_utils import qubits\nqubits.haar_states(1, 2, 3)",
        "import qdm_utils.qubits as q\nq.haar_states(1, 2, 3)",
    ],
)
def test_a_name_taken_from_a_face_leads_to_its_room_and_to_no_other(code):
    found = modules(code)
    assert found >= existing(
        "arguments.py",
        "randomness.py",
        "qubits/__init__.py",
        "qubits/states/__init__.py",
        "qubits/states/haar.py",
    )
    others = ("circuits", "denoising", "depolarizing", "generation", "portraits", "scrambling")
    assert not found & existing(*(f"qubits/{room}/" for room in others))
    assert not found & existing("companion/", "gaussian/", "images/", "diffusion/")


def test_each_part_has_a_face_through_which_single_names_are_followed():
    """One function of each part, and a room of the same part that it has nothing to do with."""
    for name, own, other in (
        ("gaussian.cp_margin", "gaussian/semigroup.py", "gaussian/reversals/"),
        ("qubits.no_free_lunch_bound", "qubits/denoising/", "qubits/portraits/"),
        ("qubits.page_entropy", "qubits/states/", "qubits/generation/"),
        ("images.load_images", "images/data/", "images/conditional/"),
    ):
        part, function = name.split(".")
        found = modules(f"from qdm_utils import {part}\n{part}.{function}(1)")
        assert found & existing(own), name
        assert not found & existing(other), name


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
    own = " ".join(statements[""])
    assert [name in own for name in ("SIZE", "'inner'", "'other'")] == [True, True, False]
    assert reached_from(TEXT, ("other",), tmp_path / "toy")[1] == {"math"}
    assert "units.py" in reached_from(TEXT, ("other",), tmp_path / "toy")[0]
