"""The connection budget for people: what enforces it at the server."""
