"""Tests of `app/admin`."""
