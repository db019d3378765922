"""IAM: policy documents as statements, and which conditions limit them."""
