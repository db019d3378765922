"""What a stack says, typed and read once: the only room that knows raw properties of AWS's resources."""
