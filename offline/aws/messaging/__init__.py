"""Amazon SNS and Amazon SQS."""
