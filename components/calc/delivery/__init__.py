"""What pipelines build, keep and hand over."""
