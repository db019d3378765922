"""The network: security group rules, subnets and routes."""
