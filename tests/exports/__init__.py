"""Tests of taking one's data along."""
