"""What people run without a cloud: nothing here is needed by `pulumi up`."""
