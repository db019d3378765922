"""The raw stack: resources by type and id, three-valued reading of their properties, and what refers to what."""
