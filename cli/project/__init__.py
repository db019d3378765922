"""What commands say about the project itself: its policies and settings, as lists and documents, and this machine."""
