"""Two stages side by side: variables and settings by service, what differs by intent and what by accident."""
