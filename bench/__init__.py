"""Measurements of this project, started by `./run bench`. Nothing here asserts: machines differ."""
