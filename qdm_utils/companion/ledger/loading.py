"""Reading data/claims.toml, every claim of it complete enough to be judged."""

import tomllib
from typing import Any

from qdm_utils.companion import paths
from qdm_utils.companion.ledger.claims import Claim, Criterion, LedgerError, Unstated
from qdm_utils.companion.ledger.form import complaints


def load_claims() -> dict[str, Claim]:
    """All claims by id, in the file's order.

    Raises:
        LedgerError: a missing or unknown field, a double id, an unknown source, a claim without a
            criterion, or with one that its kind does not allow.
    """
    try:
        document = tomllib.loads(paths.claims().read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise LedgerError(f"claims.toml is no valid TOML: {error}") from None
    claims: dict[str, Claim] = {}
    for row in document.get("claim", []):
        claim = _claim(row)
        for complaint in complaints(claim):
            raise LedgerError(f"claims.toml, claim {claim.id!r}: {complaint}.")
        if claim.id in claims:
            raise LedgerError(f"claims.toml has the id {claim.id!r} twice.")
        if claim.source not in document["sources"]:
            raise LedgerError(f"claims.toml, claim {claim.id!r}: unknown source {claim.source!r}.")
        claims[claim.id] = claim
    return claims


def claims_of(stem: str) -> dict[str, Claim]:
    return {key: claim for key, claim in load_claims().items() if claim.notebook == stem}


def _claim(row: dict[str, Any]) -> Claim:
    """A claim from its row; TOML's tables and arrays become the ledger's own."""
    content = dict(row)
    try:
        if "criterion" in content:
            content["criterion"] = Criterion(**content["criterion"])
        content["unstated"] = tuple(
            Unstated(**{**entry, "values": tuple(entry["values"])})
            for entry in content.get("unstated", ())
        )
        content["places"] = tuple(content.get("places", ()))
        return Claim(**content)
    except (TypeError, KeyError) as error:
        raise LedgerError(f"claims.toml, claim {row.get('id')!r}: {error}.") from None
