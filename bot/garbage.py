"""What the garbage collector is told: at the start of a command, and once everything is loaded."""

from __future__ import annotations

import gc

# A search makes thousands of objects and drops nearly all of them again. By default (700, 10, 10)
# they were looked through at every third to tenth search, .2 to .4 ms of each in all. So many
# must be left over now before any are looked at, which takes about ten milliseconds; with many
# more it would hold up an answer.
THRESHOLDS = (10_000, 20, 50)


def look_rarely() -> None:
    """Look for garbage rarely from now on. Loading a program makes hundreds of thousands of
    objects, and all of them stay: looking through them took a tenth of the time it needs."""
    gc.set_threshold(*THRESHOLDS)


def spare_what_stays() -> None:
    """Leave word lists and tables alone from now on, and look for garbage rarely: walking over
    them would hold up an answer."""
    gc.collect()
    gc.freeze()
    look_rarely()
