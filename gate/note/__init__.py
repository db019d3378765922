"""The note of a merge request, from gate.json."""
