"""What search knows of a post, and how it learns of every change: with the post, in the same transaction."""
from collections.abc import Iterator

import sqlalchemy as sa

from app import search
from app.models import Post, username_key
from app.search.folding import FLAG, fold
from app.search.query import by_author, with_tag
from app.text.counting import url_spans
from app.text.scanning import names, tags

_CONTENT = ('body', 'language', 'user_id', 'visibility')


def document(body: str, language: str, user_id: int) -> list[str]:
    """The tokens of a post in their order: what is known of it as flags, then its words. Phrases never meet a flag.

    Flags: __by_<id of the author>, __lang_<language without region>, __link, __at_<username_key> for each name,
    __tag_<tag_key> for each tag.
    """
    return [*_flags(body, language, user_id), *fold(body)]


def _flags(body: str, language: str, user_id: int) -> Iterator[str]:
    yield from by_author(user_id).tokens
    if language:
        yield f'{FLAG}lang_{language.lower().partition("-")[0].partition("_")[0]}'
    if next(url_spans(body), None):
        yield f'{FLAG}link'
    yield from (f'{FLAG}at_{username_key(name)}' for name in names(body))
    yield from {token: None for tag in tags(body) for token in with_tag(tag).tokens}


@sa.event.listens_for(Post, 'after_insert')
def _added(mapper, connection, post: Post) -> None:
    search.engine().post_added(connection, post)


@sa.event.listens_for(Post, 'after_update')
def _changed(mapper, connection, post: Post) -> None:
    state: sa.orm.InstanceState = sa.inspect(post)
    if any(state.attrs[name].history.has_changes() for name in _CONTENT):
        search.engine().post_changed(connection, post)


@sa.event.listens_for(Post, 'after_delete')
def _deleted(mapper, connection, post: Post) -> None:
    search.engine().post_deleted(connection, post)
