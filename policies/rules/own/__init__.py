"""Your own policies"""
