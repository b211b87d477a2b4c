"""Many independent tasks at once, with the same numbers wherever and in whatever order they run.

- `sweep`: the one function a notebook uses; over processes of this machine (joblib) or a cluster.
- `task`: one task in a worker, on one thread, with an outcome that always comes home.
- `cluster`: the tasks on a Dask cluster, which is found by its scheduler's address.
- `identity`: what a worker must share with this process to be trusted with a task.

Side door: `cluster` loads Dask when a sweep first needs it.
"""

from qdm_utils.companion.parallel.sweep import sweep
from qdm_utils.companion.parallel.task import SweepError
