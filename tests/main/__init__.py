"""Tests of `app/main`."""
