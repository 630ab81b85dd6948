"""Tests of `app/models`."""
