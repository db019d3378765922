"""What AWS has now, taken into the records: what a pipeline or autoscaling changed since the program ran last."""

from __future__ import annotations

from dataclasses import replace

from offline.engine.errors import ResourceError
from offline.engine.provider import Provider
from offline.engine.record import ResourceRecord
from offline.engine.urn import PROVIDER_PREFIX
from offline.properties import Properties, keep_secrets, plain


def refreshed(record: ResourceRecord, provider: Provider) -> ResourceRecord | None:
    """The record with AWS's present values in its outputs, and in those inputs that they contradict; None: it is gone.

    Raises ResourceError.
    """
    if not record.custom or record.type.startswith(PROVIDER_PREFIX):
        return record
    inputs, outputs = plain(record.inputs), plain(record.outputs)
    try:
        found = provider.read(record.type, record.urn, record.id, inputs, outputs)
    except Exception as error:
        raise ResourceError(record.urn, f"{record.name} cannot be read: {error}") from error
    if found is None:
        return None
    if found.id == record.id and found.outputs == outputs:
        return record
    now = found.inputs_now(inputs, outputs)
    kept: Properties = keep_secrets(keep_secrets(found.outputs, record.outputs), record.inputs)
    return replace(record, id=found.id, inputs=keep_secrets(now, record.inputs), outputs=kept)
