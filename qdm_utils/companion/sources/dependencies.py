"""What of a package a text can reach, so that a change elsewhere makes nothing run again.

A name at the top of a module stands for the statements that bind it. A statement that is reached
brings along every name it uses, in its own module and through imports in others, until nothing new
comes. What cannot be followed is taken whole: a module that is handed on as a value, a star import,
a use of `globals()`. What a module does when it is imported, besides binding names, counts as soon
as anything of it does. Comments, layout, docstrings and what is for type checkers never count.

A class without bases is followed method by method. A method counts once its name stands somewhere
in what is reached, behind a dot or as a string, whatever it is taken of. All else of the class
counts with its name: the decorators, the attributes, and the methods that are called without being
named, as `__init__` is by Python and `_repr_html_` by Jupyter. A class with bases counts whole:
its methods may be called by a base of another package, as `forward` is by a torch module. Where a
name is looked up that is not written out, as in `getattr(record, name)`, all methods count.
"""

import ast
import functools
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, TypeGuard

import numpy as np

EVERYTHING = "*"  # every statement of a module
ACTING = ""  # those that do more than bind names
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITION = FUNCTION | ast.ClassDef
# Decorators that leave a class as it is written, and a method to those who name it.
OF_CLASSES = re.compile(r"(dataclasses\.)?dataclass\b")
OF_METHODS = re.compile(
    r"(property|classmethod|staticmethod|(functools\.)?cached_property|\w+\.setter)$"
)
# Methods that Python, Jupyter and libraries call on anything that has them: those with double
# underscores, the displays, and what collections, files and arrays answer to. And those of one
# letter, which a loop over a string may name.
UNNAMED = re.compile(r"__|_repr_|_ipython_|.$")
COMMON = frozenset().union(*map(dir, (dict, list, set, io.TextIOWrapper, io.BytesIO, np.ndarray)))
# Look up an attribute by its second argument, and what may look up any.
LOOKUPS = ("getattr", "hasattr", "setattr", "delattr", "__setattr__", "__getattribute__")
SEARCHES = frozenset(
    {*LOOKUPS, "vars", "dir", "__dict__"}
    | {"getmembers", "getattr_static", "attrgetter", "methodcaller"}
)


class Import(NamedTuple):
    """`from source import name as here`; without a name the module itself."""

    source: str
    name: str | None
    here: str


class Need(NamedTuple):
    """A name of a module that is asked for.

    Of a name that stands for a module only its `attributes` are, or everything if they are None.
    """

    module: Path | None  # None for the text from which everything starts
    name: str
    attributes: frozenset[str] | None = None


@dataclass(frozen=True)
class Statement:
    """One statement at the top of a module, or a method of a class that stands there.

    An import of several names counts as several.
    """

    meaning: str
    binds: frozenset[str]  # a method binds "Class.method"
    uses: frozenset[str] = frozenset()
    attributes: frozenset[tuple[str, str]] = (
        frozenset()
    )  # (name, attribute) of every `name.attribute`
    bare: frozenset[str] = frozenset()  # names that are used otherwise than in `name.attribute`
    inner_imports: tuple[Import, ...] = ()  # made when a function of it is called
    is_import: Import | None = None
    acts: bool = False
    methods: frozenset[str] = frozenset()  # of a class: what those bind that are statements apart
    mentions: frozenset[str] = frozenset()  # names by which it may call methods, of any class
    searches: bool = False  # may call methods by other names, too


def meaning(code: str) -> str:
    """A Python text without what does not change its results: comments, layout, docstrings.

    >>> meaning("x = 1  # one") == meaning("x = (1)")
    True
    """
    return ast.dump(_without_docstrings(ast.parse(code)))


