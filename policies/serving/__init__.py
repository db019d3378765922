"""From an analyzer request to a verdict: evaluation, exceptions, the guard at registration, the roll-out, the SDK."""
