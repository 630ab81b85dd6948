"""Heads: of everybody followed the nearest post beyond a cursor, then the nearest posts of the nearest heads.

Exact because a post of a page belongs to an author whose head is at least as near, and only as many authors as the
page has posts can have one. Each head is one seek in the index (user_id, id). The obvious
`user_id IN (SELECT ...) ORDER BY id LIMIT n` takes seconds for readers of quiet authors.
"""
from functools import cache

import sqlalchemy as sa

from app.models import Post, User, followers
from app.policies.relations import not_muted
from app.policies.visibility import is_author_read_by
from app.queries.pages import LAST_SEEN, NEWER, OLDER, WANTED, Way
from app.queries.statements import (
    AUTHOR,
    CURSOR,
    LAST,
    VIEWER,
    is_for_home,
    last_of,
    number,
    posts_in,
    reader_of,
    with_shown,
    within,
)

CROWDED = 4


@cache
def posts(dialect: str, way: Way, limit: int, ahead: int) -> sa.Select:
    """SQLite and PostgreSQL: what is for home of the nearest `ahead` posts by the viewer and those they follow, and the
    last of them when there may be more: beside each stand the flags WANTED and LAST_SEEN."""
    looked_at = _ahead(dialect, way, ahead).cte('looked_at')  # asked twice, and therefore read once
    post = sa.alias(Post.__table__)
    is_wanted, is_last = is_for_home(post.c), post.c.id == last_of(way, looked_at, ahead).scalar_subquery()
    of_last = sa.case((is_wanted, number(WANTED | LAST_SEEN)), else_=number(LAST_SEEN))
    kept = sa.select(post.c.id, sa.case((is_last, of_last), else_=number(WANTED)).label('flags'))
    kept = kept.join(looked_at, looked_at.c.id == post.c.id).where(sa.or_(is_last, is_wanted))
    return posts_in(way, kept.order_by(way.order(post.c.id)).limit(number(limit)), sa.literal_column('few.flags'))


@cache
def authors(back: Way | None, are_counted: bool) -> sa.Select:
    """MariaDB: the ids of the viewer and of those they follow as one JSON list, as rows would take longer to read, and
    whether one of them has a post beyond the cursor that way, if it is asked.

    And perhaps how many posts are theirs, and the first and the last of the site.
    """
    found = sa.null() if back is None else anybody('mysql', back).scalar_subquery().is_not(None)
    source, post = _sources(), sa.alias(Post.__table__)
    ids = sa.select(sa.func.json_arrayagg(source.c.id).label('ids'), found.label('is_found'))
    if not are_counted:
        return ids
    first, newest = (sa.select(end(post.c.id)).scalar_subquery() for end in (sa.func.min, sa.func.max))
    ids = ids.add_columns(sa.func.sum(User.posts_count).label('posts'), first.label('first'), newest.label('newest'))
    return ids.join_from(source, User, User.id == source.c.id)


@cache
def newest(limit: int) -> sa.Select:
    """MariaDB: the nearest [author, head] of all posts; only from the very end it seeks in a subquery."""
    source = _sources()
    head = _first_of('mysql', OLDER, source.c.id, None).correlate(source).scalar_subquery().label('head')
    heads = with_shown('mysql', sa.select(source.c.id.label('user_id'), head), source.c.id)
    return _as_list(heads.order_by(OLDER.order(sa.literal_column('head'))).limit(number(limit)))


@cache
def of_few(way: Way, limit: int) -> sa.Select:
    """MariaDB: the nearest [author, head] of few authors beyond a cursor, both in :beyond, with one seek for each.

    A loose scan it would leave for a range of all their posts, as long as it thinks those few enough.
    """
    chosen = sa.text(':beyond').bindparams(sa.bindparam('beyond', type_=_Seeks(way), literal_execute=True))
    return _nearest_of(way, chosen.columns(sa.column('user_id'), sa.column('head')).subquery('chosen'), limit)


@cache
def of_lists(way: Way, lists: int, limit: int) -> sa.Select:
    """MariaDB: the nearest [author, head] of literal lists :authors_0 ..., by a loose scan of the index."""
    chosen = sa.union_all(*[_heads_of(way, f'authors_{i}') for i in range(lists)]).subquery('chosen')
    return _nearest_of(way, chosen, limit)


@cache
def posts_among(way: Way, limit: int, ahead: int, crowd: int, are_read: bool) -> sa.Select:
    """MariaDB: of the nearest `ahead` posts up to :last of the literal list :authors what is for home, and the last of
    them: beside each stand the flags WANTED and LAST_SEEN; and CROWDED when there are `crowd`, the nearest perhaps not
    among them. Whether an author may be read is asked when it is not known of all."""
    post = sa.alias(Post.__table__)
    some = _by_author(sa.select(post.c.id), post).where(
        within(post.c.user_id, 'authors'), way.beyond(post.c.id, CURSOR), way.within(post.c.id, LAST))
    found = some.limit(number(crowd)).subquery('found')
    crowded = sa.case((sa.func.count().over() == number(crowd), number(CROWDED)), else_=number(0)).label('crowded')
    near = sa.select(found.c.id, crowded).order_by(way.order(found.c.id)).limit(number(ahead)).subquery('looked_at')
    return _for_home(way, near, limit, ahead, near.c.crowded, are_read)


