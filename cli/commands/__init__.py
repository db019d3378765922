"""The commands of ./run, one a file: `./run NAME` is NAME.py, which has its options and what it runs."""