def reached(code: str, package: Path, also: tuple[Path, ...] = ()) -> dict[str, list[str]]:
    """The statements of a package that a Python text can reach.

    Args:
        code: the text, such as all code cells of a notebook.
        package: folder of the package that is followed; other packages are left to the lock file.
        also: files of the package that count whole, with all they reach.

    Returns:
        the meanings of these statements, in their order, by the module's path relative to the
        package.
    """
    text = _read(code)
    # All of the text is there from the start, but for imports, which count where they are used.
    own = {index for index, statement in enumerate(text) if statement.is_import is None}
    needs = [Need(None, ACTING), *(Need(path, EVERYTHING) for path in also)]
    needs += [need for index in own for need in _needs_of(text[index], text, None, package)]
    needs += (
        [Need(None, EVERYTHING)] if any(EVERYTHING in statement.binds for statement in text) else []
    )
    return _meanings(_closure(text, needs, package, own), package)


def reached_from(
    code: str, names: tuple[str, ...], package: Path
) -> tuple[dict[str, list[str]], set[str]]:
    """The statements that some names of a Python text can reach, in the text and in a package.

    Args:
        code: the text, such as the declaration of a campaign.
        names: of functions and values at its top.
        package: as in `reached`.

    Returns:
        the meanings of these statements as in `reached`, those of the text itself under "", and the
        names of the other packages that they import.
    """
    text = _read(code)
    needs = [Need(None, ACTING), *(Need(None, name) for name in names)]
    chosen = _closure(text, needs, package)
    statements = [
        (text if path is None else _module(path))[index]
        for path, indices in chosen.items()
        for index in indices
    ]
    entries = {
        entry
        for statement in statements
        for entry in (statement.is_import, *statement.inner_imports)
        if entry is not None
    }
    tops = {entry.source.split(".")[0] for entry in entries} - {package.name}
    found = _meanings(chosen, package)
    found[""] = [text[index].meaning for index in sorted(chosen.get(None, ()))]
    return found, tops


def _closure(
    text: tuple[Statement, ...], needs: list[Need], package: Path, own: Iterable[int] = ()
) -> dict[Path | None, set[int]]:
    """Indices of all statements that these needs bring along, by module; None is the text.

    `own` are those of the text that are there from the start.
    """
    chosen: dict[Path | None, set[int]] = {None: set(own)}
    done: set[Need] = set()
    while needs:
        _follow(needs, text, package, chosen, done)
        needs = [need for need in _methods_in_use(text, chosen) if need not in done]
    return chosen


def _follow(
    needs: list[Need],
    text: tuple[Statement, ...],
    package: Path,
    chosen: dict[Path | None, set[int]],
    done: set[Need],
) -> None:
    """Add to the chosen statements what these needs bring along, methods aside."""
    while needs:
        need = needs.pop()
        if need in done:
            continue
        done.add(need)
        statements = text if need.module is None else _module(need.module)
        if need.module is not None and need.module not in chosen:
            inits = (
                folder / "__init__.py"
                for folder in need.module.parents
                if folder == package or package in folder.parents
            )
            needs += [Need(init, ACTING) for init in inits if init.exists()]
            needs.append(Need(need.module, ACTING))
        taken = chosen.setdefault(need.module, set())
        for index in _asked_for(statements, need.name):
            statement = statements[index]
            if statement.is_import is not None:
                attributes = {EVERYTHING: None, ACTING: frozenset({ACTING})}.get(
                    need.name, need.attributes
                )
                needs += _behind(statement.is_import, package, attributes)
            elif index not in taken:
                needs += _needs_of(statement, statements, need.module, package)
            taken.add(index)


def _methods_in_use(text: tuple[Statement, ...], chosen: dict[Path | None, set[int]]) -> list[Need]:
    """The methods that the chosen statements may call, of all chosen classes."""
    reached = [
        (path, (text if path is None else _module(path))[index])
        for path, indices in chosen.items()
        for index in indices
    ]
    mentioned = frozenset().union(*(statement.mentions for _, statement in reached))
    searched = any(statement.searches for _, statement in reached)
    return [
        Need(path, method)
        for path, statement in reached
        for method in statement.methods
        if searched or method.split(".")[1] in mentioned
    ]


