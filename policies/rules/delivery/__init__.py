"""Delivery"""
