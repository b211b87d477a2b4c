"""Notebooks and campaigns as text, before anything of them runs.

- `notebook` reads a notebook's `.py`: title, parameters, presets; and normalises what was
  rendered.
- `ranges` says which values a parameter may have. What is wrong is refused before anything runs.
- `dependencies` finds the statements that a text can reach, in it and in this package.

A running notebook meets `notebook` and `ranges`, through its `Book`.
"""

from qdm_utils.companion.sources.notebook import NotebookError
