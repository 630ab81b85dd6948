"""What people are told by mail, and how they get no more of it."""
import re
from datetime import timedelta

import sqlalchemy as sa

from app import db
from app.models import Notification, Post, Task, User, Visibility, utcnow
from app.policies.notifications import ABOUT_POSTS, KINDS, Ways
from app.queries import notifications as reading
from app.services import notifications, posts, reach
from tests.accounts import LetterCase
from tests.base import make_user
from tests.notifications.base import ToldCase


class MailCase(LetterCase, ToldCase):
    def setUp(self):
        super().setUp()
        self.arrived()
        self.mailbox.letters.clear()

    def choose(self, **ways: tuple[bool, bool]) -> None:
        with self.app.app_context():
            notifications.choose(self.find('susan'), {kind: Ways(*each) for kind, each in ways.items()})
            db.session.commit()

    def later(self) -> list[tuple[str, str]]:
        """What has arrived when everything is due."""
        with self.app.app_context():
            db.session.execute(sa.update(Task).values(run_after=utcnow() - timedelta(minutes=1)))
            db.session.commit()
        return self.arrived()

    def stop(self) -> str:
        """Where the link for no more mails leads; it stands in the letter as it is, not as an encoded word."""
        raw = dict(self.mailbox.letters[-1].raw_items())['List-Unsubscribe']
        return re.search(r'^<http://localhost:5000(/notifications/unsubscribe/[^>]+)>$', raw)[1]


class Letters(MailCase):
    def test_go_out_for_what_one_waits_for_and_carry_the_way_to_no_more(self):
        self.tell('export')
        self.follow('john', 'susan')
        self.assertEqual([('susan@example.com', 'Your data from Microblog is ready')], self.arrived())
        letter = self.mailbox.letters[0]
        self.assertEqual('List-Unsubscribe=One-Click', letter['List-Unsubscribe-Post'])
        self.assertIn(f'http://localhost:5000{self.stop()}', self.mailbox.text())
        self.assertIn(f'http://localhost:5000{self.stop()}', self.mailbox.html())

    def test_of_other_kinds_go_out_when_they_are_wanted(self):
        self.choose(follow=(True, True), security=(True, True))
        self.follow('john', 'susan')
        self.tell('security')
        self.assertEqual({'John <b> follows you on Microblog', 'Something changed in your account on Microblog'},
                         {subject for _to, subject in self.arrived()})
        self.assertIn('John &lt;b&gt;', ''.join(self.mailbox.html(n) for n in range(2)))

    def test_of_a_new_post_come_to_those_whom_it_names_as_each_has_chosen(self):
        named = {'both': None, 'site': (True, False), 'mail': (False, True), 'none': (False, False)}
        with self.app.app_context():
            for name, ways in named.items():
                make_user(name)
                if ways:
                    notifications.choose(self.find(name), {'mention': Ways(*ways)})
            posts.publish(self.find('john'), ' '.join(f'@{name}' for name in named))
            db.session.commit()
            rows = sa.select(User.username, Notification.on_site, Notification.is_read, User.unread_notifications).join(
                User, User.id == Notification.user_id).where(Notification.kind == 'mention').order_by(User.id)
            self.assertEqual([('both', True, False, 1), ('site', True, False, 1), ('mail', False, False, 0)],
                             [tuple(row) for row in db.session.execute(rows)])
        self.assertEqual({'both@example.com', 'mail@example.com'}, {to for to, _subject in self.later()})

    def test_of_what_was_narrowed_meanwhile_stay_unsent(self):
        id, = self.wrote('john', 'Small joys')
        self.tell('reply', 'john', post_id=id)
        with self.app.app_context():
            reach.change(self.find('john'), db.session.get(Post, id), Visibility.FOLLOWERS, 0)
            db.session.commit()
        self.assertEqual([], self.later())

    def test_of_every_kind_say_what_happened_and_lead_there(self):
        self.choose(**dict.fromkeys(KINDS, (True, True)))
        id, = self.wrote('susan', 'Small joys')
        for kind in sorted(KINDS):
            actor, about = '' if kind in ('export', 'security') else 'john', id if kind in ABOUT_POSTS else None
            self.tell(kind, actor, post_id=about)
        subjects = {subject for _to, subject in self.later()}
        self.assertEqual(len(KINDS), len(subjects))
        self.assertLess({'Microblog: John <b> liked your post', 'Microblog: John <b> asks to follow you'}, subjects)
        likes = next(n for n, letter in enumerate(self.mailbox.letters) if 'liked' in letter['Subject'])
        self.assertIn('John <b> (@john) liked your post', self.mailbox.text(likes))
        self.assertIn(f'http://localhost:5000/post/{id}', self.mailbox.text(likes))
        self.assertIn('John &lt;b&gt; (<bdi dir="ltr">@john</bdi>) liked', self.mailbox.html(likes))

    def test_of_messages_wait_a_little_and_come_once_until_they_are_read(self):
        for _ in range(3):
            self.tell('message', 'john')
        self.assertEqual([], self.arrived())
        self.assertEqual(['John <b> sent you a message on Microblog'], [subject for _to, subject in self.later()])
        self.tell('message', 'john')
        self.assertEqual(1, len(self.later()))
        self.look()
        self.tell('message', 'john')
        self.assertEqual(2, len(self.later()))

    def test_of_messages_that_were_read_meanwhile_stay_away(self):
        self.tell('message', 'john')
        self.look()
        self.assertEqual([], self.later())

    def test_stay_away_when_they_are_not_wanted_any_more(self):
        self.tell('message', 'john')
        self.choose(message=(True, False))
        self.assertEqual([], self.later())

    def test_tell_nothing_of_suspended_people(self):
        self.tell('message', 'john')
        self.change('john', suspended_at=utcnow())
        self.assertEqual([], self.later())

    def test_go_to_no_address_that_is_not_confirmed(self):
        self.tell('export')
        self.change('susan', confirm_by=utcnow() + timedelta(days=1))
        self.assertEqual([], self.later())

    def test_come_also_to_who_wants_nothing_on_the_site(self):
        self.choose(message=(False, True))
        for _ in range(2):
            self.tell('message', 'john')
        self.assertEqual(1, len(self.later()))

    def test_are_in_the_readers_language(self):
        self.change('susan', language='ar')
        self.tell('export')
        self.arrived()
        self.assertIn('dir="rtl"', self.mailbox.html())


