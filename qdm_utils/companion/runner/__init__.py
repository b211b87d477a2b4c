"""The runner: from the text of a notebook to its published results, in the order of these modules.

- `source` reads a notebook's `.py`, its parameters and the presets, and `ranges` says which values
  a parameter may have. What is wrong is refused before anything runs.
- `resume` is the resume rule: what a notebook's results depend on, and whether a finished run still
  stands. `dependencies` finds the functions that a notebook can reach.
- `run` plans a run and takes the notebooks through it. `workers` gives each a process of its own,
  in which `execute` calls papermill and decides whether it counts as done.
- `publish` replaces everything a notebook has published at once or not at all, also across a crash.
- `progress` shows how far a run has got, and how it ended.

The command line (`companion/cli.py`) is the only caller of `run`. A running notebook itself meets
`source` and `ranges` alone, through its `Book`, so that nothing else loads with it.
"""

from qdm_utils.companion.runner.source import NotebookError
