"""What the schemas of reports say of an object, written short."""

from typing import Any


def an_object(*required: str, **properties: Any) -> dict[str, Any]:
    """The schema of an object with these properties, of which some are required."""
    return {"type": "object", "required": list(required), "properties": properties}
