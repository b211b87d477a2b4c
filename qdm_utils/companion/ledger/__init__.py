"""The ledger: what the sources claim, what the notebooks measured, and the verdict on each claim.

- `claims`, `form`, `loading`: what the sources claim and how it is judged, data/claims.toml.
- `measurements`: samples reduced to the numbers that a criterion needs.
- `verdicts`: the judge, who holds measurements against criteria; pure, from numbers to words.
- `records`: what a notebook measured, kept in data/processed/NN_slug.ledger.json.
- `words`, `tables`: all of it side by side, in the README's line and as docs/ledger.md.
- `calls`: how a notebook may speak to the ledger, read from its code before it runs.

A notebook never comes here: its `Book` checks claims and shows verdicts.
"""

from qdm_utils.companion.ledger.calls import refuse_bad_calls, required
from qdm_utils.companion.ledger.claims import BITS, STATISTICAL, Claim, LedgerError
from qdm_utils.companion.ledger.loading import claims_of, load_claims
from qdm_utils.companion.ledger.measurements import Measured, measure
from qdm_utils.companion.ledger.records import (
    Findings,
    Record,
    all_records,
    read_records,
    record_file,
    write_records,
)
from qdm_utils.companion.ledger.tables import (
    page_path,
    page_text,
    problems,
    readme_text,
    table,
    totals_line,
)
from qdm_utils.companion.ledger.verdicts import PENDING, VERDICTS, judge
from qdm_utils.companion.ledger.words import show_criterion, show_found, show_number
