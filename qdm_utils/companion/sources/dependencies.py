"""What of a package a text can reach, so that a change elsewhere makes nothing run again.

A name at the top of a module stands for the statements that bind it. A statement that is reached
brings along every name it uses, in its own module and through imports in others, until nothing new
comes. What cannot be followed is taken whole: a module that is handed on as a value, a star import,
a use of `globals()`. What a module does when it is imported, besides binding names, counts as soon
as anything of it does. Comments, layout and docstrings never count.
"""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

EVERYTHING = "*"  # every statement of a module
ACTING = ""  # those that do more than bind names
DEFINITION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


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
    """One statement at the top of a module; an import of several names counts as several."""

    meaning: str
    binds: frozenset[str]
    uses: frozenset[str] = frozenset()
    attributes: frozenset[tuple[str, str]] = (
        frozenset()
    )  # (name, attribute) of every `name.attribute`
    bare: frozenset[str] = frozenset()  # names that are used otherwise than in `name.attribute`
    inner_imports: tuple[Import, ...] = ()  # made when a function of it is called
    is_import: Import | None = None
    acts: bool = False


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
    needs = [Need(None, ACTING), *(Need(path, EVERYTHING) for path in also)]
    needs += [need for statement in text for need in _needs_of(statement, text, None, package)]
    needs += (
        [Need(None, EVERYTHING)] if any(EVERYTHING in statement.binds for statement in text) else []
    )
    return _meanings(_closure(text, needs, package), package)


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
    text: tuple[Statement, ...], needs: list[Need], package: Path
) -> dict[Path | None, set[int]]:
    """Indices of all statements that these needs bring along, by module; None is the text."""
    chosen: dict[Path | None, set[int]] = {}
    done = set()
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
    return chosen


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
    return tuple(
        statement
        for node in _without_docstrings(ast.parse(code)).body
        for statement in _statements(node)
    )


def _statements(node: ast.stmt) -> list[Statement]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        # A plain `import package.module` may be there for what the module does, not for a name.
        plain = isinstance(node, ast.Import)
        return [
            Statement(
                f"import {entry}",
                frozenset({entry.here}),
                is_import=entry,
                acts=plain and "." in entry.source,
            )
            for entry in _imports(node)
        ]
    names = [inner for inner in ast.walk(node) if isinstance(inner, ast.Name)]
    dotted = [
        (inner.value, inner.attr)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Attribute) and isinstance(inner.value, ast.Name)
    ]
    holders = {id(holder) for holder, _ in dotted}
    statement = Statement(
        meaning=ast.dump(node),
        binds=_bound(node),
        uses=frozenset(inner.id for inner in names),
        attributes=frozenset((holder.id, attribute) for holder, attribute in dotted),
        bare=frozenset(inner.id for inner in names if id(inner) not in holders),
        inner_imports=tuple(entry for inner in ast.walk(node) for entry in _imports(inner)),
        acts=not _only_binds(node),
    )
    return [statement]


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
