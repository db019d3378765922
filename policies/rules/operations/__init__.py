"""Housekeeping and costs"""
