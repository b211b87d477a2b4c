"""Trials: an encoder, priors on its latents and the scores of what they generate, all from one
seed.

A `Trial` says what is done, `run_trial` does it in any process with the same numbers. What is
compared under several seeds is an `Arrangement` of encoder, prior and number of images; results are
found by these specifications, never by their labels, which are made from them for showing.
"""

from qdm_utils.images.trials.trial import (
    PRIORS,
    Arrangement,
    PriorResult,
    PriorSpec,
    Trial,
    TrialResult,
    by_arrangement,
    cached_images,
    dataset_classifier,
    deepest_circuit,
    evenly_spaced,
    run_trial,
    score_row,
    split,
    train_trial,
)
