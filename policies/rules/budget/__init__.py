"""Connection budget"""
