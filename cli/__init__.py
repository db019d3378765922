"""The commands of ./run: they start the engine and render its events."""
