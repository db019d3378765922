"""Who opens connections on which database, and the budget that follows."""
