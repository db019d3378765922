"""The gate: the engine's events, of the real engine or the offline one, and what is made of them for a merge request."""