class NoMore(MailCase):
    def setUp(self):
        super().setUp()
        self.tell('export')
        self.arrived()

    def wants(self, kind: str = 'export') -> bool:
        with self.app.app_context():
            return reading.ways(self.susan_id)[kind].mail

    def test_is_one_click_for_a_mail_program(self):
        answer = self.visitor.post(self.stop(), {'List-Unsubscribe': 'One-Click'})
        self.assertEqual((200, False, True), (answer.status_code, self.wants(), self.wants('message')))
        self.assertNotIn('Set-Cookie', answer.headers)
        self.assertEqual(200, self.visitor.post(self.stop()).status_code)  # again

    def test_is_a_button_for_people(self):
        page = self.visitor.get(self.stop())
        self.assertIn('Send me no more', page.text)
        self.assertEqual('no-referrer', page.headers['Referrer-Policy'])
        self.assertTrue(self.wants())
        self.assertIn('we send you none any more', self.visitor.post(self.stop()).text)

    def test_works_with_another_password_and_on_a_closed_site(self):
        self.change('susan', security_stamp='x')
        self.app.config['SITE_CLOSED'] = True
        self.addCleanup(self.app.config.update, SITE_CLOSED=False)
        self.visitor.post(self.stop())
        self.assertFalse(self.wants())

    def test_needs_a_good_link(self):
        path = self.stop()
        for bad in (path[:-4] + 'xxxx', path.rpartition('/')[0] + '/none'):
            self.assertEqual((403, 403), (self.visitor.get(bad).status_code, self.visitor.post(bad).status_code))
        self.assertTrue(self.wants())

    def test_is_not_for_pages_of_other_sites(self):
        self.assertEqual(400, self.visitor.post(self.stop(), headers={'Origin': 'https://evil.example'}).status_code)
        self.assertTrue(self.wants())
