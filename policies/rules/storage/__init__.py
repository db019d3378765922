"""Storage, queues, images and keys"""
