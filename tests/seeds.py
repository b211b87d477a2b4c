"""Who draws from which seed: two uses of one seed would be one stream of random numbers."""

import numpy as np


def watch_seeds(monkeypatch, holder, *names) -> list[tuple]:
    """A list that grows by the place of each child seed that these functions of a module or class
    are given.
    """
    places = []

    def watched(function):
        def call(*arguments, **named):
            given = [*arguments, *named.values()]
            places.extend(x.spawn_key for x in given if isinstance(x, np.random.SeedSequence))
            return function(*arguments, **named)

        return call

    for name in names:
        monkeypatch.setattr(holder, name, watched(getattr(holder, name)))
    return places
