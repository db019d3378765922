"""What runs in a Fargate task, and when it starts and stops."""
