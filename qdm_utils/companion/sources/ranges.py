"""Ranges of parameters: the words behind the last `;` of a parameter's comment.

    n_grid: int = 161  # grid points along each axis; in 3 … 2001
    counts: list[int] = [100, 1000]  # training images; increasing and each ≥ 20
    dataset: str = "auto"  # which pictures to take; one of auto, mnist, digits

A range is one condition or several, joined by " and ":

    ≥ 1 · > 0 · ≤ 1 · < 1        a finite number on that side of the bound
    in 2 … 12                    a number between two bounds, both included
    one of 2, 4, 8               one of these numbers or words
    not empty · of 3 entries · of at least 2 entries
    contains 4, 8                a list in which these stand
    increasing                   a list in which every number is larger than the one before
    as long as sizes             a list with as many entries as another parameter
    each …                       the condition holds for every entry, however deep the list, and
                                 there is at least one

A bound may also be the name of another parameter: `≥ beta_first`. There is no "=" in any of these
words, because papermill drops a parameter with an "=" in its comment.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

# A condition that has been read: says of a value, given all parameters, whether it holds.
Holds = Callable[[Any, Mapping[str, Any]], bool]

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "≥": operator.ge,
    ">": operator.gt,
    "≤": operator.le,
    "<": operator.lt,
}


@dataclass(frozen=True)
class Condition:
    """One condition of a range: its words, whether it is about every entry, and what it asks."""

    words: str
    each: bool
    holds: Holds

    def met(self, value: Any, parameters: Mapping[str, Any]) -> bool:
        """Whether `value` fulfils the condition beside the other `parameters`."""
        if not self.each:
            return self.holds(value, parameters)
        return _length(value) > 0 and all(
            self.holds(entry, parameters)
            or (isinstance(entry, list | tuple) and self.met(entry, parameters))
            for entry in value
        )

    def demand(self, value: Any) -> str:
        """What `value` does not do, to stand in "Argument `x` must …"."""
        if self.words == "not empty" or (self.each and _length(value) == 0):
            return "not be empty"
        if self.each:
            return f"have every entry {self.words}"
        if self.words.startswith("contains "):
            return self.words.replace("contains", "contain", 1)
        return f"be {self.words}"


def read_range(text: str) -> tuple[Condition, ...]:
    """The conditions that a text asks for.

    Raises:
        ValueError: words that are no condition; the message is them.

    >>> [condition.demand([0]) for condition in read_range("of 2 entries and each ≥ 1")]
    ['be of 2 entries', 'have every entry ≥ 1']
    """
    return tuple(_condition(words.strip()) for words in text.split(" and "))


def _condition(words: str) -> Condition:
    each = words.startswith("each ")
    bare = words.removeprefix("each ").strip()
    return Condition(bare, each, _reading(bare))


def _reading(words: str) -> Holds:
    """What the words of one condition ask."""
    if words == "not empty":
        return lambda value, _: _length(value) > 0
    if words == "increasing":
        return lambda value, _: (
            all(map(_is_number, value)) and all(a < b for a, b in pairwise(value))
        )
    if found := re.fullmatch(r"of (at least )?(\d+) entries", words):
        wanted = int(found[2])
        compare = operator.ge if found[1] else operator.eq
        return lambda value, _: compare(_length(value), wanted)
    if found := re.fullmatch(r"as long as (\w+)", words):
        other = found[1]
        return lambda value, parameters: _length(value) == _length(parameters[other])
    if found := re.fullmatch(r"(one of|contains) (.+)", words):
        choices = [_constant(choice.strip()) for choice in found[2].split(",")]
        if found[1] == "one of":
            return lambda value, _: not isinstance(value, bool) and value in choices
        return lambda value, _: all(choice in value for choice in choices)
    if found := re.fullmatch(r"in (\S+) … (\S+)", words):
        low = _bound(found[1])
        high = _bound(found[2])
        return lambda value, parameters: (
            _is_number(value) and low(parameters) <= value <= high(parameters)
        )
    if found := re.fullmatch(r"([≥>≤<]) (\S+)", words):
        compare_numbers = _COMPARISONS[found[1]]
        bound = _bound(found[2])
        return lambda value, parameters: (
            _is_number(value) and compare_numbers(value, bound(parameters))
        )
    raise ValueError(words)


def _bound(word: str) -> Callable[[Mapping[str, Any]], float]:
    """A number, or the value of the parameter of that name."""
    constant = _constant(word)
    if not isinstance(constant, str):
        return lambda _: constant
    if not word.isidentifier():
        raise ValueError(word)
    return lambda parameters: parameters[word]


def _constant(word: str) -> float | str:
    for number in (int, float):
        try:
            return number(word)
        except ValueError:
            pass
    return word


def _is_number(value: Any) -> bool:
    """Whether a value is a number on the line: finite, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _length(value: Any) -> int:
    return len(value) if isinstance(value, list | tuple | str) else -1
