"""A lock that is given in the order it was asked for: nobody is passed over."""

from __future__ import annotations

import threading
from collections import deque


class Turns:
    """Whose turn it is. A plain lock may go to whoever asks again at the right moment, and a
    delivery that waits to be stored would be passed over by workers for as long as that lasts.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._line: deque[threading.Lock] = deque()

    def acquire(self, timeout: float) -> bool:
        """Wait for our turn, so many seconds at most; False when it did not come."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Lock()
            called.acquire()
            self._line.append(called)
        if called.acquire(timeout=timeout):
            return True
        with self._guard:
            if called not in self._line:
                return True  # it came at the last moment
            self._line.remove(called)
            return False

    def release(self) -> None:
        """Call the next one in line."""
        with self._guard:
            if self._line:
                self._line.popleft().release()
            else:
                self._taken = False
