"""`python -m qdm_utils`: run the notebooks, verify the published files, keep the ledger."""

import sys

from qdm_utils.companion.cli import main

if __name__ == "__main__":
    sys.exit(main())
