"""Elastic Load Balancing, version 2."""
