"""The gate: the engine's events, of the real engine or the offline one, and what they say about a run."""
