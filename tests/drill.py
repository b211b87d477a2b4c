"""The planted-error drill: are the tests of a room able to fail?

    python -m tests.drill [--seed S] [--count N] [--jobs J] [--only ROOM …] [--kinds KIND …]

draws a random sample of the errors people make in such code, plants them one at a time in a copy
of the project, and lets the tests of the error's own room judge: the test files of the folder that
mirrors the room, the cross tests beside that folder, the doctests of the module. It ends with a
table, the survivors, and 1 where fewer than 95 % are caught. `--list` shows the sample only,
`--numbers` judges some of its errors again, after tests were added.

The sample is stratified: the kinds take turns; then a form of the kind, a room by its size and a
place in it are drawn. It depends on the seed and the package, not on the tests, so lines that no
test runs are in it. Nothing is planted in docstrings, messages, annotations, defaults, plots.
Errors that change nothing anyone could see stand in drill.toml with the reason; where one is drawn,
it is reported, not counted, and another takes its place.

mutmut (3.8) takes no operators but its own and rewrites every function, which fingerprints of
code would see; cosmic-ray (8.7) edits the working tree and knows no conjugates, axes, seeds,
splits or fingerprints. What would be left of them is a loop around pytest.
"""

import argparse
import ast
import contextlib
import functools
import itertools
import os
import queue
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import psutil

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "qdm_utils"
TESTS = ROOT / "tests"
PASSING = 0.95
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
# All markers of the project are of slow tests, which are asked last.
SLOW = " or ".join(line.split(":")[0] for line in SETTINGS["ini_options"]["markers"])
FAST = f"not ({SLOW})"
NOTHING_TO_TEST = 5  # pytest's exit code
MEMORY = 12 * 2**30  # bytes of addresses for the tests of one error

