"""What takes minutes: measurements and faults, tried on a site that runs as its readers meet it."""
