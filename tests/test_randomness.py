"""One root, children handed out by place, the same draws however often they are asked for."""

import numpy as np
import pytest
import torch

from qdm_utils.randomness import generator, numpy_generator, spawn


def first_draw(seed) -> float:
    return torch.rand(1, generator=generator(seed), dtype=torch.float64).item()


def test_a_seed_gives_the_same_draws_and_another_seed_others():
    assert first_draw(7) == first_draw(np.int64(7)) == first_draw(7)
    assert first_draw(7) != first_draw(8)
    assert first_draw(7) == torch.rand(
        1, generator=torch.Generator().manual_seed(7), dtype=torch.float64
    )


def test_numpys_generator_is_numpys_own():
    for seed in (7, np.random.SeedSequence(3).spawn(2)[1]):
        assert numpy_generator(seed).random() == np.random.default_rng(seed).random()


def test_children_are_numpys_and_depend_on_their_place_alone():
    root = np.random.SeedSequence(3)
    expected = [child.generate_state(4).tolist() for child in np.random.SeedSequence(3).spawn(3)]
    for parent in (root, 3, np.uint8(3)):
        # Asking twice, or for fewer, changes nothing; SeedSequence.spawn itself goes on counting.
        for count in (3, 2, 3):
            found = [child.generate_state(4).tolist() for child in spawn(parent, count)]
            assert found == expected[:count]
    draws = [first_draw(child) for child in spawn(root, 3)]
    assert len({*draws, first_draw(root), first_draw(3)}) == 5


def test_grandchildren_of_different_children_differ():
    draws = [first_draw(grandchild) for child in spawn(1, 3) for grandchild in spawn(child, 3)]
    assert len(set(draws)) == 9


@pytest.mark.parametrize("draw", [generator, numpy_generator, lambda seed: spawn(seed, 1)])
@pytest.mark.parametrize("seed", [-1, 1.0, True, "1", None, np.float64(2)])
def test_what_is_no_seed_is_refused_by_name(draw, seed):
    with pytest.raises(ValueError, match=r"^Argument `seed` must be a whole number ≥ 0 or a Seed"):
        draw(seed)


def test_what_torch_cannot_take_and_a_count_below_0_are_refused_by_name():
    with pytest.raises(ValueError, match=r"^Argument `seed` must be below 2⁶⁴"):
        generator(2**64)
    with pytest.raises(ValueError, match=r"^Argument `count` must be a whole number ≥ 0"):
        spawn(1, -1)
