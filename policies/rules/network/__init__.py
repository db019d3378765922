"""Network and load balancers"""
