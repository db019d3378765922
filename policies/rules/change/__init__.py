"""Change: what a deployment makes of what is there"""
