"""The files that settings are written in: Pulumi.yaml, a stage's file and the env files, read for people."""