# The rules read formatted code in which texts, comments and all that is spared are masked by \0.
X = r"((?<![\w.)\]])[\w.]+(?:\([^()]*\)|\[[^\[\]]*\])*)"  # an operand
REAL = r"(?=-?[\d.]+e-|-?\d+\.\d|[A-Z]{4}|tol|eps|bound)"  # beside it a boundary never matters
SEED = r"\w*(?:seed|rng|generator)"
REDUCE = r"(?:(?<=\.(?:sum|max|min|all|any|std|var)\()|(?<=\.mean\()|(?<=dim=)|(?<=axis=))"
RULES: dict[str, list[tuple[str, str]]] = {
    "signs": [
        (r"(?<![\0\]]) \+ (?![\0\[])", " - "),
        (r" - ", " + "),
        (r" \+= (?![\0\[(])", " -= "),
        (r"(?<=[(\[=, ])-(?=[a-zA-Z(]|\d+\.)", ""),
    ],
    "factors": [
        (r"(?<!\0) \* (?!\0)", " / "),
        (r"(?<!tree)(?<!root)(?<!folder)(?<!\0) / (?!\0)", " * "),
        (r"\b2(?:\.0)?(?= [*/])|(?<= [*/] )2(?:\.0)?(?![\d.*])", "1"),
        (r"\b0\.5\b", "1.0"),
        (r"(?<= [*/] )(?!2\b)\d+(?:\.\d+)?\b(?!\*)", r"(2 * \g<0>)"),
        (r"\b1(?:\.0)? - ", "2 - "),
        (r"\*\*2\b", "**1"),
        (r"\b2\*\*(?=[\w(])", "2 * 2**"),
        (r"\b(?:np\.|torch\.|math\.)?sqrt\(", "("),
        (r"\blog2\(", "log("),
        (r"\blog\(", "log2("),
    ],
    "conjugates": [
        (r"\.conj\(\)|(?:np|torch)\.conj(?=\()", ""),
        (r"\.mH\b|\.adjoint\(\)", ".mT"),
        (r"\.mT\b", ".mH"),
        (r"\.real\b", ".imag"),
        (r"\.imag\b", ".real"),
        (r"\b\d+(?:\.\d+)?j\b", r"(-\g<0>)"),
    ],
    "orders": [
        (f"{X} @ {X}", r"\2 @ \1"),
        (f"{X} - {X}", r"\2 - \1"),
        (f"{X} / (?!\0){X}", r"\2 / \1"),
        (r"\breversed\(", "("),
        (r"\[::-1\]|(?<=\w)\.(?:T|mT|mH)\b", ""),
        (r"(?<=\w\()([a-z]\w*), ([a-z]\w*)(?=[,)])", r"\2, \1"),
        (r"(?<=, )([a-z]\w*), ([a-z]\w*)(?=\))", r"\2, \1"),
        (r"(?<=return )([\w.]+), ([\w.]+)$", r"\2, \1"),
    ],
    "axes": [
        (rf"{REDUCE}-1\b", "-2"),
        (rf"{REDUCE}-2\b", "-1"),
        (rf"{REDUCE}0\b", "1"),
        (rf"{REDUCE}1\b", "0"),
        (rf"{REDUCE}\((-?\d), (?:-?\d[, ]*)+\)", r"\1"),
    ],
    "comparisons": [
        (r" ([<>]) (?=\d+\b(?![.e]))|(?<=[a-z]) ([<>]) (?=[a-z])(?!tol|eps|bound)", r" \1\2= "),
        (r" ([<>])= (?=\d+\b(?![.e]))|(?<=[a-z]) ([<>])= (?=[a-z])(?!tol|eps|bound)", r" \1\2 "),
        (rf" <(=?) {REAL}", r" >\1 "),
        (rf" >(=?) {REAL}", r" <\1 "),
        (r"\brange\((?!\d\d)([^(),]*|[^(),]*\([^()]*\))\)", r"range(\1 - 1)"),
        (r"\brange\(([^(),]*), ([^(),]*)\)", r"range(\1, \2 - 1)"),
        (r"\[1:(?=[\],])", "[0:"),
        (r"(?<=[\[ ]):-1(?=[\],])", ":"),
    ],
    "seeds": [
        (rf"\b({SEED}) [-+*] \w+", r"\1"),
        (r"\bgenerator=(?!None)\w+(?:\([^()]*\))?", "generator=None"),
        (r"((?:seeds|spawn\([^()]*\)|children|generators)\[)0\]", r"\g<1>1]"),
        (r"((?:seeds|spawn\([^()]*\)|children|generators)\[)[12]\]", r"\g<1>0]"),
    ],
    "estimators": [
        (r"\b(ddof|correction)=1\b", r"\1=0"),
        (r"\b(ddof|correction)=0\b", r"\1=1"),
        (r"\.(?:mean|median)\(", ".sum("),
        (r"\.sum\(", ".mean("),
        (r"\.std\(", ".var("),
        (r"\.var\(", ".std("),
        (r" [-+] 1\b(?![.:\]])", ""),
    ],
    "conditions": [
        (r" and ", " or "),
        (r" or ", " and "),
        (r" == ", " != "),
        (r" != ", " == "),
        (r"\bnot (?!in\b)", ""),
        (r" not in ", " in "),
        (r"(\.|\b)any\(", r"\1all("),
        (r"(\.|\b)all\(", r"\1any("),
    ],
    "extremes": [
        (r"\.abs\(\)|\b(?:np\.|torch\.)?abs(?=\()", ""),
        (r"\b(arg|nan|a|cum|)min(imum|)\(", r"\1max\2("),
        (r"\b(arg|nan|a|cum|)max(imum|)\(", r"\1min\2("),
        (r"\bmin=", "max="),
        (r"\bmax=", "min="),
        (r"\bfloor\(", "ceil("),
        (r"\bceil\(", "floor("),
    ],
}
SPLITS = (
    r"(?<![a-z])(held_out|held|test|validation|fresh)(?![a-z])",
    r"\b(training|train)(?![a-z])",
)
HASHING = re.compile(r"hash|sha256|fingerprint|json\.dumps")
SIZES = re.compile(r".*(chunk|amplitudes|timeout|workers).*", re.IGNORECASE)  # at a time
MESSENGERS = re.compile(r"\b(warn|warning|info|print|add_argument|add_parser)$")


