"""What commands do with one stage: run it, verify it, deliver to it, store its secrets, start its jobs."""
