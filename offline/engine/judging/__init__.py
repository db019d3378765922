"""Hosts the policy pack: its process, its configuration, and what it is asked at each resource and at the end."""
