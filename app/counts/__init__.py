"""Where hits on limits are counted: storages like those of the `limits` library, whose own is that in Redis."""
