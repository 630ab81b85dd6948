"""Who may answer a post."""
from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from app.models import RepliesFrom, Visibility

REASONS = {
    RepliesFrom.FOLLOWERS: _l('Only people who follow its author can reply to this post.'),
    RepliesFrom.FOLLOWED: _l('Only people whom its author follows can reply to this post.'),
    RepliesFrom.MENTIONED: _l('Only people whom it mentions can reply to this post.'),
    RepliesFrom.NOBODY: _l('Nobody can reply to this post.'),
}


class Standing(NamedTuple):
    """A post as it is now, and what somebody is to its author."""

    visibility: int
    replies_from: int
    is_own: bool
    follows: bool
    is_followed: bool
    is_mentioned: bool
    is_private: bool  # whoever would answer

    @property
    def widest(self) -> int:
        """How far an answer may reach at most."""
        return max(self.visibility, Visibility.FOLLOWERS if self.is_private else Visibility.PUBLIC)


def objection(standing: Standing) -> str | None:
    """Why somebody may not answer a post, in words; None when they may."""
    may = {RepliesFrom.EVERYONE: True, RepliesFrom.FOLLOWERS: standing.follows,
           RepliesFrom.FOLLOWED: standing.is_followed, RepliesFrom.MENTIONED: standing.is_mentioned}
    if standing.is_own or may.get(RepliesFrom(standing.replies_from), False):
        return None
    return REASONS[RepliesFrom(standing.replies_from)]
