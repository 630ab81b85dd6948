"""Pages of what somebody was told are pieces of one list, whatever is told together and in whatever order it came."""
import random
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import Notification, User, insert_all, utcnow
from app.policies.notifications import TOGETHER
from app.queries import told
from tests.accounts import ActCase
from tests.base import make_post, make_user

PER_PAGE = 7
DAYS = 3


class Pages(ActCase):
    def setUp(self):
        super().setUp()
        self.susan = make_user('susan')
        self.people = [make_user(f'user{number:02}').id for number in range(24)]
        self.posts = [make_post(self.susan, 'words').id for _number in range(3)]
        chance = random.Random('told')
        kinds = [('like', post) for post in self.posts] + [('repost', self.posts[0]), ('follow', 0), ('message', 0)]
        rows = [{'user_id': self.susan.id, 'kind': kind, 'actor_id': person, 'post_id': post, 'is_read': False,
                 'created_at': utcnow() - timedelta(days=DAYS * chance.random()), 'on_site': chance.random() < 0.9}
                for kind, post in kinds for person in self.people]
        chance.shuffle(rows)  # so ids say nothing of when it was
        insert_all(Notification, rows)
        hidden = self.people[:3]
        db.session.execute(sa.update(User).where(User.id.in_(hidden)).values(suspended_at=utcnow()))
        db.session.commit()
        self.hidden = set(hidden)

    def whole(self) -> list[list[int]]:
        """The list: the ids of each entry, the newest first."""
        entries: dict[tuple, list[int]] = {}
        rows = sa.select(Notification).where(Notification.user_id == self.susan.id, Notification.on_site.is_(True),
                                             Notification.actor_id.not_in(self.hidden))
        for row in db.session.scalars(rows.order_by(Notification.id.desc())):
            key = (row.kind, row.post_id, row.created_at.date()) if row.kind in TOGETHER else (row.id,)
            entries.setdefault(key, []).append(row.id)
        return list(entries.values())

    def page(self, before: int | None = None, after: int | None = None) -> told.Page:
        return told.page(self.susan, before, after, PER_PAGE, datetime.date)

    def pages(self) -> list[told.Page]:
        found = [self.page()]
        while found[-1].older is not None:
            found.append(self.page(before=found[-1].older))
        return found

    def test_are_the_whole_list_in_pieces(self):
        whole = self.whole()
        self.assertGreater(len(whole), 4 * PER_PAGE)
        for looked_at in (5, told.LOOKED_AT, 1000):
            told._next.cache_clear()
            self.addCleanup(told._next.cache_clear)
            with mock.patch.object(told, 'LOOKED_AT', looked_at):
                shown = [[entry.ids for entry in page.told] for page in self.pages()]
                self.assertEqual([whole[start:start + PER_PAGE] for start in range(0, len(whole), PER_PAGE)], shown)

    def test_lead_back_as_they_lead_on(self):
        pages = self.pages()
        self.assertEqual([None] + [page.told[0].id for page in pages[1:]], [page.newer for page in pages])
        for page, newer in zip(pages[1:], pages, strict=False):
            back = self.page(after=page.newer)
            self.assertEqual([entry.ids for entry in newer.told], [entry.ids for entry in back.told])
            self.assertEqual((newer.newer, newer.older), (back.newer, back.older))
        self.assertEqual(pages[0], self.page(before=1))  # beyond the end

    def test_are_the_same_at_any_cursor(self):
        whole = self.whole()
        known = sorted(id for ids in whole for id in ids)
        cursors = [0, 1, known[0], known[-1], known[-1] + 1, *random.Random('cursors').sample(known, 20)]
        for looked_at in (30, told.LOOKED_AT, 1000):
            told._next.cache_clear()
            self.addCleanup(told._next.cache_clear)
            with mock.patch.object(told, 'LOOKED_AT', looked_at):
                for cursor in [*cursors, *(ids[0] for ids in whole)]:
                    for where in ({'before': cursor}, {'after': cursor}):
                        page = self.page(**where)
                        self.assertEqual(self.plain_page(whole, **where),
                                         ([entry.ids for entry in page.told], page.newer, page.older), where)

    def plain_page(self, whole: list[list[int]], before: int | None = None, after: int | None = None) -> tuple:
        """Entries, newer and older, by counting in the whole list."""
        if after is not None:
            start = max(len([ids for ids in whole if ids[0] > after]) - PER_PAGE, 0)
        else:
            start = len([ids for ids in whole if ids[0] >= before])
            start = start if start < len(whole) else 0
        shown = whole[start:start + PER_PAGE]
        return shown, shown[0][0] if start else None, shown[-1][0] if whole[start + PER_PAGE:] else None

    def test_stand_when_somebody_is_deleted_between_two_statements(self):
        with self.statements() as seen:
            self.page()
        self.assertGreater(len(seen), 1)
        for number, person in zip(range(1, len(seen) + 1), self.people[3:], strict=False):
            with self.deleting(person, number):
                page = self.page()
            self.assertEqual(PER_PAGE, len(page.told))
            self.assertEqual([], [entry.id for entry in page.told if len(entry.actors) < min(len(entry.actor_ids), 2)])
            self.assertNotIn(person, [entry.actor.id for entry in self.page().told])

    @contextmanager
    def deleting(self, person: int, number: int):
        """Delete somebody who did everything first, just before a statement of the block."""
        db.session.execute(sa.update(Notification).where(Notification.actor_id == person).values(
            id=Notification.id + 10 ** 6, on_site=True))
        db.session.commit()
        left = list(range(number))

        def delete(conn, cursor, statement, parameters, context, executemany):
            if left and not left.pop() and not left:
                with db.engine.begin() as other:
                    other.execute(sa.delete(User.__table__).where(User.__table__.c.id == person))
        sa.event.listen(db.engine, 'before_cursor_execute', delete)
        try:
            yield
        finally:
            sa.event.remove(db.engine, 'before_cursor_execute', delete)

    def test_read_no_more_of_a_long_list(self):
        with self.statements() as few:
            self.page()
        more = [{'user_id': self.susan.id, 'kind': f'kind {number}', 'actor_id': person, 'post_id': 0, 'is_read': True,
                 'created_at': datetime(2026, 1, 1, tzinfo=UTC), 'on_site': True}
                for person in self.people for number in range(1, 30)]
        insert_all(Notification, more)
        with self.statements() as many, mock.patch.object(told, 'Told', side_effect=told.Told) as entry:
            self.assertEqual(PER_PAGE, len(self.page().told))
        self.assertLessEqual(len(many), len(few))
        self.assertLessEqual(entry.call_count, told.LOOKED_AT)

    def test_know_whether_others_are_new(self):
        page = self.page()
        self.assertTrue(told.has_more_unread(self.susan, page))
        shown = [id for entry in page.told for id in entry.ids]
        db.session.execute(sa.update(Notification).where(Notification.id.not_in(shown),
                                                         Notification.actor_id.not_in(self.hidden)).values(is_read=True))
        self.assertFalse(told.has_more_unread(self.susan, self.page()))
        self.assertTrue(told.has_more_unread(self.susan, told.Page([])))
