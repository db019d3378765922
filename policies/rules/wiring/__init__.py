"""Wiring: what names another resource names the right one"""
