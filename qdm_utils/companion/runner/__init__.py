"""The runner: from the text of a notebook to its published results, in the order of these modules.

- `resume` is the resume rule: what a notebook's results depend on, and whether a finished run still
  stands.
- `run` plans a run and takes the notebooks through it. `workers` gives each a process of its own,
  in which `execute` calls papermill and decides whether it counts as done.
- `publish` replaces everything a notebook has published at once or not at all, also across a crash.
- `progress` shows how far a run has got, and how it ended.

What a notebook says of itself is read in `companion/sources`. The command line
(`companion/cli.py`) is the only caller of `run`.
"""
