"""What runs inside the pipeline and behind `./run verify` and `rehearse`: the standard library and boto3, nothing else."""