@cache
def posts_of(way: Way, limit: int, ahead: int, authors: int) -> sa.Select:
    """MariaDB: of the nearest `ahead` posts up to :last of :author_0 ..., whose heads come in this order, what is for
    home, and the last of them when there may be more: beside each stand the flags WANTED and LAST_SEEN.

    Of each `ahead`, although nearer heads should take places: one that was deleted meanwhile takes none.
    """
    near = [_posts_of(way, sa.bindparam(f'author_{i}', type_=sa.BigInteger), ahead) for i in range(authors)]
    ids = sa.union_all(*[ids.where(way.within(ids.selected_columns.id, LAST)) for ids in near])
    nearest = ids.order_by(way.order(sa.literal_column('id'))).limit(number(ahead)).subquery('looked_at')
    return _for_home(way, nearest, limit, ahead, number(0), are_read=True)


def _for_home(way: Way, near: sa.Subquery, limit: int, ahead: int, crowded: sa.ColumnElement[int],
              are_read: bool) -> sa.Select:
    is_end = sa.or_(sa.func.count().over() == number(ahead), crowded > number(0))
    last = sa.case((is_end, way.last(near.c.id).over()))
    numbered = sa.select(near.c.id, last.label('last'), crowded.label('crowded')).subquery('numbered')
    post = sa.alias(Post.__table__)
    is_wanted = is_for_home(post.c)
    if not are_read:
        is_wanted &= sa.exists().where(User.id == post.c.user_id, is_author_read_by(reader_of(False))).correlate(post)
    flags = sa.case((is_wanted, number(WANTED)), else_=number(0)) + sa.case(
        (numbered.c.id == numbered.c.last, number(LAST_SEEN)), else_=number(0)) + numbered.c.crowded
    kept = sa.select(numbered.c.id, flags.label('flags')).join_from(numbered, post, post.c.id == numbered.c.id)
    kept = kept.where(sa.or_(numbered.c.crowded == number(0), numbered.c.id == numbered.c.last))  # one row says it
    kept = kept.prefix_with('STRAIGHT_JOIN').having(sa.literal_column('flags') > number(0))
    return posts_in(way, kept.order_by(way.order(numbered.c.id)).limit(number(limit)), sa.literal_column('few.flags'))


@cache
def anybody(dialect: str, way: Way) -> sa.Select:
    """One of the viewer and those they follow who has a post beyond the cursor: their farthest one that way is."""
    source, back = _sources(), OLDER if way is NEWER else NEWER
    farthest = _first_of(dialect, back, source.c.id, None).correlate(source).scalar_subquery()
    found = with_shown(dialect, sa.select(source.c.id), source.c.id)
    return found.where(way.beyond(farthest, CURSOR)).limit(number(1))


def _sources() -> sa.Subquery:
    followed = sa.select(followers.c.followed_id.label('id')).where(
        followers.c.follower_id == VIEWER, not_muted(VIEWER, followers.c.followed_id))
    return sa.union_all(followed, sa.select(VIEWER.label('id'))).subquery('source')


def _heads(dialect: str, way: Way, limit: int) -> sa.Subquery:
    """The authors with the nearest heads; those who have none come last. Who is suspended is left out."""
    source = _sources()
    nearest = _first_of(dialect, way, source.c.id, CURSOR).correlate(source).scalar_subquery()
    head = sa.func.coalesce(nearest, number(way.far_end)).label('head')  # IS NOT NULL would seek twice
    ranked = sa.select(source.c.id.label('author'), head)
    if dialect == 'postgresql':  # sorted first, so that only the nearest are looked up
        ranked = ranked.order_by(way.order(head))
    table = ranked.subquery('ranked')
    heads = with_shown(dialect, sa.select(table.c.author), table.c.author)
    return heads.order_by(way.order(table.c.head)).limit(number(limit)).subquery('heads')


def _nearest_of(way: Way, chosen: sa.Subquery, limit: int) -> sa.Select:
    heads = with_shown('mysql', sa.select(chosen.c.user_id, chosen.c.head), chosen.c.user_id)
    heads = heads.where(chosen.c.head.is_not(None))  # where there is none, a seek says NULL, the first from below
    heads = heads.prefix_with('STRAIGHT_JOIN')  # sorted first, so that only the nearest are looked up
    return _as_list(heads.order_by(way.order(chosen.c.head)).limit(number(limit)))