def _meanings(chosen: dict[Path | None, set[int]], package: Path) -> dict[str, list[str]]:
    """The meanings of the chosen statements of a package, by the module's path within it."""
    places = sorted((path, indices) for path, indices in chosen.items() if path is not None)
    return {
        path.relative_to(package).as_posix(): [
            _module(path)[index].meaning for index in sorted(indices)
        ]
        for path, indices in places
    }


def _asked_for(statements: tuple[Statement, ...], name: str) -> list[int]:
    """Indices of the statements behind a name; all of them where its origin cannot be seen."""
    if name == ACTING:
        return [index for index, statement in enumerate(statements) if statement.acts]
    if name != EVERYTHING:
        for binding in (name, "__getattr__"):
            found = [
                index for index, statement in enumerate(statements) if binding in statement.binds
            ]
            if found:
                return found
    return list(range(len(statements)))


def _needs_of(
    statement: Statement, statements: tuple[Statement, ...], module: Path | None, package: Path
) -> list[Need]:
    """What a statement brings along; an import nothing, before its name is used."""
    bound = frozenset().union(*(other.binds for other in statements))
    needs = [Need(module, EVERYTHING)] if "globals" in statement.uses and module is not None else []
    for name in statement.uses & bound:
        attributes = frozenset(
            attribute for holder, attribute in statement.attributes if holder == name
        )
        needs.append(Need(module, name, None if name in statement.bare else attributes))
    return needs + [
        need for entry in statement.inner_imports for need in _behind(entry, package, None)
    ]


def _behind(entry: Import, package: Path, attributes: frozenset[str] | None) -> list[Need]:
    """What stands behind an imported name; nothing for other packages."""
    if entry.source.split(".")[0] != package.name:
        return []
    place = package.parent.joinpath(*entry.source.split("."))
    if entry.name is None or entry.name == EVERYTHING:
        # `import a.b` binds a, whose attributes lead through packages: taken whole once it is used.
        if attributes != {ACTING} and entry.here == entry.source.split(".")[0]:
            attributes = None
    else:
        holder = _file(place)
        # As Python does it: what the package itself binds comes before a module of that name.
        is_bound = holder is not None and _binds(holder, entry.name)
        if is_bound or _file(place / entry.name) is None:
            return [] if holder is None else [Need(holder, entry.name)]
        place = place / entry.name
    file = _file(place)
    if file is None:
        return []
    if attributes is None:
        return [Need(file, EVERYTHING)]
    needs = []
    for attribute in attributes:
        inner = _file(place / attribute) if attribute != ACTING else None
        if inner is None or _binds(file, attribute):
            needs.append(Need(file, attribute))
        else:
            needs.append(Need(inner, EVERYTHING))
    return needs


def _binds(file: Path, name: str) -> bool:
    return any(name in statement.binds for statement in _module(file))


def _file(place: Path) -> Path | None:
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((candidate for candidate in candidates if candidate.exists()), None)


def _module(path: Path) -> tuple[Statement, ...]:
    status = path.stat()
    return _module_as_of(path, status.st_mtime_ns, status.st_size)


@functools.cache
def _module_as_of(path: Path, *_: int) -> tuple[Statement, ...]:
    return _read(path.read_text(encoding="utf-8"))


def _read(code: str) -> tuple[Statement, ...]:
    tree = _without_docstrings(ast.parse(code))
    # A block for type checkers never runs.
    tree.body = [
        part
        for node in tree.body
        for part in (node.orelse if _is_for_type_checkers(node) else [node])
    ]
    constants = _constants(tree)
    return tuple(statement for node in tree.body for statement in _statements(node, constants))


def _is_for_type_checkers(node: ast.stmt) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and ast.unparse(node.test).split(".")[-1] == "TYPE_CHECKING"


