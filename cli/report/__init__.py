"""What a run shows: the screens for people and for programs."""