@functools.cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


class Error(NamedTuple):
    """One planted error: the characters from `start` to `end` become `new`."""

    path: Path
    kind: str
    form: str
    start: int
    end: int
    new: str

    def planted(self) -> str:
        text = text_of(self.path)
        return text[: self.start] + self.new + text[self.end :]

    def shown(self) -> tuple[str, str]:
        """The line or lines before and after."""
        text = text_of(self.path)
        first = text.rfind("\n", 0, self.start) + 1
        last = text.find("\n", self.end)
        after = text[first : self.start] + self.new + text[self.end : last]
        return " ".join(text[first:last].split()), " ".join(after.split())

    def __str__(self) -> str:
        before, after = self.shown()
        pairs = zip(before, after, strict=False)
        same = next((place for place, (a, b) in enumerate(pairs) if a != b), 0)
        before, after = (line[max(same - 90, 0) : same + 90] for line in (before, after))
        line = text_of(self.path).count("\n", 0, self.start) + 1
        place = f"{self.path.relative_to(ROOT)}:{line}"
        return f"{place} ({self.kind})\n      {before}\n    → {after}"

    def changes_code(self) -> bool:
        with contextlib.suppress(SyntaxError):
            before = ast.parse(text_of(self.path))
            return ast.dump(before) != ast.dump(ast.parse(self.planted()))
        return False


def room_of(path: Path) -> str:
    """The folder of a module, or a module that lies beside the parts."""
    inside = path.relative_to(PACKAGE)
    return inside.stem if len(inside.parts) == 1 else inside.parent.as_posix()


