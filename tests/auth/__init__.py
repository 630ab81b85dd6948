"""Tests of `app/auth`."""
