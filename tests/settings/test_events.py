"""The last events of one's own account, in words."""
import re
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from app import db
from app.models import Event, utcnow
from app.services import upkeep
from tests.accounts import AccountCase
from tests.base import PASSWORD

PAGE = '/settings/events'
FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0'
ROOT = Path(__file__).resolve().parents[2]


class EventsCase(AccountCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def happened(self, username: str, *kinds: str, **values) -> None:
        """Put events into somebody's table."""
        with self.app.app_context():
            db.session.add_all([Event(user_id=self.find(username).id, kind=kind, **values) for kind in kinds])
            db.session.commit()

    def lines(self, visitor=None) -> list[str]:
        page = (visitor or self.susan).get(PAGE).text
        return [re.sub(r'\s+', ' ', re.sub('<[^>]*>', '', line)).strip()
                for line in re.findall(r'<li class="item">(.*?)</li>', page, re.S)]


class List(EventsCase):
    def test_says_what_when_where_and_with_what_the_newest_first(self):
        self.happened('susan', 'password_changed', address='192.0.2.1', browser=FIREFOX)
        first, second = self.lines()
        self.assertRegex(first, r'^Password changed .*UTC · Firefox on Linux · 192\.0\.2\.1$')
        self.assertRegex(second, r'^Logged in .* · 127\.0\.0\.1$')

    def test_shows_nobody_elses_and_nobodys(self):
        self.log_in('john')
        self.visitor.submit('/auth/login', username='nobody_here', password='wrong')
        self.assertEqual((1, 3), (len(self.lines()), self.rows(Event)))

    def test_folds_the_same_several_times_in_a_row(self):
        for _time in range(3):
            self.visitor.submit('/auth/login', username='susan', password='wrong')
        self.assertRegex(self.lines()[0], '^Log-in failed 3 times ')
        self.assertEqual(2, len(self.lines()))

    def test_tells_what_the_site_did_by_itself_and_the_operator(self):
        self.happened('susan', 'suspended', address='command line')
        self.assertTrue(self.lines()[0].endswith('by the operator of this site'), self.lines()[0])

    def test_says_whether_all_devices_were_logged_out_or_all_others(self):
        self.happened('susan', 'sessions_ended', address='command line')
        self.assertTrue(self.lines()[0].startswith('All devices logged out'), self.lines()[0])
        self.happened('susan', 'sessions_ended', address='192.0.2.1')
        self.assertTrue(self.lines()[0].startswith('All other devices logged out'), self.lines()[0])

    def test_holds_no_markup_that_a_browser_sent(self):
        self.happened('susan', 'login', browser='<script>alert(1)</script>', address='<b>')
        page = self.susan.get(PAGE).text
        self.assertNotIn('<script>alert', page)
        self.assertNotIn('<bdi><b>', page)

    def test_has_words_for_every_kind_that_is_recorded(self):
        kinds = set()
        for path in [*ROOT.glob('app/**/*.py')]:
            for call in re.findall(r'events\.record\(([^,)]*)', path.read_text()):
                kinds |= set(re.findall(r"'([a-z_]+)'", call))
        self.assertGreater(len(kinds), 15)
        self.happened('susan', *sorted(kinds))
        page = self.susan.get(PAGE).text
        self.assertEqual([], [kind for kind in kinds if f'<b>{kind}</b>' in page])

    def test_needs_login_and_is_linked_from_the_settings(self):
        self.assertEqual(f'/auth/login?next={PAGE}', self.visitor.get(PAGE).location)
        self.assertIn(f'href="{PAGE}"', self.susan.get('/settings').text)

    def test_costs_no_more_with_many(self):
        costs = []
        for _time in range(2):
            with self.statements() as statements:
                self.susan.get(PAGE)
            costs.append(len(statements))
            self.happened('susan', *['login', 'logout'] * 80)
        self.assertEqual([2, 2], costs)
        self.assertEqual(100, len(self.lines()))

    def test_says_so_when_there_is_nothing(self):
        with self.app.app_context():
            db.session.execute(sa.delete(Event))
            db.session.commit()
        self.assertIn('Nothing yet.', self.lines()[0])


class Upkeep(EventsCase):
    def remove(self):
        with self.app.app_context():
            upkeep.remove_expired()
            db.session.commit()

    def kinds(self) -> list[str]:
        with self.app.app_context():
            return list(db.session.scalars(sa.select(Event.kind).order_by(Event.id)))

    def test_forgets_after_ninety_days(self):
        now = utcnow()
        self.happened('susan', 'old', created_at=now - timedelta(days=91))
        self.happened('susan', 'older', created_at=now - timedelta(days=89))
        self.remove()
        self.assertEqual(['login', 'older'], self.kinds())

    def test_keeps_the_failures_of_nobody_for_a_day(self):
        with self.app.app_context():
            db.session.add_all([Event(kind='old', created_at=utcnow() - timedelta(hours=25)), Event(kind='new')])
            db.session.commit()
        self.remove()
        self.assertEqual(['login', 'new'], self.kinds())

    def test_keeps_fifty_of_a_kind_so_that_failures_push_nothing_out_of_sight(self):
        self.person('john')
        self.happened('susan', *['login_failed'] * 70)
        self.happened('john', *['login_failed'] * 50)
        self.remove()
        self.assertEqual((1, 100), (self.kinds().count('login'), self.kinds().count('login_failed')))

    def test_goes_with_the_account(self):
        self.susan.submit('/settings/delete', current_password=PASSWORD)
        self.assertEqual([], self.kinds())
