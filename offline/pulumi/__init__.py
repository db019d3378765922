"""The real Pulumi engine, offline: built from its Go module, or the CLI that is on PATH."""
