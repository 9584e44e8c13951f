# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cradle of a child process: ties it to its parent's life, then becomes the program it is to run.

Run as a file by ``podcasts.serve``, before the program: ``python -I -S child.py PARENT_PID PROGRAM …``.
A child so tied is killed by the kernel when its parent dies, however it dies (Linux, prctl(2)
PR_SET_PDEATHSIG, which outlives execve). Elsewhere the tie is missing and the rest works the same.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to kill this process when its parent ends; end at once where it has ended already.

    Args:
        parent_pid: the process that started this one, as it knows itself.

    Raises:
        SystemExit: the parent is gone.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        raise SystemExit(1)


def main(arguments: list[str]) -> None:
    """Become the program that the arguments name, tied to its parent and deaf to the terminal's Ctrl-C.

    Ctrl-C reaches every process of the group at once; only the supervisor answers it, and stops its children
    in good order. An ignored signal stays ignored through execve, and Python leaves it so.
    """
    parent_pid, *command = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(int(parent_pid))
    os.execv(command[0], command)  # noqa: S606 - becoming another program without a shell is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
