"""Timelines while somebody posts or deletes between two statements of a page."""
from contextlib import contextmanager
from functools import partial
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import Post, Tag, User, Visibility, post_tag, utcnow
from app.queries import home as homes
from app.queries import tags, timelines
from tests.queries.base import TimelineCase, add_person, id_of
from tests.world import only_on


class Meanwhile(TimelineCase):
    def setUp(self):
        super().setUp()
        self.john_id, self.mary_id = self.john.id, self.mary.id

    def test_what_is_posted_and_deleted_between_two_statements_hides_and_doubles_nothing_else(self):
        self.enterContext(mock.patch.multiple(timelines, FEW=4, MANY=8))
        self.enterContext(mock.patch.multiple(tags, HIDDEN=6))
        self.enterContext(mock.patch.multiple(homes, AHEAD=4))
        lists = {'explore': partial(timelines.explore, self.susan), 'tag': partial(tags.page, self.susan, 'tea'),
                 'home': partial(timelines.home, self.susan)}
        for name, read in lists.items():
            visibility = Visibility.UNLISTED if name == 'tag' else Visibility.PUBLIC
            for place in range(1, 9):
                for deleting, posting in ((place, 0), (0, place), (place, place + 1)):
                    with self.subTest(name, deleting=deleting, posting=posting):
                        self.renew(visibility)
                        acts = {deleting: partial(self.delete, 10), posting: partial(self.hide, visibility, 11, 12, 13)}
                        with self.meanwhile(acts):
                            page = read(None, None, 1)
                        seen = self.numbers(page)
                        while page.older is not None:
                            page = read(page.older, None, 1)
                            seen += self.numbers(page)
                        self.assertEqual([2, 1], seen)

    def test_what_is_posted_meanwhile_pushes_nothing_off_the_newest_page(self):
        for name, read in (('explore', timelines.explore), ('home', timelines.home)):
            for place in range(1, 9):
                with self.subTest(name, place=place):
                    db.session.execute(sa.delete(Post))
                    self.write(self.john, *range(1, 7))
                    with self.meanwhile({place: partial(self.post, 20, 21, 22)}):
                        page = read(self.susan, None, id_of(4), 3)
                    self.assertLessEqual({5, 6}, set(self.numbers(page)))

    @only_on('mysql')
    def test_an_account_that_goes_meanwhile_is_no_fault(self):
        self.write(self.john, 1, 2)
        reader = db.session.get(User, self.susan.id)
        with self.meanwhile({1: lambda connection: connection.execute(sa.delete(User).where(User.id == reader.id))}):
            self.assertTrue(timelines.home(reader, id_of(2), None, 5).is_empty)

    def renew(self, visibility: Visibility) -> None:
        """Two posts of john's about tea, behind eight that are on none of susan's lists."""
        for model in (Post, Tag):
            db.session.execute(sa.delete(model))
        db.session.add(tag := Tag(key='tea'))
        self.write(self.john, *range(1, 11))
        self.answer_mary(*range(3, 11), visibility=visibility)
        tagged = [{'tag_id': tag.id, 'post_id': id_of(number)} for number in range(1, 11)]
        db.session.execute(sa.insert(post_tag), tagged)
        db.session.commit()
        self.tag_id = tag.id

    def delete(self, number: int, connection) -> None:
        connection.execute(sa.delete(Post).where(Post.id == id_of(number)))

    def post(self, *numbers_and_connection) -> None:
        *numbers, connection = numbers_and_connection
        connection.execute(sa.insert(Post.__table__), [self.row(number) for number in numbers])

    def row(self, number: int) -> dict:
        return {'id': id_of(number), 'user_id': self.john_id, 'body': 'words', 'language': '', 'timestamp': utcnow()}

    def hide(self, visibility: Visibility, *numbers_and_connection) -> None:
        """More posts that are on none of the lists."""
        *numbers, connection = numbers_and_connection
        answer = {'parent_id': 1, 'root_id': 1, 'parent_author_id': self.mary_id, 'visibility': visibility}
        connection.execute(sa.insert(Post.__table__), [self.row(number) | answer for number in numbers])
        tagged = [{'tag_id': self.tag_id, 'post_id': id_of(number)} for number in numbers]
        connection.execute(sa.insert(post_tag), tagged)

    @contextmanager
    def meanwhile(self, acts: dict):
        """Before the statements in these places somebody else does something."""
        count, is_acting = 0, False

        def listen(connection, *_args):
            nonlocal count, is_acting
            if is_acting:
                return
            count += 1
            if count in acts:
                is_acting = True
                acts[count](connection)
                is_acting = False
        sa.event.listen(db.engine, 'before_cursor_execute', listen)
        try:
            yield
        finally:
            sa.event.remove(db.engine, 'before_cursor_execute', listen)

    @only_on('mysql')  # elsewhere one statement reads the heads and their posts
    def test_a_head_deleted_between_two_statements_hides_nobody_else(self):
        self.susan.follow(self.mary)
        self.write(self.john, 1, 9)
        self.write(self.mary, 8)
        self.write(self.susan, 7)
        read = homes._rows

        def delete_and_read(*args, **values):
            db.session.execute(sa.delete(Post).where(Post.id == id_of(9)))
            return read(*args, **values)
        with mock.patch.object(homes, '_rows', delete_and_read):
            page = timelines.home(self.susan, None, None, 1)
        seen = self.numbers(page) + self.older_than(page)
        self.assertEqual([8, 7, 1], seen)

    @only_on('mysql')
    def test_a_head_deleted_between_two_statements_ends_nothing_where_few_are_followed(self):
        self.susan.follow(self.mary)
        stranger = add_person('stranger')
        self.write(self.john, 9)
        self.write(self.mary, 8, 7, 6, 5, 4, 3)
        db.session.execute(sa.update(Post).where(Post.id.in_([id_of(number) for number in (8, 7, 6)])).values(
            parent_id=1, root_id=1, parent_author_id=stranger.id))  # for the home of neither
        db.session.commit()
        read = homes._heads

        def read_and_delete(*args):
            nearest = read(*args)
            db.session.execute(sa.delete(Post).where(Post.id == id_of(9)))
            return nearest
        with mock.patch.object(homes, '_heads', read_and_delete):
            page = timelines.home(self.susan, None, None, 2)
        self.assertEqual(([5, 4], id_of(4)), (self.numbers(page), page.older))  # 3 is behind it

    @only_on('mysql')
    def test_a_head_deleted_between_two_statements_ends_and_hides_nothing_where_many_are_followed(self):
        others, stranger = [add_person(f'other{i}') for i in range(4)], add_person('stranger')
        for author in (self.mary, *others):
            self.susan.follow(author)
        read = homes._heads

        def read_and_delete(*args):
            nearest = read(*args)
            db.session.execute(sa.delete(Post).where(Post.id == id_of(20)))
            return nearest
        for of_mary, of_others, hidden, expected in (
                ((19, 18, 17, 16), (10, 9, 8), (18, 17), [19, 16, 10, 9, 8]),
                ((19,), (18, 17, 10, 9), (18, 17), [19, 10, 9])):
            for crowd in (512, 2):
                db.session.execute(sa.delete(Post))
                self.write(self.john, 20)
                self.write(self.mary, *of_mary)
                for author, number in zip(others, of_others, strict=False):
                    self.write(author, number)
                db.session.execute(sa.update(Post).where(Post.id.in_([id_of(number) for number in hidden])).values(
                    parent_id=1, root_id=1, parent_author_id=stranger.id))  # for the home of neither
                db.session.commit()
                with mock.patch.object(homes, 'CROWD', crowd):
                    with mock.patch.object(homes, '_heads', read_and_delete):
                        page = timelines.home(self.susan, None, None, 1)
                    seen = self.numbers(page) + self.older_than(page)
                self.assertEqual(expected, seen, crowd)
