"""Databases"""
