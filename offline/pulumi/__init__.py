"""Runs the real Pulumi engine offline: the CLI, this process's program, the pack by Pulumi's own means, the offline AWS as its plugin."""
