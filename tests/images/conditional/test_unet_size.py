"""The U-Net, counted."""

import pytest

from qdm_utils.images.conditional import (
    unet_parameters,
)


def test_a_unet_is_counted_as_published():
    assert unet_parameters(128, colours=3) == 35746307
    with pytest.raises(ValueError, match="Argument `multipliers` must name a level"):
        unet_parameters(128, ())
    assert unet_parameters(128) == 35746307 - 2 * (9 * 128) - 2 * (9 * 128) - 2
