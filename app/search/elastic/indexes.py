"""Which indexes there are: `PREFIX.posts` is asked, `PREFIX.next` is being filled; both are aliases.

The index behind an alias has a number. A new one is filled beside the old one, gets every change as well, and then
takes its place in one step. Where there is none to keep, both names mean the new one while it is filled.
"""
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app

from app.search import SearchDown

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

VERSION = 1  # of the mapping and of what is stored
MAPPINGS = {
    'dynamic': 'strict',
    '_meta': {'microblog': VERSION},
    '_source': {'enabled': False},  # the table has it
    'properties': {
        'id': {'type': 'long'},
        'words': {'type': 'text', 'analyzer': 'whitespace', 'norms': False,
                  'index_prefixes': {'min_chars': 1, 'max_chars': 4}},
        'sum': {'type': 'integer', 'index': False},  # of the words, to compare them
    },
}
SETTINGS = {'index': {'number_of_shards': 1, 'auto_expand_replicas': '0-1', 'refresh_interval': '1s',
                      'sort.field': 'id', 'sort.order': 'desc'}}  # so that a walk from the newest on ends early


@dataclass(frozen=True)
class Index:
    """One of ours, or one that has a name of ours."""

    name: str
    uuid: str
    version: int  # 0: not made by this application
    aliases: frozenset[str]


@dataclass(frozen=True)
class Indexes:
    """What there is at one moment; `current` is asked, `coming` is being filled."""

    current: Index | None
    coming: Index | None
    last_number: int
    strangers: tuple[Index, ...]  # that have a name of ours as well

    @property
    def is_lost(self) -> bool:
        """True while there is none of ours to ask."""
        return self.current is None or not self.current.version

    @property
    def is_filling(self) -> bool:
        """True while the index that is asked does not hold everything."""
        return self.current is not None and self.current == self.coming

    @property
    def targets(self) -> list[str]:
        """The aliases through which every change goes, each index once."""
        return [posts_alias()] if self.coming in (None, self.current) else [posts_alias(), next_alias()]


def posts_alias() -> str:
    """The name that is asked."""
    return f'{current_app.config["ELASTICSEARCH_INDEX"]}.posts'


def next_alias() -> str:
    """The name of the index that is being filled."""
    return f'{current_app.config["ELASTICSEARCH_INDEX"]}.next'


def look(client: 'Elasticsearch') -> Indexes:
    """What there is now, in one request."""
    answer = client.indices.get(index=f'{current_app.config["ELASTICSEARCH_INDEX"]}.*', expand_wildcards='open,hidden',
                                filter_path='*.aliases,*.mappings._meta,*.settings.index.uuid')
    found = list(_read(answer.body))
    current = _called(posts_alias(), found)
    coming = _called(next_alias(), found)
    return Indexes(current[0] if current else None, coming[0] if coming else None, max(map(_number, found), default=0),
                   (*current[1:], *coming[1:]))


def _called(alias: str, found: list[Index]) -> list[Index]:
    """The indexes with this name, which is for one: ours and the last one first."""
    return sorted((index for index in found if alias in (index.name, *index.aliases)),
                  key=lambda index: (index.version > 0, _number(index)), reverse=True)


def _number(index: Index) -> int:
    number = re.fullmatch(r'.*\.posts-([0-9]+)', index.name)
    return int(number[1]) if number else 0


def _read(answer: dict) -> Iterator[Index]:
    for name, about in answer.items():
        version = about.get('mappings', {}).get('_meta', {}).get('microblog', 0)
        yield Index(name, about['settings']['index']['uuid'], version, frozenset(about.get('aliases', ())))


def usable(client: 'Elasticsearch') -> Indexes:
    """What there is, once there is an index of ours to ask, and no other with its name."""
    there = look(client)
    if there.strangers:
        client.indices.update_aliases(actions=[action for index in there.strangers for action in _away(index)])
        there = look(client)
    return begin(client) if there.is_lost else there


def begin(client: 'Elasticsearch') -> Indexes:
    """Make an index to fill, unless one is being filled; of several who try at once one makes it.

    An index that is not ours is left alone, and loses our name if it has one. One whose own name is ours goes: a server
    makes such a one by itself of whatever is written to a name that is not there.
    """
    from elasticsearch import BadRequestError
    there = look(client)
    if there.coming and there.coming.version == VERSION and not there.is_lost:
        return there
    _make_room(client, there)
    names = [next_alias(), *([posts_alias()] if there.is_lost else [])]
    try:
        client.indices.create(index=f'{posts_alias()}-{there.last_number + 1}', mappings=MAPPINGS, settings=SETTINGS,
                              aliases={name: {} for name in names})
    except BadRequestError as error:
        if error.error != 'resource_already_exists_exception':
            raise
    return look(client)


def _make_room(client: 'Elasticsearch', there: Indexes) -> None:
    """Take away what has the names that the new index is to have."""
    actions = [*_away(there.coming), *(_away(there.current) if there.is_lost else [])]
    gone = [action['remove_index']['index'] for action in actions if 'remove_index' in action]
    for name in {posts_alias(), next_alias()}.intersection(gone):
        current_app.logger.warning('An index %s that this site did not make is in the way, and is removed.', name)
    if actions:
        client.indices.update_aliases(actions=actions)


def finish(client: 'Elasticsearch', uuid: str) -> None:
    """Let the index that was filled take the place of the old one, which goes; in one step."""
    there = look(client)
    if there.coming is None and there.current and there.current.uuid == uuid:
        return  # somebody else was as far
    if there.coming is None or there.coming.uuid != uuid:
        raise SearchDown('the index that was being filled is gone')
    client.indices.refresh(index=next_alias())
    old = [] if there.is_filling else _away(there.current)
    client.indices.update_aliases(actions=[
        *old, {'add': {'index': there.coming.name, 'alias': posts_alias()}},
        {'remove': {'index': there.coming.name, 'alias': next_alias()}}])


def _away(index: Index | None) -> list[dict]:
    """Remove an index of ours; from one that is not take the names only, unless its own name is in the way."""
    if index is None:
        return []
    if index.version or index.name in (posts_alias(), next_alias()):
        return [{'remove_index': {'index': index.name}}]
    return [{'remove': {'index': index.name, 'alias': alias}} for alias in index.aliases
            if alias in (posts_alias(), next_alias())]
