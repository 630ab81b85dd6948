"""What starts the site: checks, preparations and the settings of gunicorn."""
