"""Where hits on limits are counted: storages for the `limits` library, beside the one it has for Redis."""
