"""``python launcher.py FILE PROGRAM ...``: runs a program and writes its time and memory to a file.

The system counts the size of the process that starts a program as memory of that program, so this
one imports hardly anything.  See ``child``.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> None:
    """Run the program to its end."""
    file, *command = sys.argv[1:]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    # Not process.wait(): only wait4 reports the memory of this child alone.
    _, status, usage = os.wait4(pid, 0)
    found = {
        "seconds": time.perf_counter() - start,
        "peak_memory": usage.ru_maxrss * 1024,
        "code": os.waitstatus_to_exitcode(status),
    }
    with open(file, "w") as out:  # noqa: PTH123
        json.dump(found, out)


if __name__ == "__main__":
    main()
