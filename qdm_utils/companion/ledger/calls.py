"""How a notebook may speak to the ledger: it hands over measurements, and nothing that judges."""

import ast
from collections.abc import Iterator, Mapping

from qdm_utils.companion.ledger.claims import Claim, LedgerError

ALLOWED = {"setting", "null", "error"}


def refuse_bad_calls(name: str, code: str, claims: Mapping[str, Claim]) -> None:
    """Refuse a notebook that would not be judged by its declared criteria, before it runs.

    Args:
        name: of its file.
        code: of all its code cells.
        claims: those that it has to settle, by id.

    Raises:
        LedgerError: a verdict, a tolerance or a reason in a call of `book.check`; a claim or a
            setting that is not declared; a declared claim that no call could settle.
    """
    mentioned = set()
    patterns = False  # ids that are put together while the notebook runs
    for call in _calls(ast.parse(code)):
        first = call.args[0] if call.args else None
        others = [word.arg for word in call.keywords if word.arg not in ALLOWED]
        if others or len(call.args) > 2:
            got = f"`{others[0]}`" if others and others[0] else ast.unparse(call)
            raise LedgerError(
                f"{name}: `book.check` takes a claim, its measurement and {_listed(ALLOWED)}, "
                f"but got {got}; what judges stands in data/claims.toml."
            )
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            patterns = True
            continue
        claim = claims.get(first.value)
        if claim is None:
            known = ", ".join(claims) or "none"
            raise LedgerError(f"{name} has no claim {first.value!r}; it has: {known}.")
        mentioned.add(claim.id)
        for word in call.keywords:
            setting = word.value.value if isinstance(word.value, ast.Constant) else None
            if word.arg == "setting" and setting and setting not in claim.settings:
                raise LedgerError(
                    f"{name}: {claim.id} declares no setting {setting!r}; "
                    f"it has: {', '.join(claim.settings) or 'none'}."
                )
    forgotten = sorted(required(claims) - mentioned)
    if forgotten and not patterns:
        raise LedgerError(f"{name} never checks the claims {', '.join(forgotten)}.")


def required(claims: Mapping[str, Claim]) -> set[str]:
    """The ids that a run of the notebook has to measure.

    Not those whose declaration says what their measurement waits for.
    """
    return {key for key, claim in claims.items() if claim.criterion and not claim.resolve}


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            holder = node.func.value
            if node.func.attr == "check" and isinstance(holder, ast.Name) and holder.id == "book":
                yield node


def _listed(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))
