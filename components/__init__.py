"""The component resources of one stage's container platform."""
