"""The program of a run: in a process of its own, asked and answered over one socket."""
