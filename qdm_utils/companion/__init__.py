"""What runs, records and publishes the notebooks; physics never imports it.

A notebook needs two names: `Book`, which writes down what it made, and `sweep` for long grids.

- `cli`: the command line, `python -m qdm_utils`.
- `sources`: what notebooks and campaigns say of themselves, and the code that they can reach.
- `runner`: runs, resumes and publishes notebooks.
- `ledger`: what the sources claim, what was found, and the verdicts.
- `campaigns`: long computations and their records.
- `figures`: the style of all figures and their files.
- `parallel`: sweeps over processes or a cluster.
- `paths`: where everything lies.
"""

from typing import Any

from qdm_utils.companion.parallel import sweep


def __getattr__(name: str) -> Any:
    """`Book` when first asked for: workers of a sweep import this package too and need no book."""
    if name == "Book":
        from qdm_utils.companion.book import Book

        return Book
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
