"""Retention: what runs, and what is needed to return, stays"""
