"""What runs, records and publishes the notebooks: source → execution → figures, data, ledger.

A notebook needs two names: `Book`, which writes down what it made, and `sweep` for long grids.
"""

from typing import Any

from qdm_utils.companion.parallel.sweep import sweep

__all__ = ["Book", "sweep"]


def __getattr__(name: str) -> Any:
    """`Book` when first asked for: workers of a sweep import this package too and need no book."""
    if name == "Book":
        from qdm_utils.companion.book import Book

        return Book
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
