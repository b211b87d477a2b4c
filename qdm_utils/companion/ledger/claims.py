"""What the sources claim: the rows of data/claims.toml."""

import tomllib
from dataclasses import dataclass

from qdm_utils.companion import paths


class LedgerError(ValueError):
    """A claim or record that does not fit the ledger."""


@dataclass(frozen=True)
class Claim:
    """One checkable claim: a theorem, figure, number, law or statement of a source.

    `stated` is the number (or True) that `measure` should give if the claim holds; `notebook` is
    where it is checked.
    """

    id: str
    source: str
    where: str
    kind: str
    statement: str
    measure: str
    stated: float | bool
    unit: str
    notebook: str


def load_claims() -> dict[str, Claim]:
    """All claims by id, in the file's order.

    Raises:
        LedgerError: a missing or unknown field, a double id, an unknown source.
    """
    try:
        document = tomllib.loads(paths.claims().read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"claims.toml is no valid TOML: {error}") from None
    claims: dict[str, Claim] = {}
    for row in document.get("claim", []):
        try:
            claim = Claim(**row)
        except TypeError as error:
            raise LedgerError(f"claims.toml, claim {row.get('id')!r}: {error}") from None
        if claim.id in claims:
            raise LedgerError(f"claims.toml has the id {claim.id!r} twice.")
        if claim.source not in document["sources"]:
            raise LedgerError(f"claims.toml, claim {claim.id!r}: unknown source {claim.source!r}.")
        claims[claim.id] = claim
    return claims


def claims_of(stem: str) -> dict[str, Claim]:
    return {key: claim for key, claim in load_claims().items() if claim.notebook == stem}
