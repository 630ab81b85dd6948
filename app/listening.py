"""Listeners at classes of SQLAlchemy's own, which end with the modules that they come from.

At a reload (`deploy/gunicorn.conf.py`) these modules are read anew while SQLAlchemy stays: the functions of the release
before would go on listening beside the new ones, and of two that connect to a database the first decides.
"""
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import event

F = TypeVar('F', bound=Callable[..., Any])

_listening: list[tuple[Any, str, Callable[..., Any]]] = []


def listens_for(target: Any, name: str) -> Callable[[F], F]:
    """SQLAlchemy's decorator of this name, for what can be ended."""
    def begin(function: F) -> F:
        event.listen(target, name, function)
        _listening.append((target, name, function))
        return function
    return begin


def end() -> None:
    """Let nobody listen any more."""
    while _listening:
        event.remove(*_listening.pop())
