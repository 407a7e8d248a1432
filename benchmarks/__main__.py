"""All benchmarks, each in a process of its own, with its table: python -m benchmarks [name …]."""

from __future__ import annotations

import subprocess
import sys
import time

ALL = (
    *("matching_quality", "matching_held_out", "matching_paraphrase", "matching_speed"),
    *("commands", "reply", "messengers", "desk"),
)


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all of them."""
    unknown = sorted(set(names) - set(ALL))
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(ALL)}")
    missed = []
    for name in names or ALL:
        print(f"\n== {name}", flush=True)
        start = time.perf_counter()
        if subprocess.run([sys.executable, "-m", f"benchmarks.{name}"]).returncode:
            missed.append(name)
        print(f"-- {name}: {time.perf_counter() - start:.0f} s", flush=True)
    if missed:
        sys.exit(f"a goal was missed, or it failed: {', '.join(missed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
