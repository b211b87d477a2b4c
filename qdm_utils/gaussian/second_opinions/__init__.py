"""The same physics by other means: nothing here uses the closed forms that it is held against.

Each module is imported by its own name, because each loads a heavy package that the rest of
`qdm_utils.gaussian` does without.

- `fock`: one-mode states and generators as matrices on a ladder of Fock levels; complete
  positivity by the Choi matrix (Qiskit), information in a displacement by spectra.
- `fock_decoder`: the repaired decoder as a sequence of channels on density matrices.
- `optics`: the noising path as an optical circuit (Strawberry Fields).
- `learned_score`: the covariance as seen by networks trained on samples (torch).
"""
