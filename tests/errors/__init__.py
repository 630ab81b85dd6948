"""Tests of `app/errors`."""
