"""Amazon EC2: the network and its security groups."""