def _statements(node: ast.stmt, constants: set[str]) -> list[Statement]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        # A plain `import package.module` may be there for what the module does, not for a name.
        plain = isinstance(node, ast.Import)
        return [
            Statement(
                f"import {entry}",
                frozenset({entry.here}),
                is_import=entry,
                acts=plain and "." in entry.source,
                searches=entry.name in SEARCHES,
            )
            for entry in _imports(node)
        ]
    whole = _statement(node, _bound(node), constants)
    if not isinstance(node, ast.ClassDef) or not _is_plain(node):
        return [whole]
    apart = [part for part in node.body if _is_called_by_name(part)]
    node.body = [part for part in node.body if part not in apart] or [ast.Pass()]
    methods = [
        _statement(part, frozenset({f"{node.name}.{part.name}"}), constants) for part in apart
    ]
    names = frozenset().union(*(method.binds for method in methods))
    frame = replace(_statement(node, _bound(node), constants), methods=names)
    # In the body of a class and in a signature a method may be meant by its bare name.
    return [replace(part, mentions=part.mentions | part.uses) for part in (frame, *methods)]


def _statement(node: ast.stmt, binds: frozenset[str], constants: set[str]) -> Statement:
    inside = list(ast.walk(node))
    names = [inner for inner in inside if isinstance(inner, ast.Name)]
    dotted = [
        (inner.value, inner.attr)
        for inner in inside
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name)
    ]
    holders = {id(holder) for holder, _ in dotted}
    return Statement(
        meaning=ast.dump(node),
        binds=binds,
        uses=frozenset(inner.id for inner in names),
        attributes=frozenset((holder.id, attribute) for holder, attribute in dotted),
        bare=frozenset(inner.id for inner in names if id(inner) not in holders),
        inner_imports=tuple(entry for inner in inside for entry in _imports(inner)),
        acts=not _only_binds(node),
        mentions=frozenset(name for inner in inside for name in _mentions(inner)),
        searches=_searches(node, constants),
    )


def _is_plain(node: ast.ClassDef) -> bool:
    """Whether nothing but its own text decides what a class does with its methods."""
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    return (
        not node.bases
        and not node.keywords  # a metaclass
        and all(OF_CLASSES.match(decorator) for decorator in decorators)
    )


def _is_called_by_name(part: ast.stmt) -> TypeGuard[FUNCTION]:
    """Whether a part of a class is a method that does nothing until someone names it."""
    return (
        isinstance(part, FUNCTION)
        and not UNNAMED.match(part.name)
        and part.name not in COMMON
        and all(OF_METHODS.match(ast.unparse(each)) for each in part.decorator_list)
    )


def _mentions(node: ast.AST) -> list[str]:
    """Names of attributes in a node: behind a dot, in a pattern, in a string such as "{x.name}"."""
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.MatchClass):
        return node.kwd_attrs
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value, *re.findall(r"\.(\w+)", node.value)]
    return []


def _searches(node: ast.stmt, constants: set[str]) -> bool:
    """Whether a statement may look up attributes by names that are not written out."""
    suspects = {
        inner
        for inner in ast.walk(node)
        if (isinstance(inner, ast.Attribute) and inner.attr in SEARCHES)
        or (isinstance(inner, ast.Name) and inner.id in SEARCHES | {"eval", "exec"})
    }
    if not suspects:
        return False
    told = _names_in_loops_over_constants(node, constants)
    for call in ast.walk(node):
        if not isinstance(call, ast.Call) or call.func not in suspects:
            continue
        function = ast.unparse(call.func).split(".")[-1]
        if function in LOOKUPS and len(call.args) > 1:
            if isinstance(call.args[1], ast.Constant) or call.args[1] in told:
                suspects.remove(call.func)
        # The values that an object holds; its methods are its class's.
        elif function == "vars" and [ast.unparse(each) for each in call.args] == ["self"]:
            suspects.remove(call.func)
    return bool(suspects)


