"""Shared by all tests: one torch thread, a seeded generator, and hypothesis without deadlines (2
shared cores).
"""

import os

# Before torch or numpy start their threads: spinning threads on a busy machine are slower than one.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("MPLBACKEND", "agg")

import matplotlib
import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("companion", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("companion")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260306)


@pytest.fixture(autouse=True)
def style_of_its_own():
    """A notebook's style ends with the test that asked for it."""
    with matplotlib.rc_context():
        yield
