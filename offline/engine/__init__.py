"""The embedded Pulumi engine: runs a program and its policy pack with neither the CLI nor an account."""
