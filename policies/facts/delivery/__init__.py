"""What a delivery is made of: pipelines, and the events that start and report them."""
