"""The text side of a notebook: what its paired `.py` promises, checked before anything runs."""

import ast
import io
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from qdm_utils.companion import paths
from qdm_utils.companion.sources.ranges import Condition, read_range

STEM = re.compile(r"\d\d_[a-z0-9_]+")
PARAMETERS = re.compile(
    r'^# %%[^\n]*\btags=\[[^\]\n]*"parameters"[^\n]*\n(.*?)(?=^# %%|\Z)', re.M | re.S
)
ADDRESS = re.compile(r" at 0x[0-9a-f]+")


class NotebookError(Exception):
    """One sentence: what is wrong, where, and what to do about it."""


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What the parameters cell of a notebook says: defaults in order, their types and ranges."""

    stem: str
    parameters: dict[str, Any]
    types: dict[str, str]
    ranges: dict[str, tuple[Condition, ...]]

    def resolve(self, given: dict[str, Any]) -> dict[str, Any]:
        """The defaults with `given` in their place, each checked by name, type and range.

        Raises:
            NotebookError: the first parameter that does not exist or may not have its value.
        """
        for name in given:
            if name not in self.parameters:
                known = ", ".join(self.parameters) or "none"
                raise NotebookError(f"{self.stem} has no parameter `{name}`; it has: {known}.")
        values = {
            name: self._typed(name, given.get(name, value))
            for name, value in self.parameters.items()
        }
        # Ranges last: a bound may be the value of another parameter.
        for name, conditions in self.ranges.items():
            for condition in conditions:
                if not condition.met(values[name], values):
                    raise NotebookError(
                        f"Argument `{name}` of {self.stem} must {condition.demand(values[name])}, "
                        f"but got {values[name]!r}."
                    )
        return values

    def _typed(self, name: str, value: Any) -> Any:
        wanted = self.types[name]
        if wanted == "float" and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not _fits(value, wanted):
            raise NotebookError(
                f"Argument `{name}` of {self.stem} must be of type {wanted}, but got {value!r}."
            )
        return value


def _fits(value: Any, wanted: str) -> bool:
    """Whether a value has the type of an annotation such as `int` or `list[list[float]]`."""
    outer, _, inner = wanted.removesuffix("]").partition("[")
    if outer in ("list", "tuple"):
        # YAML and papermill know no tuples.
        entry = inner.removesuffix(", ...")
        is_list = isinstance(value, list) or type(value).__name__ == outer
        return is_list and (not entry or all(_fits(item, entry) for item in value))
    kinds = ("float", "int") if outer == "float" else (outer,)
    return type(value).__name__ in kinds


@dataclass(frozen=True, kw_only=True)
class Source(Parameters):
    """A notebook as its author wrote it."""

    path: Path
    text: str
    title: str
    kernel: str
    code_cells: tuple[dict[str, Any], ...]


def stems() -> list[str]:
    """All notebooks in running order: by number, the overview (00) last.

    The overview reads what the others recorded.
    """
    found = sorted(
        p.stem for p in paths.notebooks(paths.root()).glob("*.py") if STEM.fullmatch(p.stem)
    )
    return sorted(found, key=lambda stem: stem.startswith("00_"))


def source_path(stem: str) -> Path:
    return paths.notebooks(paths.root()) / f"{stem}.py"


def read_parameters(stem: str) -> Parameters:
    """Read and check the parameters cell of a notebook's `.py`.

    Raises:
        NotebookError: no or two `parameters` cells, a parameter that is not a typed literal, a
            range that cannot be read or that excludes the default.
    """
    return _parameters(stem, source_path(stem).read_text(encoding="utf-8"))


def read_source(stem: str) -> Source:
    """Read and check a notebook's `.py`.

    Raises:
        NotebookError: as in `read_parameters`, or a missing title or kernel.
    """
    import jupytext  # takes a while, which a notebook itself need not wait for

    path = source_path(stem)
    text = path.read_text(encoding="utf-8")
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except (yaml.YAMLError, ValueError) as error:
        raise NotebookError(
            f"{path.name} cannot be read as a notebook: {' '.join(str(error).split())}"
        ) from None
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    if not kernel:
        raise NotebookError(
            f"{path.name} names no kernel; give it the jupytext header with "
            "`kernelspec: name: python3`."
        )
    parameters = _parameters(stem, text)
    first = notebook.cells[0].source
    title = re.match(r"# (.+)", first)
    if notebook.cells[0].cell_type != "markdown" or not title:
        raise NotebookError(
            f'{path.name} must open with a text cell "# NN · the result as a sentence".'
        )
    cells = tuple(cell for cell in notebook.cells if cell.cell_type == "code")
    shape = {"title": title[1].strip(), "kernel": kernel, "code_cells": cells}
    return Source(**vars(parameters), path=path, text=text, **shape)


def _parameters(stem: str, text: str) -> Parameters:
    tagged, name = PARAMETERS.findall(text), source_path(stem).name
    if len(tagged) != 1:
        raise NotebookError(
            f'{name} must have exactly one cell tagged "parameters", but has {len(tagged)}.'
        )
    found = Parameters(stem=stem, **_literals(tagged[0], name))
    try:
        found.resolve({})
    except (KeyError, TypeError) as error:
        raise NotebookError(
            f"{name}: a range is about another parameter or another type: {error}"
        ) from None
    return found


def _literals(code: str, name: str) -> dict[str, dict[str, Any]]:
    """Values, types and ranges of the typed literals of a parameters cell, by their names."""
    try:
        statements = ast.parse(code).body
    except SyntaxError as error:
        raise NotebookError(
            f"{name}: the parameters cell is no valid Python: {error.msg}, line {error.lineno} "
            "of it."
        ) from None
    comments = _comments(code, name)
    values: dict[str, Any] = {}
    types: dict[str, str] = {}
    ranges: dict[str, tuple[Condition, ...]] = {}
    for statement in statements:
        shown = ast.unparse(statement)
        if not (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.value
        ):
            raise NotebookError(
                f"{name}: the parameters cell holds typed literals only (`n: int = 3`), "
                f"but has {shown!r}."
            )
        parameter = statement.target.id
        try:
            values[parameter] = ast.literal_eval(statement.value)
        except ValueError:
            raise NotebookError(
                f"{name}: a parameter must be a literal, but got {shown!r}."
            ) from None
        types[parameter] = ast.unparse(statement.annotation)
        last_line = statement.end_lineno or statement.lineno
        text = " ".join(comments.get(k, "") for k in range(statement.lineno, last_line + 1))
        _, semicolon, words = text.rpartition(";")
        try:
            ranges[parameter] = read_range(words.strip()) if semicolon else ()
        except ValueError as error:
            raise NotebookError(
                f"{name}: the range of `{parameter}` cannot be read at {str(error)!r}; "
                "sources/ranges.py lists what can."
            ) from None
    return {"parameters": values, "types": types, "ranges": ranges}


def _comments(code: str, name: str) -> dict[int, str]:
    """The comments of a parameters cell by line number."""
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    comments = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    for text in comments.values():
        if "=" in text:
            raise NotebookError(
                f'{name}: no "=" inside a comment of the parameters cell '
                f"(papermill drops that parameter): {text}"
            )
    return comments


def read_preset(name: str) -> dict[str, dict[str, Any]]:
    """Parameters by notebook from notebooks/presets/NAME.yaml; "paper" is all the defaults."""
    if name == "paper":
        return {}
    path = paths.notebooks(paths.root()) / "presets" / f"{name}.yaml"
    if not path.exists():
        known = ["paper", *sorted(p.stem for p in path.parent.glob("*.yaml"))]
        raise NotebookError(f"There is no preset {name!r}; the presets are: {', '.join(known)}.")
    try:
        preset = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise NotebookError(
            f"{path.name} is no valid YAML: {' '.join(str(error).split())}"
        ) from None
    if not isinstance(preset, dict) or not all(
        isinstance(values, dict) for values in preset.values()
    ):
        raise NotebookError(
            f"{path.name} must map notebooks to parameters, such as `01_line: {{count: 2}}`."
        )
    unknown = sorted(set(preset) - set(stems()))
    if unknown:
        raise NotebookError(f"{path.name} speaks of unknown notebooks: {', '.join(unknown)}.")
    return preset


def _whole_streams(outputs: list[dict]) -> list[dict]:
    """The outputs of a cell with neighbouring pieces of one stream joined.

    nbclient's `coalesce_streams` would also move what is printed after a picture before it.
    """
    whole: list[dict] = []
    for output in outputs:
        name = output.get("name")  # of a stream; other outputs have none
        if name and whole and whole[-1].get("name") == name:
            whole[-1]["text"] = "".join((*whole[-1]["text"], *output["text"]))
        else:
            whole.append(output)
    return whole


def normalise(notebook: dict, stem: str) -> str:
    """The rendered notebook as text that depends on its source and results alone.

    Cell ids become `<stem>-<nn>`; timings, papermill's records, the interpreter's version and
    memory addresses go. What was printed is one text, whenever the kernel sent its pieces.
    """
    spec = notebook["metadata"].get("kernelspec", {})
    jupytext_header = notebook["metadata"].get("jupytext", {})
    jupytext_header.get("text_representation", {}).pop("jupytext_version", None)
    notebook["metadata"] = {
        "jupytext": jupytext_header,
        "kernelspec": spec,
        "language_info": {"name": "python"},
    }
    for position, cell in enumerate(notebook["cells"]):
        cell["id"] = f"{stem.replace('_', '-')}-{position:02d}"
        tags = cell["metadata"].get("tags", [])
        cell["metadata"] = {"tags": tags} if tags else {}
        if "outputs" in cell:
            cell["outputs"] = _whole_streams(cell["outputs"])
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "text/plain" in data:
                data["text/plain"] = ADDRESS.sub("", "".join(data["text/plain"]))
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
