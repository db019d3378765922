"""moto in this process, and what it lacks or drops, service by service: the only place that imports it."""
