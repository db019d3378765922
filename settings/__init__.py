"""Settings of a stage: frozen models, one reader of Pulumi's configuration, errors for people."""