class Module:
    """A module's text and tree, and all errors that can be planted in it."""

    def __init__(self, path: Path):
        self.path = path
        self.text = text_of(path)
        self.tree = ast.parse(self.text)
        self.lines = self.text.splitlines(keepends=True)
        self.starts = [0, *itertools.accumulate(map(len, self.lines))]
        masked = list(self.text)
        for start, end in self._spared():
            masked[start:end] = "\0" * (end - start)
        self.code = re.sub("#.*", lambda found: "\0" * len(found[0]), "".join(masked))

    def span(self, node: ast.AST) -> tuple[int, int]:
        ends = ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
        bytes_before = [(row, self.lines[row - 1].encode()[:column]) for row, column in ends]
        start, end = (self.starts[row - 1] + len(part.decode()) for row, part in bytes_before)
        return start, end

    def __call__(self, node: ast.AST) -> str:
        return self.text[slice(*self.span(node))]

    def _spared(self) -> Iterator[tuple[int, int]]:
        """Where no rule applies: texts, messages, signatures, annotations, fields, sizes."""
        yield from (found.span() for found in SIZES.finditer(self.text))
        for node in ast.walk(self.tree):
            match node:
                case ast.FunctionDef(name="__getattr__" | "__dir__" | "__repr__"):
                    yield self.span(node)
                case ast.FunctionDef():
                    yield self.span(node)[0], self.span(node.body[0])[0]
                    yield from (self.span(mark) for mark in node.decorator_list)
                case ast.ClassDef():
                    yield from (self.span(n) for n in node.body if isinstance(n, ast.AnnAssign))
                case ast.AnnAssign():
                    yield self.span(node.annotation)
                case ast.Call() if MESSENGERS.search(self(node.func)):
                    yield self.span(node)
                case ast.Assign(targets=[ast.Name(id="__all__")]):
                    yield self.span(node)
                case ast.Constant(value=str() | bytes()) | ast.JoinedStr() | ast.Raise():
                    yield self.span(node)
                case ast.Import() | ast.ImportFrom() | ast.Assert():
                    yield self.span(node)

    def errors(self) -> Iterator[Error]:
        for kind, rules in RULES.items():
            for rule, new in rules:
                for found in re.finditer(rule, self.code, re.MULTILINE):

                    def original(group: re.Match, found: re.Match = found) -> str:
                        index = int(group[1] or group[2])
                        return self.text[slice(*found.span(index))] if found[index] else ""

                    text = re.sub(r"\\(\d)|\\g<(\d)>", original, new)
                    if not found[0].startswith("\0"):
                        yield Error(self.path, kind, rule, *found.span(), text)
        for node in ast.walk(self.tree):
            for kind, form, target, text in self._structural(node):
                whole = isinstance(node, ast.FunctionDef | ast.comprehension)
                spared = self.code[self.span(target if whole else node)[0]] == "\0"
                if not spared or form == "hashed text":
                    yield Error(self.path, kind, form, *self.span(target), text)

    def _structural(self, node: ast.AST) -> Iterator[tuple[str, str, ast.AST, str]]:
        """What takes more than a line's pattern: (kind, form, node, its new text)."""
        match node:
            case ast.If(test=test, body=[ast.Raise()]):
                yield "conditions", "check left out", test, "False"
            case ast.Call(func=ast.Name(id="demand"), args=[test, *_]):
                yield "conditions", "check left out", test, "True"
            case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
                yield "conditions", "negated", test, f"not ({self(test)})"
            case ast.comprehension(ifs=[test, *_]):
                yield "conditions", "filter left out", test, "True"
            case ast.Subscript(slice=ast.Constant(value=str(key))):
                used = re.findall(r"""["'](\w+)["'](?=\]|: )""", self.text)
                for other in sorted(set(used) - {key})[:3]:
                    yield "ids", "another key", node.slice, repr(other)
            case ast.Call(keywords=[_, *_] as keywords):
                for a, b in itertools.pairwise(keywords):
                    plain = isinstance(a.value, ast.Name | ast.Attribute | ast.Subscript)
                    if plain and type(a.value) is type(b.value) and a.arg not in (None, "dtype"):
                        yield "ids", "values exchanged", a.value, self(b.value)
            case ast.FunctionDef():
                yield from self._names_exchanged(node)
        if isinstance(node, ast.BoolOp):
            neutral = str(isinstance(node.op, ast.And))
            for part in node.values:
                if isinstance(part, ast.Constant):  # a default, as in `slack or 0.0`
                    continue
                yield "conditions", "part left out", part, neutral
        if isinstance(node, ast.Dict):
            items = list(zip(node.keys, node.values, strict=True))
            for (k, a), (j, b) in itertools.pairwise(items):
                if k and j and self(a) != self(b):
                    yield "ids", "values exchanged", a, self(b)
        if HASHING.search(self.text):
            yield from self._left_out(node)

    def _left_out(self, node: ast.AST) -> Iterator[tuple[str, str, ast.AST, str]]:
        """An ingredient missing from what is hashed, recorded or looked through."""
        match node:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=holder, attr="update"))):
                if re.search("digest|hash|sha", self(holder)):
                    yield "fingerprints", "update", node, "pass"
                return
            case ast.Dict(keys=keys, values=values):
                pairs = zip(keys, values, strict=True)
                items = [f"{self(k)}: {self(v)}" if k else f"**{self(v)}" for k, v in pairs]
                brackets = "{}"
            case ast.List(elts=elements, ctx=ast.Load()) | ast.Set(elts=elements):
                items = [self(element) for element in elements]
                brackets = "[]" if isinstance(node, ast.List) else "{}"
            case ast.Assign(targets=[ast.Name()], value=ast.Tuple(elts=elements) as node):
                items = [self(element) for element in elements]
                brackets = "()"
            case ast.Compare(left=ast.Tuple(elts=here), comparators=[ast.Tuple(elts=there)]):
                for index in range(len(here) if len(here) == len(there) else 0):
                    left, right = (
                        ", ".join(self(part) for part in parts[:index] + parts[index + 1 :])
                        for parts in (here, there)
                    )
                    operator = self.text[
                        self.span(node.left)[1] : self.span(node.comparators[0])[0]
                    ]
                    yield "fingerprints", "compared", node, f"({left},){operator}({right},)"
                return
            case ast.Call(func=ast.Attribute(value=ast.JoinedStr() as text, attr="encode")):
                for found in re.finditer(r"\{[^{}]+\}", self(text)):
                    kept = self(text)[: found.start()] + self(text)[found.end() :]
                    yield "fingerprints", "hashed text", text, kept
                return
            case ast.Call(func=func, args=[ast.BinOp(op=ast.Add()) as total]):
                parts = summands(total) if re.search(r"(sha256|update)$", self(func)) else []
                for part in parts:
                    kept = " + ".join(f"({self(other)})" for other in parts if other is not part)
                    if not isinstance(part, ast.Constant):
                        yield "fingerprints", "summand", total, kept
                return
            case _:
                return
        for index in range(len(items) if len(items) > 1 else 0):
            kept = "".join(f"{item}, " for item in items[:index] + items[index + 1 :])
            yield "fingerprints", "entry", node, brackets[0] + kept + brackets[1]

    def _names_exchanged(self, function: ast.FunctionDef) -> Iterator[tuple]:
        """A seed used where another one belongs, training data where held-out ones do."""
        names = [n for n in ast.walk(function) if isinstance(n, ast.Name)]
        bound = {arg.arg: 0 for arg in (*function.args.args, *function.args.kwonlyargs)}
        for name in reversed(names):
            if isinstance(name.ctx, ast.Store):
                bound[name.id] = name.lineno
        called = {id(n.func) for n in ast.walk(function) if isinstance(n, ast.Call)}
        for name in names:
            if isinstance(name.ctx, ast.Store) or id(name) in called:
                continue
            for other in sorted(n for n in bound if n != name.id and bound[n] < name.lineno):
                words = [re.search(r"(seeds?|rngs?|generators?)$", n) for n in (name.id, other)]
                if all(words) and words[0][0] == words[1][0]:
                    yield "seeds", "used twice", name, other
                if belong_together(name.id, other):
                    yield "splits", "names", name, other
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute) and id(node) not in called:
                for other in sorted(set(re.findall(r"\.(\w+)", self.code))):
                    if belong_together(node.attr, other):
                        yield "splits", "fields", node, f"{self(node.value)}.{other}"


