"""The pipeline on this machine: every stage of a delivery with real parts, into the offline AWS."""
