"""AWS Resource Groups."""
