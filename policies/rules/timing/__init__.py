"""Time: what AWS waits for fits what a request and a start need"""
