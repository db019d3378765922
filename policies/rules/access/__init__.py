"""Access, secrets and isolation of stages"""
