"""Mentions: who is meant, who hears of it, and what a page makes of the name."""
import sqlalchemy as sa

from app import db
from app.models import Mention, Notification, User
from app.services import accounts, mentions, people, posts
from tests.base import PASSWORD
from tests.together import TogetherCase

MANY = 30


class Mentions(TogetherCase):
    def publish(self, author: str, text: str) -> int:
        with self.app.app_context():
            id = posts.publish(self.find(author), text).id
            db.session.commit()
            return id

    def told(self) -> list[str]:
        """The names of those who were told that they are mentioned."""
        with self.app.app_context():
            rows = sa.select(User.username).join(Notification, Notification.user_id == User.id)
            return list(db.session.scalars(rows.where(Notification.kind == 'mention').order_by(User.id)))

    def test_reach_everybody_who_is_named_once_and_not_the_author(self):
        for name in ('susan', 'john', 'mary'):
            self.person(name)
        self.publish('susan', '@John @john @nobody `@mary` susan@mary.com @susan')
        self.assertEqual(['john'], self.told())
        self.assertEqual(2, self.rows(Mention))  # the author's own name leads to them, too

    def test_tell_the_first_twenty_in_few_statements(self):
        self.person('susan')
        names = [f'u{number}' for number in range(MANY)]
        for name in names:
            self.person(name)
        with self.statements() as few:
            self.publish('susan', '@u0 #a')
        with self.statements() as many:
            self.publish('susan', ' '.join(f'@{name}' for name in names) + ' #a #b #c #d')
        self.assertLessEqual(len(many), len(few) + 3, '\n'.join(many))  # the tags that are new
        self.assertEqual(['u0', *names[:mentions.MOST_TOLD]], self.told())
        self.assertEqual(MANY + 1, self.rows(Mention))

    def test_a_text_full_of_names_is_harmless(self):
        self.person('susan')
        self.person('a')
        self.publish('susan', '@a ' * 166)
        self.publish('susan', ' '.join(f'@{number}' for number in range(120)))
        self.assertEqual([1, ['a']], [self.rows(Mention), self.told()])

    def test_lead_to_the_person_under_any_name_they_had_and_to_nobody_who_left(self):
        for name in ('susan', 'john', 'mary'):
            self.person(name)
        id = self.publish('susan', 'hi @john and @mary and @nobody')
        with self.app.app_context():
            people.rename(self.find('john'), 'johnny', PASSWORD)
            accounts.delete(self.find('mary'))
            db.session.commit()
        self.person('mary')  # somebody else
        later = self.publish('susan', 'hi @john')
        link = '<a href="/user/johnny" data-popup><bdi dir="ltr">@john</bdi></a>'
        for path in (f'/post/{id}', '/explore', '/user/susan', '/search?q=nobody'):
            self.assertIn(f'hi {link} and @mary and @', self.visitor.get(path).text, path)
        self.assertIn('<a href="/user/johnny"', self.visitor.get(f'/post/{later}').text)

    def test_of_each_other_at_one_moment_do_not_wait_in_a_ring(self):
        names = [f'u{number}' for number in range(6)]
        ids = [self.person(name) for name in names]
        text = ' '.join(f'@{name}' for name in names)
        acts = [self.act(lambda user: posts.publish(user, text), (User, id)) for id in ids]
        self.assertEqual([], self.together(*acts))
        self.assertEqual(len(names) * (len(names) - 1), self.rows(Notification))
