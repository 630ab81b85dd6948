"""Folding within a page: a run of somebody's own thread, and several reposts of one post, are one entry each."""
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.models import Post, User


@dataclass
class Entry:
    """What stands at one place of a list: a post, perhaps a repost, and the ids of what is folded into it."""

    posts: list[Post] = field(default_factory=list)

    @property
    def post(self) -> Post:
        """What is shown: of a thread its first post on the page, else the newest."""
        return self.posts[0] if self.is_passed_on else self.posts[-1]

    @property
    def is_passed_on(self) -> bool:
        return self.posts[0].repost_of_id is not None

    @property
    def by(self) -> list[User]:
        """Who passed the post on, the latest first."""
        return [post.author for post in self.posts if post.repost_of_id is not None]

    @property
    def more(self) -> int:
        """How many posts of a thread are not shown."""
        return 0 if self.is_passed_on else len(self.posts) - 1

    @property
    def others(self) -> list[int]:
        """The ids that are on the page without being seen."""
        return [post.id for post in self.posts if post is not self.post]


def fold(posts: Sequence[Post]) -> dict[int, Entry]:
    """The entries of a page, newest first, by the ids of the posts in whose place they stand."""
    runs: dict[tuple, Entry] = {}
    for post in posts:
        runs.setdefault(_run_of(post), Entry()).posts.append(post)
    for entry in [entry for entry in runs.values() if entry.is_passed_on]:
        original = entry.posts[0].original
        alone = runs.get(_run_of(original)) if original is not None else None
        if alone is not None and [post.id for post in alone.posts] == [entry.posts[0].repost_of_id]:
            entry.posts += alone.posts
            alone.posts = []
    return {entry.posts[0].id: entry for entry in runs.values() if entry.posts}


def _run_of(post: Post) -> tuple:
    """What belongs together: the reposts of one post, or a thread as far as its author answers themselves."""
    if post.repost_of_id is not None:
        return 'reposts', post.repost_of_id
    if post.parent_id is not None and post.parent_author_id != post.user_id:
        return 'answer', post.id
    return 'thread', post.root_id or post.id, post.user_id
