"""Entry point of ./run: finds the project wherever it is called from, then hands over to the commands."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Started by path, Python puts this folder first; the project and its policy pack belong there instead.
sys.path[:1] = [str(ROOT), str(ROOT / "policies")]

from tools.cli.main import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
