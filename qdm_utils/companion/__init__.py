"""What runs, records and publishes the notebooks: source → execution → figures, data, ledger.

A notebook needs two names: `Book`, which writes down what it made, and `sweep` for long grids.
"""

from qdm_utils.companion.book import Book
from qdm_utils.companion.sweep import sweep

__all__ = ["Book", "sweep"]
