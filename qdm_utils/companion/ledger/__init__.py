"""The ledger: what the sources claim, what the notebooks found, and the verdict on each claim.

- `claims`: what the sources claim, read from data/claims.toml.
- `records`: what a notebook found, kept in data/processed/NN_slug.ledger.json.
- `verdicts`: the judge, who holds a finding against its claim.
- `tables`: both side by side, as rows, as text and as the table of the README.

A notebook never comes here: its `Book` records findings and shows verdicts.
"""

from qdm_utils.companion.ledger.claims import Claim, LedgerError, claims_of, load_claims
from qdm_utils.companion.ledger.records import (
    Record,
    all_records,
    read_records,
    record_file,
    write_records,
)
from qdm_utils.companion.ledger.tables import (
    PENDING,
    problems,
    readme_text,
    show_found,
    show_number,
    shown_table,
    side_by_side,
    table,
)
from qdm_utils.companion.ledger.verdicts import BY_HAND, FROM_NUMBERS, VERDICTS, judge
