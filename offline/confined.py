"""Starts a command that dies with its parent, confined where asked: `python -I -S confined.py PARENT_PID WRITABLE... -- COMMAND...`.

Confined means by Landlock, the kernel's own (since 5.13), for the command and all that it starts: it writes nowhere but below
WRITABLE, opens no TCP connection (since 6.7), signals nobody outside (since 6.12), and reads neither memory nor open files of
any other process. Without WRITABLE only the last two hold, which no ordinary program notices.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
import sys
from collections.abc import Sequence

UNCONFINED = 125
"""The exit code where the kernel cannot confine and the command may not run without that."""
_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every architecture
_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38  # linux/prctl.h
# linux/landlock.h: WRITE_FILE and REMOVE_DIR to MAKE_SYM; then REFER (2), TRUNCATE (3).
_WRITE_FILE, _WRITE = 1 << 1, 0b1_1111_1111_0010
_SINCE = ((2, 1 << 13), (3, 1 << 14))
_MAKE_BLOCK = 1 << 11  # there must be something that is handled: no ordinary program makes a block device
_CONNECT_TCP, _SCOPES = 1 << 1, 0b11
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty")


def abi() -> int:
    """The version of Landlock that this kernel offers; 0 without it."""
    if sys.platform != "linux":
        return 0
    return max(ctypes.CDLL(None).syscall(_CREATE, None, 0, 1), 0)


def confine(writable: Sequence[str], *, version: int) -> None:
    """Confine this process. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(number: int, *arguments: object) -> int:
        result: int = libc.syscall(number, *arguments)
        if result < 0:
            raise OSError(ctypes.get_errno(), "the kernel refuses to confine the program")
        return result

    files = _MAKE_BLOCK
    if writable:
        files = _WRITE | sum(right for since, right in _SINCE if version >= since)
    network = _CONNECT_TCP if writable and version >= 4 else 0
    attributes = struct.pack("=QQQ", files, network, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = call(_CREATE, attributes[:size], ctypes.c_size_t(size), 0)
    for path, rights in (
        *((path, files) for path in writable),
        *((path, files & (_WRITE_FILE | 1 << 14)) for path in _DEVICES),
    ):
        if not writable:
            break
        with contextlib.suppress(FileNotFoundError):
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            call(_ADD_RULE, ruleset, 1, struct.pack("=Qi", rights, place), 0)
            os.close(place)
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the kernel refuses to confine the program")
    call(_RESTRICT, ruleset, 0)
    os.close(ruleset)


def main() -> None:
    """Become the command. Ends with UNCONFINED and a sentence where it would have to run unconfined."""
    parent, *rest = sys.argv[1:]
    cut = rest.index("--")
    writable, command = rest[:cut], rest[cut + 1 :]
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)  # kept over exec
    if os.getppid() != int(parent):
        return
    version = abi()
    try:
        if version:
            confine(writable, version=version)
        elif writable:
            raise OSError(0, "it has no Landlock (Linux 5.13 or newer, switched on, allowed in a container)")
    except OSError as error:
        if writable:
            print(f"this kernel cannot confine the program: {error.strerror}", file=sys.stderr)
            sys.exit(UNCONFINED)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
