"""How requests find their service."""