def summands(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*summands(left), *summands(right)]
    return [node]


def belong_together(name: str, other: str) -> bool:
    """Whether two names say the same of training and of held-out data.

    >>> belong_together("train_labels", "test_labels"), belong_together("train", "test_labels")
    (True, False)
    """
    for here, there in (SPLITS, SPLITS[::-1]):
        if re.search(here, name) and re.search(there, other):
            return re.sub(here, "", name) == re.sub(there, "", other)
    return False


def sample(count: int, seed: int, kinds: list[str], rooms: list[str]) -> tuple[list, list]:
    """Errors to be judged, and equivalent ones that were drawn on the way."""
    strata = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    size = Counter()
    for path in sorted(PACKAGE.rglob("*.py")):
        if re.search(r"(^|_)plots$|^__main__$", path.stem):
            continue
        module = Module(path)
        size[room_of(path)] += len(module.lines)
        if rooms and not any(f"{room_of(path)}/".startswith(f"{room}/") for room in rooms):
            continue
        for error in dict.fromkeys(module.errors()):
            if not kinds or error.kind in kinds:
                strata[error.kind][error.form][room_of(path)].append(error)
    source = random.Random(seed)
    same = equivalents()
    found, idle = [], []
    while strata and len(found) < count:
        for kind in source.sample(sorted(strata), len(strata)):
            form = source.choice(sorted(strata[kind]))
            names = sorted(strata[kind][form])
            room = source.choices(names, [size[name] for name in names])[0]
            left = strata[kind][form][room]
            error = left.pop(source.randrange(len(left)))
            for holder, key in ((strata[kind][form], room), (strata[kind], form), (strata, kind)):
                if not holder[key]:
                    del holder[key]
            if error.shown() in same:
                idle.append(error)
            elif error.changes_code():
                found.append(error)
    return found[:count], idle


def equivalents() -> dict[tuple[str, str], str]:
    """Reasons by the lines before and after."""
    path = Path(__file__).with_suffix(".toml")
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])
    return {(entry["before"], entry["after"]): entry["reason"] for entry in entries}


