"""`./run gate`: previews judged, written as gate.json and everything that is made of it."""
