"""The policy pack's package: what the policies are, what they read, and how they judge."""
