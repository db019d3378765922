"""What runs: services, batch jobs, and what they are made of."""