def _names_in_loops_over_constants(node: ast.stmt, constants: set[str]) -> set[ast.AST]:
    """The uses of a name in a loop that gives it constants, where nothing else binds that name."""
    uses: set[ast.Name] = set()
    targets: set[ast.AST] = set()
    for loop in ast.walk(node):
        given = {
            inner
            for target, values in _loop_variables(loop)
            if _is_written_out(values, constants)
            for inner in ast.walk(target)
        }
        targets |= given
        names = _bound_by(given)
        uses |= {
            use for use in ast.walk(loop) if names and isinstance(use, ast.Name) and use.id in names
        }
    others = _bound_by(set(ast.walk(node)) - targets)
    return {use for use in uses if use.id not in others}


def _loop_variables(loop: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """What a loop or comprehension binds, each with what it runs over; in `zip` one by one."""
    found: list[tuple[ast.expr, ast.expr]] = []
    for each in [loop] if isinstance(loop, ast.For) else getattr(loop, "generators", []):
        match each.target, each.iter:
            case ast.Tuple(targets), ast.Call(ast.Name("zip"), lists) if not _has_star(each):
                found += zip(targets, lists, strict=False)
            case target, values:
                found.append((target, values))
    return found


def _has_star(node: ast.AST) -> bool:
    return any(isinstance(inner, ast.Starred) for inner in ast.walk(node))


def _constants(tree: ast.Module) -> set[str]:
    """Names that a text binds to nothing but tuples of constants, wherever in it."""
    targets: set[ast.AST] = {
        inner.targets[0]
        for inner in ast.walk(tree)
        if isinstance(inner, ast.Assign)
        and isinstance(inner.targets[0], ast.Name)
        and _is_written_out(inner.value, set())
    }
    return _bound_by(targets) - _bound_by(set(ast.walk(tree)) - targets)


def _is_written_out(values: ast.expr, constants: set[str]) -> bool:
    """Whether `values` are constants and tuples of constants, or a name of such."""
    return all(
        isinstance(inner, ast.Constant | ast.Tuple | ast.Load)
        or (isinstance(inner, ast.Name) and inner.id in constants)
        for inner in ast.walk(values)
    )


def _bound_by(nodes: set[ast.AST]) -> set[str]:
    """All names that these nodes bind, those of arguments, patterns and errors included."""
    found = {entry.here for node in nodes for entry in _imports(node)}
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, DEFINITION | ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            found.add(node.name or "")
        elif isinstance(node, ast.MatchMapping):
            found.add(node.rest or "")
    return found


def _imports(node: ast.AST) -> list[Import]:
    if isinstance(node, ast.Import):
        return [
            Import(alias.name, None, alias.asname or alias.name.split(".")[0])
            for alias in node.names
        ]
    if isinstance(node, ast.ImportFrom):
        return [
            Import(node.module or "", alias.name, alias.asname or alias.name)
            for alias in node.names
        ]
    return []


def _bound(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, DEFINITION):
        return frozenset({node.name})
    inside = list(ast.walk(node))
    stored = {
        inner.id
        for inner in inside
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store)
    }
    defined = {inner.name for inner in inside if isinstance(inner, DEFINITION)}
    return frozenset(
        stored | defined | {entry.here for inner in inside for entry in _imports(inner)}
    )


def _only_binds(node: ast.stmt) -> bool:
    """Whether a statement does nothing but bind names; a call in it might do anything."""
    if isinstance(node, DEFINITION):
        return True
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return False
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    stored = [inner for target in targets for inner in ast.walk(target)]
    # What is no name, such as `units.metre` or `register["a"]`, lies in something else.
    beyond = any(isinstance(inner, ast.Attribute | ast.Subscript) for inner in stored)
    return not beyond and not any(isinstance(inner, ast.Call) for inner in ast.walk(node))


def _without_docstrings(tree: ast.Module) -> ast.Module:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | DEFINITION) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree
