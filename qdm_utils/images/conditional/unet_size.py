"""How many parameters a diffusion U-Net has: that of the denoising diffusion paper, counted layer
by layer from its design."""

from collections.abc import Sequence

from qdm_utils.arguments import demand, whole_number


def unet_parameters(
    base: int,
    multipliers: Sequence[int] = (1, 2, 2, 2),
    blocks: int = 2,
    attention: Sequence[int] = (1,),
    colours: int = 1,
) -> int:
    """Weights and biases of the U-Net of denoising diffusion models.

    A 3×3 convolution to `base` channels; on each level residual blocks (group norm, 3×3
    convolution, a linear layer from the embedded time, group norm, 3×3 convolution, a 1×1
    convolution where the channels change), with attention (group norm and four 1×1 convolutions) on
    some levels; a 3×3 convolution between levels; block, attention, block at the bottom; one block
    more a level on the way up, which also takes what the way down left. The time passes base →
    4·base → 4·base.

    Args:
        base: channels of the first level.
        multipliers: channels of each level in units of `base`.
        blocks: residual blocks of a level on the way down.
        attention: levels with attention, 0 the finest.
        colours: of the pictures.

    Raises:
        ValueError: a size out of range.

    Source: J. Ho et al., arXiv:2006.11239, appendix B, which states 35.7 million for colour
    pictures and base 128:

    >>> unet_parameters(128, colours=3)
    35746307
    """
    whole_number("base", base, 1)
    whole_number("blocks", blocks, 1)
    demand(len(multipliers) > 0, "multipliers", "name a level", "none")
    time = 4 * base
    total = _convolution(colours, base) + _linear(base, time) + _linear(time, time)
    left, width = [base], base
    for level, multiplier in enumerate(multipliers):
        for _ in range(blocks):
            total += _residual(width, base * multiplier, time)
            width = base * multiplier
            total += _attention(width) if level in attention else 0
            left.append(width)
        if level + 1 < len(multipliers):
            total += _convolution(width, width)
            left.append(width)
    total += 2 * _residual(width, width, time) + _attention(width)
    for level, multiplier in reversed(list(enumerate(multipliers))):
        for _ in range(blocks + 1):
            total += _residual(width + left.pop(), base * multiplier, time)
            width = base * multiplier
            total += _attention(width) if level in attention else 0
        total += _convolution(width, width) if level else 0
    return total + 2 * width + _convolution(width, colours)


def _linear(inputs: int, outputs: int) -> int:
    return (inputs + 1) * outputs


def _convolution(inputs: int, outputs: int) -> int:
    return _linear(9 * inputs, outputs)


def _attention(width: int) -> int:
    return 2 * width + 4 * _linear(width, width)


def _residual(inputs: int, outputs: int, time: int) -> int:
    shortcut = _linear(inputs, outputs) if inputs != outputs else 0
    norms = 2 * inputs + 2 * outputs
    return (
        norms
        + _convolution(inputs, outputs)
        + _linear(time, outputs)
        + _convolution(outputs, outputs)
        + shortcut
    )
