"""Change as a baseline and a stack show it: what goes on, what goes, what AWS has once, and what is away meanwhile."""
