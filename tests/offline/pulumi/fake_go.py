"""A Go of the tests' own: a shell script that answers `go version` and "builds" by what the test says."""

from pathlib import Path

from offline.pulumi.versions import cli_to_build

BUILDS = f"""\
echo "go: downloading example.com/a v1.0.0"
echo "go: downloading example.com/b v1.0.0"
echo example.com/a/b-c
printf '#!/bin/sh\\necho v{cli_to_build()}\\n' > "$output"
chmod +x "$output"
"""


class FakeGo:
    """Stands alone on PATH, in `folder`; what it was called with is in `called`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"PATH": str(folder), "HOME": str(folder)}
        self._log = folder / "called"
        folder.mkdir()
        self.does(BUILDS)

    def does(self, script: str, *, version: str = "1.99.0") -> None:
        """Take this script for `go build`: $output is the executable to make, $GOTMPDIR its temporary folder."""
        self.program(
            "go",
            f"""\
PATH=/usr/bin:/bin
if [ "$1" = version ]; then echo "go version go{version} linux/amd64"; exit; fi
echo "$@ | $GOTOOLCHAIN $GOWORK $GOOS | $PWD" >> {self._log}
while [ "$1" != -o ]; do shift; done
output=$2
{script}""",
        )

    def program(self, name: str, script: str) -> Path:
        """Put another program beside it."""
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    @property
    def called(self) -> list[str]:
        """The arguments of each `go build`, some of its environment, and where it ran."""
        return self._log.read_text().splitlines() if self._log.exists() else []
