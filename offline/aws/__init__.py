"""The offline AWS: Pulumi resource types answered by boto3 requests against moto, in process, without a network."""
