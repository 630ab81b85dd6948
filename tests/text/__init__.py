"""What people write: cleaned, counted and shown."""
