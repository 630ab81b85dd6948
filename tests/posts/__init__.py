"""Tests of `app/posts`."""
