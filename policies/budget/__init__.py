"""The connection budget: pure arithmetic, numbers in, verdict out; no cloud, no Pulumi, no input or output."""
