"""The policies: one function each, with what it asks for, why, how severe, how to fix and from which level on."""
