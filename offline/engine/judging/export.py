"""Gives the pack what is recorded as `pulumi stack export` would: a policy is given new values only, never the old ones."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Generator, Iterable
from pathlib import Path

from offline.engine.record import ResourceRecord
from offline.properties import shown


@contextlib.contextmanager
def exported(records: Iterable[ResourceRecord]) -> Generator[Path | None]:
    """A file with the records, secrets blinded, for as long as the pack runs; None where nothing is recorded."""
    resources = [
        {
            "urn": record.urn,
            "type": record.type,
            "custom": record.custom,
            "id": record.id,
            "delete": record.pending_delete,
            "inputs": shown(record.inputs),
            "outputs": shown(record.outputs),
            "propertyDependencies": record.property_dependencies,
        }
        for record in records
    ]
    if not resources:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="export-") as directory:
        path = Path(directory) / "stack.json"
        path.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}), encoding="utf-8")
        yield path
