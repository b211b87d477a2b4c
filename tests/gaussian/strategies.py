"""What hypothesis draws for the Gaussian part."""

from hypothesis import strategies as st

from qdm_utils.gaussian import random_covariance

thermal = st.floats(1.0, 6.0)
squeezing = st.floats(-1.5, 1.5)
angle = st.floats(0.0, 3.14)
fraction = st.floats(0.0, 1.0)
seeds = st.integers(0, 10**6)
covariances = st.builds(random_covariance, st.integers(1, 3), seeds)
