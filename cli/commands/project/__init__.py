"""The commands of ./run that are about the project and this machine, not about what runs in one stage."""
