"""A reproducible companion to the literature on quantum diffusion models.

`qdm_utils.gaussian` holds the physics of Gaussian reversal, `qdm_utils.companion` what runs,
records and publishes the notebooks. Physics never imports the companion; the notebooks bring the
two together.
"""

__version__ = "0.1.0"
