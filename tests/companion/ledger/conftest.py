"""Claims as the tests want them, without a file."""

from collections.abc import Callable

import pytest

from qdm_utils.companion.ledger.claims import Claim, Criterion, Unstated

NUMBERS = {
    "equals": {"tolerance": 0.1},
    "bound": {"side": "at least"},
    "difference": {"effect": 0.5},
    "share": {"least": 0.5},
}
ADDRESS = {"source": "paper", "where": "Eq. 1", "notebook": "01_line", "measure": "its height"}


def make(rule: str = "equals", settings: tuple[str, ...] = (), **changes: object) -> Claim:
    """A claim that 1.0 is the height, judged by a rule; numbers of the rule may be given, too."""
    numbers = dict(NUMBERS.get(rule, {}))
    for name in ("tolerance", "side", "limit", "slack", "effect", "least"):
        if name in changes:
            numbers[name] = changes.pop(name)
    unstated = (Unstated("how fast", "from slow to fast", settings),) if settings else ()
    content = {
        "id": "line-height",
        "kind": "trend" if rule in ("difference", "share") else "number",
        "statement": "The line lies at 1.",
        "stated": True if rule in ("difference", "exists", "share") else 1.0,
        "band": 1e-9,
        "criterion": Criterion(rule, "because", **numbers),
        "unstated": unstated,
    }
    return Claim(**{**ADDRESS, **content, **changes})


@pytest.fixture(name="make")
def factory() -> Callable[..., Claim]:
    return make
