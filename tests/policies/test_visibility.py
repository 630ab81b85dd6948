"""Who reads what: every kind of reader on every page that shows a post, for each way a post reaches people."""
import itertools
import re

import sqlalchemy as sa

from app import db
from app.models import Block, DeletedPost, Mention, Post, Visibility
from tests.base import make_post, make_user
from tests.world import WorldCase, posts_on

APART = 'blocked', 'blocker'  # whom the author has blocked, and who has blocked the author
READERS = 'author', 'follower', 'mentioned', 'stranger', 'nobody', *APART
ANYBODY = {*READERS} - {*APART}
MAY_READ = {Visibility.PUBLIC: ANYBODY, Visibility.UNLISTED: ANYBODY,
            Visibility.FOLLOWERS: {'author', 'follower', 'mentioned'}, Visibility.MENTIONED: {'author', 'mentioned'}}
LISTED = {Visibility.PUBLIC: ANYBODY}
OF_FAN = 'follower', 'mentioned', *APART  # who follow the person that passes it all on


class Matrix(WorldCase):
    """Reader x visibility x page, for a post, an answer to it and a repost of it."""

    def setUp(self):
        super().setUp()
        with self.app.app_context():
            author, follower, mentioned, fan, _stranger, blocked, blocker = (
                make_user(name) for name in ('author', 'follower', 'mentioned', 'fan', 'stranger', *APART))
            follower.follow(author)
            for reader in (follower, mentioned, blocked, blocker):
                reader.follow(fan)
            db.session.add_all([Block(blocker_id=author.id, blocked_id=blocked.id),
                                Block(blocker_id=blocker.id, blocked_id=author.id)])
            self.posts = {}
            for visibility in Visibility:
                post = make_post(author, f'kite {visibility.name}', visibility=visibility)
                answer = make_post(author, f'kite again {visibility.name}', visibility=visibility, parent=post)
                db.session.add_all(Mention(post_id=one.id, user_id=person.id, author_id=author.id)
                                   for one in (post, answer) for person in (mentioned, blocked, blocker))
                repost = make_post(fan, repost_of=post)  # as if made before the original was narrowed
                self.posts[visibility] = post.id, answer.id, repost.id
            db.session.commit()
        self.readers = {name: self.visitor if name == 'nobody' else self.log_in(name) for name in READERS}

    def shown(self, reader: str, path: str) -> set[int]:
        """The ids of the posts that a page shows somebody."""
        answer = self.readers[reader].get(path)
        if answer.status_code != 200:
            return {answer.status_code}
        folded = ' '.join(re.findall('data-also="([0-9 ]+)"', answer.text))
        return {*posts_on(answer.text), *map(int, folded.split())}

    def test_holds_on_every_page(self):
        checked = 0
        for visibility, reader in itertools.product(Visibility, READERS):
            post, answer, repost = self.posts[visibility]
            may, is_listed = reader in MAY_READ[visibility], reader in LISTED.get(visibility, ())
            home = reader != 'nobody' and may and reader in ('author', 'follower')
            pages = [(f'/post/{post}', post, may), (f'/post/{answer}', answer, may), (f'/post/{repost}', 302, may),
                     (f'/post/{post}', answer, may), (f'/post/{answer}', post, may),
                     (f'/post/{post}/thread', answer, may),
                     ('/user/author', post, may), ('/user/author', answer, may),
                     ('/explore', post, is_listed), ('/explore', answer, False), ('/explore', repost, False),
                     ('/search?q=kite', post, is_listed), ('/search?q=kite&show=best', answer, is_listed)]
            pages += [('/', post, home), ('/', answer, home),
                      ('/', repost, may and reader in OF_FAN)] if reader != 'nobody' else []
            for path, id, expected in pages:
                with self.subTest(visibility=visibility.name, reader=reader, path=path, id=id):
                    self.assertEqual(expected, id in self.shown(reader, path))
                checked += 1
        self.assertGreaterEqual(checked, 4 * 7 * 15)

    def test_hidden_and_missing_answer_alike(self):
        missing = self.posts[Visibility.PUBLIC][0] + 1
        narrow = itertools.product((Visibility.FOLLOWERS, Visibility.MENTIONED), [*ANYBODY])
        for visibility, reader in itertools.chain(narrow, itertools.product([Visibility.PUBLIC], APART)):
            for id in self.posts[visibility]:
                if reader in MAY_READ[visibility]:
                    continue
                for path in self.paths():
                    visitor = self.new_visitor() if reader == 'nobody' else self.readers[reader]  # is told to log in
                    hidden, none = (visitor.get(path % one) for one in (id, missing))
                    self.assertEqual((none.status_code, plain(none.text, missing)),
                                     (hidden.status_code, plain(hidden.text, id)), (visibility, reader, path))

    def paths(self) -> list[str]:
        """Every page of a post."""
        return [rule.rule.replace('<id:id>', '%s') for rule in self.app.url_map.iter_rules()
                if rule.rule.startswith('/post/<id:id>') and 'GET' in rule.methods]

    def test_deleted_ones_are_gone_for_whom_they_were_there_as_for_everybody(self):
        with self.app.app_context():
            from app.services import posts
            author = self.find('author')
            for id, *_others in self.posts.values():
                posts.delete(author, db.session.get(Post, id))
                db.session.commit()
            self.assertEqual(list(Visibility), list(db.session.scalars(
                sa.select(DeletedPost.visibility).order_by(DeletedPost.id))))
        for visibility, reader in itertools.product(Visibility, READERS):
            post, answer, repost = self.posts[visibility]
            was_there = visibility <= Visibility.UNLISTED and reader not in APART
            self.assertEqual({410 if was_there else 404}, self.shown(reader, f'/post/{post}'))
            self.assertEqual({404}, self.shown(reader, f'/post/{repost}'))  # it went with its original
            self.assertEqual(reader in MAY_READ[visibility], answer in self.shown(reader, f'/post/{answer}'))

    def test_numbers_tell_nothing_of_what_not_everybody_may_read(self):
        with self.app.app_context():
            self.assertEqual(4, self.find('author').posts_count)
            self.assertEqual(0, self.find('fan').posts_count)
            counts = [db.session.get(Post, self.posts[visibility][0]).replies_count for visibility in Visibility]
            self.assertEqual([1, 1, 0, 0], counts)
        self.assertEqual(0, self.app.test_cli_runner().invoke(args=['counters', 'check']).exit_code)


def plain(page: str, id: int) -> str:
    """A page without what is never the same."""
    lines = re.sub('<code>[0-9A-F-]+</code>|data-since="[0-9.]+"', '', page.replace(str(id), 'ID')).splitlines()
    return '\n'.join(line for line in lines if 'csrf' not in line)
