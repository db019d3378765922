"""What a run shows: the model made from its events, and the screens for people and for programs."""
