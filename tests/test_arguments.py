"""The checks themselves: what they let through, and the sentence in which they refuse."""

import numpy as np
import pytest

from qdm_utils import arguments


def test_numbers_of_any_kind_come_back_as_float64():
    for value in (1, 1.0, np.float32(1), np.int8(1), True, [[1]]):
        array = arguments.real_array("x", value)
        assert array.dtype == np.float64
        assert (array == 1.0).all()
    assert arguments.scalar("x", np.array(2)) == 2.0
    assert isinstance(arguments.positive("x", 1), float)


def test_bounds_belong_to_the_range():
    assert arguments.at_least("x", [1.0, 2.0], 1.0).tolist() == [1.0, 2.0]
    assert arguments.between("x", [0.0, 1.0], 0.0, 1.0).tolist() == [0.0, 1.0]
    assert arguments.whole_number("x", np.int64(3), 3) == 3
    assert type(arguments.whole_number("x", np.int64(3), 3)) is int
    assert arguments.at_least("x", [], 1.0).shape == (0,)


def test_arrays_are_broadcast_together():
    a, b = arguments.broadcast(a=np.zeros((3, 1)), b=np.arange(2.0))
    assert a.shape == b.shape == (3, 2)
    assert b[1].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("check", "arguments_of_it", "sentence"),
    [
        ("real_array", ("x", "text"), "be real numbers, but got 'text'"),
        ("real_array", ("x", 1j), "be real numbers, but got 1j"),
        ("real_array", ("x", [[1], [1, 2]]), "be real numbers, but got [[1], [1, 2]]"),
        ("real_array", ("x", [1.0, np.nan]), "be finite, but got nan"),
        ("real_array", ("x", -np.inf), "be finite, but got -inf"),
        ("scalar", ("x", [1.0]), "be a single number, but got shape (1,)"),
        ("positive", ("x", 0.0), "be > 0, but got 0"),
        ("positive", ("x", np.nan), "be finite, but got nan"),
        ("at_least", ("x", [2.0, 0.5], 1.0), "be ≥ 1, but got 0.5"),
        ("between", ("x", [0.5, 1.5], 0.0, 1.0), "lie in [0, 1], but got 1.5"),
        ("between", ("x", -0.1, 0.0, 1.0), "lie in [0, 1], but got -0.1"),
        ("whole_number", ("x", 2.0, 1), "be a whole number ≥ 1, but got 2.0"),
        ("whole_number", ("x", True, 0), "be a whole number ≥ 0, but got True"),
        ("whole_number", ("x", 0, 1), "be a whole number ≥ 1, but got 0"),
        ("phase_space_matrix", ("x", np.eye(3)), "have shape (..., 2N, 2N), but got shape (3, 3)"),
        ("phase_space_matrix", ("x", np.eye(0)), "have shape (..., 2N, 2N), but got shape (0, 0)"),
        (
            "phase_space_matrix",
            ("x", np.ones((2, 4))),
            "have shape (..., 2N, 2N), but got shape (2, 4)",
        ),
    ],
)
def test_one_sentence_names_argument_requirement_and_finding(check, arguments_of_it, sentence):
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole sentence is compared)
        getattr(arguments, check)(*arguments_of_it)
    assert str(caught.value) == f"Argument `x` must {sentence}"


def test_arrays_that_do_not_broadcast_are_all_named():
    with pytest.raises(ValueError, match=r"^Argument `a` must broadcast") as e:
        arguments.broadcast(a=np.zeros(2), b=np.zeros(3), c=np.zeros(1))
    assert str(e.value).endswith("with `b`, `c` of shape (3,), (1,), but got shape (2,)")


def test_what_fits_into_memory_passes_and_one_byte_more_is_refused(monkeypatch):
    monkeypatch.setattr(arguments.os, "sysconf", {"SC_PHYS_PAGES": 3, "SC_PAGE_SIZE": 4096}.get)
    arguments.within_memory("depth", 7, 3 * 4096)
    with pytest.raises(ValueError, match=r"^Argument `depth` must leave room in memory, but got 7"):
        arguments.within_memory("depth", 7, 3 * 4096 + 1)


def test_a_machine_that_does_not_tell_its_memory_refuses_nothing(monkeypatch):
    monkeypatch.delattr(arguments.os, "sysconf_names")
    arguments.within_memory("depth", 7, 1e30)
