"""Where the note is shown: GitLab, GitHub, and a deployment's outcome in it."""