def files_of(path: Path) -> list[Path]:
    """The test files of a module's own room, the module's own first."""
    inside = path.relative_to(PACKAGE)
    part = TESTS / inside.parts[0]
    mirror = TESTS / inside.parent
    own = mirror / f"test_{inside.stem}.py"
    if mirror == TESTS:
        files = []
    elif mirror == part:
        files = sorted(part.glob("test_*.py"))
    else:
        modules = {f"test_{module.stem}" for module in (PACKAGE / inside.parts[0]).glob("*.py")}
        cross = [file for file in sorted(part.glob("test_*.py")) if file.stem not in modules]
        files = [*sorted(mirror.rglob("test_*.py")), *cross]
    return [file for file in dict.fromkeys((own, *files)) if file.exists()]


class Verdict(NamedTuple):
    """What the tests said, the first one that failed, and how long all of it took."""

    outcome: str  # "survived", "caught" or "timeout"
    by: str
    seconds: float


class House:
    """A copy of the project in a folder of its own."""

    def __init__(self, root: Path):
        self.root = root
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        for name in filter(None, listed.decode().split("\0")):
            if (ROOT / name).is_file():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, root / name)
        (root / "tmp").mkdir()
        kept = {k: v for k, v in os.environ.items() if k == "QDM_DATA" or not k.startswith("QDM_")}
        self.environment = kept | {"PYTHONPATH": str(root), "TMPDIR": str(root / "tmp")}
        self.environment |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "DRILL": str(root)}

    def test(self, modules: list[Path], limit: float, markers: tuple[str, ...]) -> Verdict:
        """Let the room of some modules judge, its fast tests first."""
        start = time.monotonic()
        files = dict.fromkeys(file for path in modules for file in (path, *files_of(path)))
        outcome = "survived", ""
        for marker in markers:
            left = limit - (time.monotonic() - start)
            code, said = self._pytest(marker, [str(file.relative_to(ROOT)) for file in files], left)
            if code not in (0, NOTHING_TO_TEST):
                failed = re.search(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)
                by = failed[1] if failed else said[-300:]
                outcome = "timeout" if code is None else "caught", by
                break
        return Verdict(*outcome, time.monotonic() - start)

    def judge(self, error: Error, limit: float) -> Verdict:
        """Plant the error, test, and take it out again."""
        place = self.root / error.path.relative_to(ROOT)
        try:
            self._write(place, error.planted())
            return self.test([error.path], limit, (FAST, SLOW))
        finally:
            self._write(place, text_of(error.path))

    def _write(self, place: Path, text: str) -> None:
        """Python takes a compiled module for current if size and second agree: it goes first."""
        for compiled in (place.parent / "__pycache__").glob(f"{place.stem}.*.pyc"):
            compiled.unlink()
        place.write_text(text, encoding="utf-8")

    def _pytest(self, markers: str, names: list[str], limit: float) -> tuple[int | None, str]:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        command += ["--no-header", "--tb=no", "-m", markers, *names]
        log = self.root / "tmp" / "said"  # a pipe would be held open by whatever the tests leave
        with log.open("w") as out:
            process = subprocess.Popen(
                command, cwd=self.root, env=self.environment, stdout=out, stderr=subprocess.STDOUT
            )
            resource.prlimit(process.pid, resource.RLIMIT_AS, (MEMORY, MEMORY))
            try:
                code = process.wait(max(limit, 1.0))
            except subprocess.TimeoutExpired:
                code = None
        self._end_all()
        process.wait()
        return code, log.read_text(encoding="utf-8", errors="replace")

    def _end_all(self) -> None:
        """End what the tests started and left, known by its environment."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.environ().get("DRILL") == str(self.root):
                    process.kill()


def table(results: list[tuple[Error, Verdict]], clean: dict[str, Verdict]) -> str:
    """Rooms in rows, kinds in columns; a cell says how many were caught of how many planted."""
    kinds = sorted({error.kind for error, _ in results})

    def counts(rows: list[tuple[Error, Verdict]]) -> list[str]:
        cells = []
        for kind in (*kinds, None):
            outcomes = [verdict.outcome for error, verdict in rows if kind in (None, error.kind)]
            caught = len(outcomes) - outcomes.count("survived")
            cells.append(f"{caught}/{len(outcomes)}" if outcomes else "")
        return cells

    lines = [["room", *kinds, "all", "its tests take"], ["---"] * (len(kinds) + 3)]
    for room in sorted({room_of(error.path) for error, _ in results}):
        rows = [row for row in results if room_of(row[0].path) == room]
        lines.append([room, *counts(rows), f"{clean[room].seconds:.0f} s"])
    lines.append(["all", *counts(results), ""])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def drill(numbered: dict[int, Error], jobs: int) -> tuple[list, dict[str, Verdict]]:
    """Judge every room without any error, then each error in a room that passed."""
    rooms = defaultdict(set)
    for error in numbered.values():
        rooms[room_of(error.path)].add(error.path)
    with tempfile.TemporaryDirectory(prefix="drill-") as folder, ThreadPoolExecutor(jobs) as pool:
        houses = queue.Queue()
        for index in range(jobs):
            houses.put(House(Path(folder) / str(index)))

        def lent(use: str, *args: object) -> Verdict:
            house = houses.get()
            try:
                return getattr(house, use)(*args)
            finally:
                houses.put(house)

        def untouched(room: str) -> Verdict:
            verdict = lent("test", sorted(rooms[room]), 1800, (FAST, SLOW))
            print(f"{room}: {verdict.seconds:.0f} s without any error", flush=True)
            return verdict

        def judged(number: int) -> tuple[Error, Verdict]:
            error = numbered[number]
            verdict = lent("judge", error, 60 + 4 * clean[room_of(error.path)].seconds)
            head = f"{number:3d} {verdict.outcome:8s} {verdict.seconds:4.0f} s"
            print(f"{head}  {error}\n      {verdict.by}", flush=True)
            return error, verdict

        clean = dict(zip(rooms, pool.map(untouched, rooms), strict=True))
        sound = [n for n, e in numbered.items() if clean[room_of(e.path)].outcome == "survived"]
        return list(pool.map(judged, sound)), clean


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description="Plant errors.")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--count", type=int, default=100, help="of errors")
    parser.add_argument("--jobs", type=int, default=2, help="errors judged at a time")
    parser.add_argument("--only", nargs="+", default=[], help="rooms, such as qubits/states")
    parser.add_argument("--kinds", nargs="+", default=[], help="such as signs or seeds")
    parser.add_argument("--numbers", type=int, nargs="+", help="only these of the sample")
    parser.add_argument("--list", action="store_true", help="show the sample and judge nothing")
    options = parser.parse_args(argv)
    start = time.monotonic()
    errors, idle = sample(options.count, options.seed, options.kinds, options.only)
    numbered = dict(enumerate(errors, 1))
    if options.numbers:
        numbered = {number: numbered[number] for number in options.numbers}
    if options.list:
        print("\n".join(f"{number:3d} {error}" for number, error in numbered.items()))
        return 0
    results, clean = drill(numbered, options.jobs)
    print(f"\n{table(results, clean)}\n")
    survivors = [error for error, verdict in results if verdict.outcome == "survived"]
    hanging = sum(verdict.outcome == "timeout" for _, verdict in results)
    share = 1 - len(survivors) / max(len(results), 1)
    print(f"{len(results)} errors, {share:.0%} caught, {hanging} of them by the time limit", end="")
    print(f"; {(time.monotonic() - start) / 60:.0f} minutes")
    for error in survivors:
        print(f"survived: {error}")
    for error in idle:
        print(f"equivalent: {error}\n      {equivalents()[error.shown()]}")
    bad = {room: verdict for room, verdict in clean.items() if verdict.outcome != "survived"}
    for room, verdict in bad.items():
        print(f"not judged: {room}, whose tests fail without any error: {verdict.by}")
    return int(bool(bad) or share < PASSING)


if __name__ == "__main__":
    sys.exit(main())
