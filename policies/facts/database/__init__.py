"""Databases: what each admits and keeps back, its parameter groups, engines and their support."""
