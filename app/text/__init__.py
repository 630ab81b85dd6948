"""What people write: cleaned, counted and shown. Pure functions: no request, no database."""
