"""Turns come in the order they were asked for, and none gets lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from knowledge_base.store.turns import Turns

LONG = 60.0


def until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.001)


def test_who_asked_first_is_first() -> None:
    turns, order = Turns(), []

    def take(name: int) -> None:
        assert turns.acquire(LONG)
        order.append(name)
        turns.release()

    assert turns.acquire(LONG)
    threads = [threading.Thread(target=take, args=(name,)) for name in range(5)]
    for name, thread in enumerate(threads):
        thread.start()
        until(lambda so_many=name + 1: len(turns._line) == so_many)
    turns.release()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_who_gives_up_is_not_called() -> None:
    turns = Turns()
    assert turns.acquire(LONG)
    assert not turns.acquire(0.01)
    turns.release()
    assert turns.acquire(0.01)


def test_never_two_at_once_and_everybody_in_the_end() -> None:
    turns, inside, most, done = Turns(), [], [], []

    def work() -> None:
        for _ in range(200):
            if turns.acquire(0.0005):
                inside.append(1)
                most.append(len(inside))
                inside.pop()
                turns.release()
        done.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (max(most), len(done)) == (1, 8)
    assert turns.acquire(0.01)
