# SPDX-License-Identifier: AGPL-3.0-or-later
"""The leash: limits itself, binds its life to its parent's, and becomes another program.

Run as a script: ``python leash.py PARENT_PID MEMORY_BYTES CPU_SECONDS FILE_BYTES PROGRAM ARGUMENT…``. A small
program of its own, because code between fork and exec inside a process of many threads may hang for ever.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Put on the limits, then become the program."""
    parent, memory_bytes, cpu_seconds, file_bytes = (int(word) for word in arguments[:4])
    _die_with(parent)
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_CPU, cpu_seconds)
    _limit(resource.RLIMIT_CORE, 0)
    # Complaints beyond the limit are lost, and the program goes on.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    os.execv(arguments[4], arguments[4:])  # noqa: S606 - no shell is what we want


def _die_with(parent: int) -> None:
    """Ask Linux to kill us when our parent ends; elsewhere the parent's own time limit has to do."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have ended before we asked.
    if os.getppid() != parent:
        sys.exit(1)


def _limit(which: int, most: int) -> None:
    """Lower a limit; never ask for more than we were given."""
    _, hard = resource.getrlimit(which)
    allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
    # macOS knows no limit of the address space.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(which, (allowed, allowed))


if __name__ == "__main__":
    main(sys.argv[1:])
