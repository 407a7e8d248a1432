"""What stays is left alone by the garbage collector, and the rest is looked through rarely."""

import gc
from collections.abc import Iterator

import pytest

from bot.garbage import THRESHOLDS, spare_what_stays


class Ring:
    """Garbage that only the collector finds: it holds itself."""

    left = 0

    def __init__(self) -> None:
        self.itself = self
        Ring.left += 1

    def __del__(self) -> None:
        Ring.left -= 1


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


def test_what_is_loaded_is_not_walked_over_again() -> None:
    kept = [{"kept": [number]} for number in range(100)]
    spare_what_stays()
    assert gc.get_freeze_count() > len(kept)
    assert not any(one is other for other in gc.get_objects() for one in kept[:3])


def test_garbage_that_comes_later_is_still_found() -> None:
    spare_what_stays()
    assert (gc.isenabled(), gc.get_threshold()) == (True, THRESHOLDS)
    before = Ring.left
    for _ in range(2 * THRESHOLDS[0]):
        Ring()
    assert Ring.left - before < THRESHOLDS[0] + 100
