"""A stand-in for the Pulumi CLI: writes the events that a test prepares, and notes what it was started with."""

import json
import sys
from pathlib import Path
from typing import Any

SCRIPT = """
import json, os, sys
from pathlib import Path

folder, arguments = Path(__file__).parent, sys.argv[1:]
with (folder / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps({"arguments": arguments, "environment": dict(os.environ)}) + "\\n")
prepared = folder / f"{arguments[0]}.json"
if not prepared.exists():
    print("{}")
    sys.exit(0)
says = json.loads(prepared.read_text())
if "--event-log" in arguments:
    Path(arguments[arguments.index("--event-log") + 1]).write_text("".join(json.dumps(e) + "\\n" for e in says["events"]))
print(says["text"], file=sys.stderr)
sys.exit(says["code"])
"""


class FakeCli:
    """An executable `pulumi` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.path = folder / "pulumi"
        self.path.write_text(f"#!{sys.executable} -IS{SCRIPT}")
        self.path.chmod(0o755)
        self.heard: list[dict[str, Any]] = []

    def says(self, verb: str, *events: dict[str, Any], code: int = 0, text: str = "") -> None:
        """Prepare how a command ends."""
        content = {"events": events, "code": code, "text": text}
        (self.folder / f"{verb}.json").write_text(json.dumps(content))

    def fails(self, verb: str, text: str) -> None:
        """Prepare a command that is refused."""
        self.says(verb, code=255, text=text)

    def calls(self, verb: str) -> list[dict[str, Any]]:
        """What a command was started with, each time."""
        path = self.folder / "calls.jsonl"
        found = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [call for call in found if call["arguments"][0] == verb]
