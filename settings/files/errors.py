"""The error of everything that a command is started with: files, names, options."""

from __future__ import annotations


class UsageError(Exception):
    """The files or names that a command was started with are wrong (exit code 2); nothing was started. A whole sentence."""
