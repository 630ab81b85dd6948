"""What the site is called, its rules and its banner: set by admins, shown on every page, read for none."""
import json
import time
from unittest import mock

from app import create_app, db, words
from app.models import SiteWords
from tests.base import TestConfig, make_user
from tests.world import WorldCase

RULES = 'Be kind.\r\n\r\n<b>No</b> adverts, see https://example.com/why'


class Serving(TestConfig):
    """A process that looks for changes by itself, as those that serve pages do."""

    TESTING = False


class Site(WorldCase):
    def setUp(self):
        super().setUp()
        self.addCleanup(self.app.extensions.pop, 'words', None)
        with self.app.app_context():
            make_user('root', is_admin=True)
        self.admin = self.log_in('root')

    def describe(self, name='Moss & Fern', rules='', banner=''):
        return self.admin.submit('/admin/site', name=name, rules=rules, banner=banner)

    def test_is_called_microblog_without_rules_and_banner_until_it_is_described(self):
        page = self.visitor.get('/about').text
        self.assertIn('· Microblog</title>', page)
        self.assertNotIn('href="/rules"', page)
        self.assertNotIn('href="/rules"', self.visitor.get('/auth/register').text)
        self.assertEqual(404, self.visitor.get('/rules').status_code)
        self.assertIn('value="Microblog"', self.admin.get('/admin/site').text)
        self.assertEqual(0, self.rows(SiteWords))

    def test_has_its_name_on_pages_in_feeds_in_mails_and_as_an_app(self):
        with self.assertLogs('app.events', 'INFO') as log:
            self.assertEqual('/admin/site', self.describe(' Moss  &\u202e Fern ').location)
        self.assertRegex(log.output[0], 'event=site_described user=[0-9]+ from=127.0.0.1 .* changed=name')
        self.assertIn('· Moss &amp; Fern</title>', self.visitor.get('/explore').text)
        self.assertEqual('Moss & Fern', json.loads(self.visitor.get('/explore/feed.json').text)['title'])
        self.assertIn('Moss &amp; Fern', self.visitor.get('/explore/feed.atom').text)
        manifest = self.visitor.get('/manifest.webmanifest')
        self.assertEqual('Moss & Fern', json.loads(manifest.text)['short_name'])
        for icon in json.loads(manifest.text)['icons']:
            self.assertEqual(200, self.visitor.get(icon['src'], buffered=True).status_code)
        from app.email import draft  # after the site is made
        with self.app.test_request_context():
            subject, text, html = draft(self.find('root'), 'password_changed')
        self.assertIn('Moss & Fern', subject)
        self.assertIn('Moss & Fern', text)
        self.assertIn('Moss &amp; Fern', html)

    def test_has_rules_and_a_banner_as_long_as_they_are_set(self):
        tag = self.visitor.get('/about').headers['ETag']
        self.describe(rules=RULES, banner='Closed on Sunday: https://example.com/x <i>')
        answer = self.visitor.get('/about', headers={'If-None-Match': tag})
        self.assertEqual(200, answer.status_code)
        for page in (answer.text, self.visitor.get('/auth/register').text, self.visitor.get('/nowhere').text,
                     self.admin.get('/').text):
            self.assertIn('href="/rules"', page)
            self.assertIn('role="status"', page)
            self.assertIn('Closed on Sunday: <a href="https://example.com/x" rel="nofollow noopener ugc">', page)
            self.assertIn('&lt;i&gt;', page)
        self.assertEqual(2, self.visitor.get('/auth/register').text.count('href="/rules"'))
        rules = self.visitor.get('/rules').text
        self.assertIn('<p>Be kind.</p><p>&lt;b&gt;No&lt;/b&gt; adverts, see <a href="https://example.com/why"', rules)
        self.describe('Microblog')
        self.assertEqual(tag, self.new_visitor().get('/about').headers['ETag'])
        self.assertEqual(404, self.visitor.get('/rules').status_code)
        self.assertEqual(1, self.rows(SiteWords))

    def test_is_readable_in_its_rules_when_it_is_closed(self):
        self.describe(rules='Be kind.')
        with mock.patch.dict(self.app.config, SITE_CLOSED=True):
            self.assertIn('Be kind.', self.visitor.get('/rules').text)
            self.assertEqual(200, self.visitor.get('/manifest.webmanifest').status_code)

    def test_refuses_what_is_too_long_or_empty(self):
        for name, rules, banner in (('', '', ''), (' \u200b ', '', ''), ('x' * 31, '', ''), ('x', 'x' * 5001, ''),
                                    ('x', '', 'x' * 301)):
            answer = self.describe(name, rules, banner)
            self.assertEqual(200, answer.status_code)
            self.assertIn('is-invalid', answer.text)
        self.assertEqual(0, self.rows(SiteWords))
        self.assertEqual(302, self.describe('ü' * 30, '🌱' * 5000, '🌱' * 300).status_code)
        with self.assertNoLogs('app.events', 'INFO'):
            self.describe('ü' * 30, '🌱' * 5000, '🌱' * 300)  # the same again

    def test_is_for_admins_who_have_proved_themselves(self):
        john = self.log_in('john')
        self.assertEqual(404, john.get('/admin/site').status_code)
        self.assertEqual(404, john.submit('/admin/site', page='/', name='Mine').status_code)
        with self.admin.client.session_transaction() as session:
            del session['proved_at']
        self.assertEqual('/admin/proof?next=/admin/site', self.admin.get('/admin/site').location)
        self.assertEqual('/admin/proof', self.admin.submit('/admin/site', page='/', name='Mine').location)
        self.assertEqual(0, self.rows(SiteWords))


class Elsewhere(WorldCase):
    """What another process shows."""

    def setUp(self):
        super().setUp()
        self.other = create_app(Serving)
        self.addCleanup(self.dispose)

    def dispose(self):
        with self.other.app_context():
            db.engine.dispose()

    def grow_old(self, seconds: float) -> None:
        """Let so many seconds have passed since the other process has read them."""
        _moment, copy = self.other.extensions['words']
        self.other.extensions['words'] = time.monotonic() - seconds, copy

    def shown(self) -> str:
        with self.other.test_client() as client:
            answer = client.get('/about', buffered=True)
        return answer.text.partition('</title>')[0].rpartition(' · ')[2]

    def call(self, name: str) -> None:
        with self.app.app_context():
            db.session.merge(SiteWords(id=1, name=name, rules='', banner=''))
            db.session.commit()

    def test_a_process_that_rested_looks_before_it_answers(self):
        self.assertEqual('Microblog', self.shown())
        self.call('Moss')
        self.grow_old(words.STALE_SECONDS + 1)
        self.assertEqual('Moss', self.shown())

    def test_a_process_that_works_looks_after_an_answer(self):
        self.shown()
        self.call('Moss')
        self.grow_old(words.FRESH_SECONDS + 1)
        self.assertEqual('Microblog', self.shown())
        self.assertEqual('Moss', self.shown())

    def test_what_is_fresh_is_not_asked_for(self):
        self.shown()
        self.grow_old(-60)
        self.call('Moss')
        self.assertEqual('Microblog', self.shown())
