"""Why a rehearsal ended early, for people."""

from __future__ import annotations


class RehearsalError(Exception):
    """A rehearsal cannot go on; the message is complete and is shown without a traceback."""


class MissingProgramError(RehearsalError):
    """A program that the rehearsal needs is not installed; `package` is Debian's package of it."""

    def __init__(self, program: str, *, package: str, purpose: str) -> None:
        super().__init__(f"{program} is missing: it {purpose}. Debian: apt install {package}")
        self.package = package


class CommandError(RehearsalError):
    """A command failed; it, its exit status and the end of its output are in the message."""

    def __init__(self, where: str, *, command: str, exit_status: int, output: str) -> None:
        said = "".join(f"\n    {line}" for line in output.splitlines()[-_LINES_SHOWN:]) or " nothing"
        super().__init__(f"{where}\n  command: {command}\n  exit status: {exit_status}\n  output:{said}")
        self.exit_status = exit_status


_LINES_SHOWN = 20
