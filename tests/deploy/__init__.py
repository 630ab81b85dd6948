"""Tests of what starts and serves the site."""
