"""Tests of Microblog: `python -m unittest` runs them all."""
