"""What a container states of its pools and processes, in variables, URLs and commands."""
