"""How far a post reaches: who may read it, and who may answer it."""
from enum import IntEnum


class Visibility(IntEnum):
    """Who may read a post, from the widest to the narrowest; whoever is mentioned in it and its author always may."""

    PUBLIC = 0
    UNLISTED = 1  # everybody who comes across it, but neither explore nor search shows it
    FOLLOWERS = 2
    MENTIONED = 3


class RepliesFrom(IntEnum):
    """Who may answer a post, besides its author."""

    EVERYONE = 0
    FOLLOWERS = 1
    FOLLOWED = 2  # people whom the author follows
    MENTIONED = 3
    NOBODY = 4
