"""What a gradient step costs here and elsewhere, every engine on the same inputs and one thread."""

import os

# Before anything imports torch, NumPy or JAX: threads that spin on a busy machine would decide
# every ratio.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[_variable] = "1"
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
os.environ["NPROC"] = "1"  # what the thread pool of JAX asks for
os.environ.setdefault("MPLBACKEND", "agg")
