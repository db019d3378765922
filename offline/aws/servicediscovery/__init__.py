"""AWS Cloud Map."""
