"""Makes .venv from a lock file with hashes: standard library only, since it runs before anything is installed.

One process at a time builds (a lock on the project's directory); the others wait and then find it ready. A marker file
stands in .venv while it is being filled, so an interrupted build is recognised and made anew. Everything is printed on
standard error: `./run preview --json` keeps standard output for events, on the first run too.
"""

from __future__ import annotations

import fcntl
import filecmp
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNTIME_LOCK = "requirements.txt"
MARKER = ".incomplete"
PIP_OPTIONS = (
    "--require-hashes",
    "--no-deps",  # the lock is complete
    "--no-compile",  # pulumi-aws has thousands of modules; Python compiles the few that are used
    "--disable-pip-version-check",
    "--no-input",
    "--progress-bar=off",
)


_PINNED = re.compile(r"\s*(#.*)?|[A-Za-z0-9._\[\],-]+==[^\s@/]+( ?;[^\\@/]*)? ?\\?|\s+--hash=sha256:[0-9a-f]{64} ?\\?")
"""What a lock line may say."""


class BootstrapError(Exception):
    """Why there is no .venv, in words for the person who ran the command."""


def is_ready(venv: Path, lock: Path) -> bool:
    """Whether .venv was completely installed from exactly this lock file."""
    stamp = venv / f".{lock.name}"
    return (
        os.access(venv / "bin" / "python", os.X_OK)
        and not (venv / MARKER).exists()
        and stamp.is_file()
        and filecmp.cmp(lock, stamp, shallow=False)
    )


def count_packages(lock: Path) -> int:
    """How many packages a lock file pins."""
    return sum(1 for line in lock.read_text("utf-8").splitlines() if re.match(r"[A-Za-z0-9]", line))


def say(text: str, *, end: str = "\n") -> None:
    """Prints a line of progress."""
    print(text, end=end, file=sys.stderr, flush=True)


def require_venv_module() -> None:
    """Refuses a Python that Debian delivers without its venv parts, naming the package."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise BootstrapError(
            f"{sys.executable} has no venv or ensurepip module, so no .venv can be made.\n"
            f"  Debian and Ubuntu: apt install python3-venv   (or python{version}-venv)"
        )


def create(venv: Path) -> None:
    """Makes an empty environment, with the marker inside from its first moment."""
    shutil.rmtree(venv, ignore_errors=True)
    venv.mkdir(parents=True)
    (venv / MARKER).touch()
    done = subprocess.run([sys.executable, "-m", "venv", str(venv)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise BootstrapError(f"python -m venv failed:\n{(done.stdout + done.stderr).strip()}")


def install(venv: Path, lock: Path, *more: str) -> None:
    """Installs what the lock file pins and shows how far it is. more: options of pip."""
    total = count_packages(lock)
    command = [str(venv / "bin" / "python"), "-m", "pip", "install", *PIP_OPTIONS, *more, "-r", str(lock)]
    environment = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME"}}
    live = sys.stderr.isatty()
    with subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace"
    ) as pip:
        output: list[str] = []
        fetched = 0
        for line in pip.stdout or ():
            output.append(line.rstrip())
            if line.startswith(("Collecting ", "Requirement already satisfied")):
                fetched += 1
                name = line.split()[1 if line.startswith("C") else 3].split("==")[0]
                if live:
                    say(f"\r  {fetched}/{total} {name:<48}", end="")
                elif fetched % 20 == 0:
                    say(f"  {fetched}/{total}")
            elif line.startswith("Installing collected"):
                say(("\r" if live else "") + f"  {total}/{total} fetched, installing{'':<40}")
    if pip.returncode:
        tail = "\n".join(f"  {line}" for line in output[-12:])
        raise BootstrapError(
            f"pip could not install {lock.name}:\n{tail}\n"
            "  Run the same command again when the package registry can be reached; it starts where nothing is half done."
        )


def prepare(lock_name: str) -> None:
    """Brings .venv to what the lock file says, or raises BootstrapError."""
    lock, venv = ROOT / lock_name, ROOT / ".venv"
    directory = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another ./run is preparing .venv; waiting for it.")
            fcntl.flock(directory, fcntl.LOCK_EX)
        if is_ready(venv, lock):
            return
        require_venv_module()
        runtime = ROOT / RUNTIME_LOCK
        if lock == runtime or not is_ready(venv, runtime):
            say(f"Preparing .venv from {lock.name} ({count_packages(lock)} packages); once, until the lock changes.")
            create(venv)
        else:
            say(f"Adding the packages for tests and checks to .venv ({lock.name}).")
            (venv / MARKER).touch()
        install(venv, lock)
        # The lock for tests holds the program's packages at the same versions.
        for name in {lock.name, RUNTIME_LOCK}:
            shutil.copyfile(ROOT / name, venv / f".{name}")
        (venv / MARKER).unlink()
    finally:
        os.close(directory)


def prepare_for_program(lock: Path) -> Path:
    """The interpreter of another project's program: this one where the lock is the same, else one with what that lock pins.

    Installing runs nothing of the packages: wheels only, and a lock that says anything but versions and hashes is refused.
    """
    if lock.is_file() and filecmp.cmp(lock, ROOT / RUNTIME_LOCK, shallow=False):
        return Path(sys.executable)
    venv = ROOT / ".venv-program"
    try:
        odd = [line for line in lock.read_text("utf-8").splitlines() if not _PINNED.fullmatch(line)]
    except (OSError, UnicodeDecodeError) as error:
        raise BootstrapError(f"{lock} cannot be read: {error}") from None
    if odd:
        raise BootstrapError(
            f"{lock}: {odd[0].strip()[:100]!r} is neither a version, a hash nor a comment, so it is not installed.\n"
            "  Make it with pip-compile --generate-hashes, without options and addresses."
        )
    if not is_ready(venv, lock):
        say(f"Preparing .venv-program from {lock} ({count_packages(lock)} packages).")
        create(venv)
        install(venv, lock, "--only-binary=:all:")
        shutil.copyfile(lock, venv / f".{lock.name}")
        (venv / MARKER).unlink()
    return venv / "bin" / "python"


def main() -> int:
    """Entry point: the lock file's name is the only argument."""
    try:
        prepare(sys.argv[1])
    except BootstrapError as error:
        say(f"error: {error}")
        return 1
    except OSError as error:
        say(f"error: .venv cannot be made in {ROOT}: {error}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted while preparing .venv; the next ./run makes it anew.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
