"""Which parts of the world a test needs, and on which of the passes over the databases it runs."""
import os
import unittest
from collections.abc import Callable
from typing import TypeVar

T = TypeVar('T')


def once_only(test: T) -> T | None:
    """Leave a test case out of the passes on the database servers: browser, page quality, deployment.

    The name is then bound to nothing, so that the case is neither run nor counted; do not inherit from it.
    """
    return None if os.environ.get('TEST_DATABASE_URL') else test


def needs(name: str, available: object, sentence: str) -> Callable[[T], T]:
    """Skip a test on a machine that lacks a part, with the sentence that says how to get it; CI may lack none."""
    if available:
        return lambda test: test
    if os.environ.get('CI') == 'true':
        raise RuntimeError(f'CI needs {name}: {sentence}')
    return unittest.skip(f'{name} is missing: {sentence}')