class _Seeks(sa.types.UserDefinedType[tuple[list[int], int]]):
    """A SELECT for each of some authors, beyond a cursor: MariaDB reads MAX(id) with one seek while it plans."""

    cache_ok = True

    def __init__(self, way: Way):
        self.way = way

    def literal_processor(self, dialect):
        """How authors and cursor are written."""
        post = Post.__table__
        head = sa.select(AUTHOR.label('user_id'), self.way.first(post.c.id).label('head')).where(
            post.c.user_id == AUTHOR, self.way.beyond(post.c.id, CURSOR))
        text = str(head.compile(dialect=dialect))

        def write(value: tuple[list[int], int]) -> str:
            authors, cursor = value
            return ' UNION ALL '.join([text % {'author': int(author), 'cursor': int(cursor)} for author in authors])
        return write


def _as_list(heads: sa.Select) -> sa.Select:
    """One JSON list in any order; NULL for none."""
    nearest = heads.subquery('nearest')
    return sa.select(sa.func.json_arrayagg(sa.func.json_array(nearest.c.user_id, nearest.c.head)))


def _heads_of(way: Way, authors: str) -> sa.Select:
    post = Post.__table__
    listed = within(post.c.user_id, authors)
    heads = _by_author(sa.select(post.c.user_id, way.first(post.c.id).label('head')), post)
    return heads.where(listed, way.beyond(post.c.id, CURSOR)).group_by(post.c.user_id)


def _ahead(dialect: str, way: Way, ahead: int) -> sa.Select:
    heads = _heads(dialect, way, ahead)
    near = _near_lateral if dialect == 'postgresql' else _near_bounded
    return near(way, heads, ahead).limit(number(ahead))


def _near_lateral(way: Way, heads: sa.Subquery, limit: int) -> sa.Select:
    near = _posts_of_postgresql(way, heads.c.author, limit).correlate(heads).lateral('near')
    return sa.select(near.c.id).select_from(heads.join(near, sa.true())).order_by(way.order(near.c.id))


def _near_bounded(way: Way, heads: sa.Subquery, limit: int) -> sa.Select:
    """SQLite has no lateral join: each author's posts up to the last that the page could take."""
    near = sa.alias(Post.__table__, 'near')
    ids = _posts_of(way, heads.c.author, limit).correlate(heads).subquery('of_author')
    bound = sa.select(sa.func.coalesce(way.last(ids.c.id), 0)).scalar_subquery()
    matches = sa.and_(near.c.user_id == heads.c.author, way.beyond(near.c.id, CURSOR), way.within(near.c.id, bound))
    return sa.select(near.c.id).select_from(heads.join(near, matches)).order_by(way.order(near.c.id))


def _first_of(dialect: str, way: Way, author, cursor) -> sa.Select:
    """The nearest id of an author beyond the cursor, or of all."""
    post = sa.alias(Post.__table__)
    ids = sa.select(post.c.id).where(post.c.user_id == author).order_by(way.order(post.c.id))
    if dialect == 'postgresql':  # with few authors it would walk the primary key in search of this one
        from sqlalchemy.dialects import postgresql  # here, because the others' workers do without its 2 MB
        ids = sa.select(post.c.id).where(post.c.user_id == sa.any_(postgresql.array([author])))
        ids = ids.order_by(way.order(post.c.user_id), way.order(post.c.id))
    ids = _by_author(ids, post)
    return ids.where(sa.true() if cursor is None else way.beyond(post.c.id, cursor)).limit(number(1))


def _posts_of(way: Way, author, limit: int) -> sa.Select:
    """The nearest ids of an author beyond the cursor."""
    post = sa.alias(Post.__table__)
    ids = sa.select(post.c.id).where(post.c.user_id == author, way.beyond(post.c.id, CURSOR))
    return _by_author(ids, post).order_by(way.order(post.c.id)).limit(number(limit))


def _by_author(ids: sa.Select, post: sa.FromClause) -> sa.Select:
    """MariaDB would take the index with the visibility too, and sort: half a second for 200 busy authors."""
    return ids.with_hint(post, 'FORCE INDEX (ix_post_user_id_id)', 'mysql')


def _posts_of_postgresql(way: Way, author, limit: int) -> sa.Select:
    """The same, in words that only the index (user_id, id) can sort.

    Otherwise, after ANALYZE, all posts of an author are read and sorted when few are expected of them, and the
    primary key is walked when many are.
    """
    post = sa.alias(Post.__table__)
    beyond = way.beyond(sa.tuple_(post.c.user_id, post.c.id), sa.tuple_(author, CURSOR))
    ids = sa.select(post.c.id).where(beyond, way.within(post.c.user_id, author))
    return ids.order_by(way.order(post.c.user_id), way.order(post.c.id)).limit(number(limit))
