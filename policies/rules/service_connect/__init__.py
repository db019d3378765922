"""Service Connect and request timeouts"""
