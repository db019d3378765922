"""IAM documents, as canonical JSON."""
