"""gate.html, the page of gate.json: one file that needs no network, readable without scripts."""
