"""Services, tasks and containers"""
