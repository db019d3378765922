"""What a secret looks like: by its shape, by its name and value, and in the text around it. Pure; everyone may import it."""
