"""The pages behind signed links: what they answer never tells the link to a cache, a neighbour or a log."""
import io
from contextlib import redirect_stderr
from unittest import mock

from app.models import User
from tests.accounts import LetterCase
from tests.base import PASSWORD
from tests.test_logs import LogCase
from tests.world import Outline

NEW = 'eight brown bottles'


class Pages(LetterCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')
        self.visitor.submit('/auth/register', username='john', email='john@example.com', password=PASSWORD,
                            password2=PASSWORD)
        confirm = self.link()
        self.visitor.submit('/auth/reset_password_request', email='susan@example.com')
        reset = self.link()
        self.susan.submit('/settings/email', email='new@example.com', current_password=PASSWORD)
        self.paths = [confirm, reset, self.link()]

    def answers(self):
        """Every kind of answer at such an address: the page, a refused form, a used link, a wrong one, a fault."""
        for path in self.paths:
            for visitor in (self.visitor, self.susan):
                yield visitor.get(path)
                yield visitor.post(path, {'password': NEW})
                yield visitor.get(path + 'x')
                yield visitor.get(path + '/')
                yield visitor.client.delete(path)
                with mock.patch('app.tokens.read', side_effect=ZeroDivisionError), redirect_stderr(io.StringIO()):
                    yield visitor.get(path)
                yield visitor.get(f'{path}?next=https://evil.example')
            yield self.visitor.submit(path, password=NEW, password2=NEW)
            yield self.visitor.get(path)

    def test_are_kept_by_no_cache_and_named_in_no_referrer(self):
        seen = set()
        for answer in self.answers():
            seen.add(answer.status_code)
            self.assertEqual(('no-store', 'no-referrer'),
                             (answer.headers['Cache-Control'], answer.headers['Referrer-Policy']), answer.status)
            self.assertNotIn('eyJ', answer.headers.get('Location', ''))
        self.assertEqual({200, 302, 400, 403, 404, 405, 500}, seen)

    def test_lead_and_send_only_to_this_site(self):
        for answer in self.answers():
            for tag, attributes in Outline(answer.text).tags:
                for name in ('href', 'src', 'action'):
                    target = attributes.get(name) or '/'
                    own = target.startswith(('/', '#')) and not target.startswith('//')
                    self.assertTrue(own or target.startswith('http://localhost/'), (tag, target))

    def test_stay_good_whoever_only_looks(self):
        for path in self.paths:
            for _time in range(2):
                self.visitor.client.head(path)
                self.visitor.client.options(path)
                self.assertEqual(405, self.visitor.client.put(path).status_code)
                self.assertEqual(200, self.visitor.get(path).status_code)


class ErrorMails(LogCase):
    """What the admins get by mail when such a page fails."""

    def setUp(self):
        from tests.mailbox import Mailbox
        self.mailbox = Mailbox()
        self.addCleanup(self.mailbox.stop)
        self.settings = {'MAIL_SERVER': '127.0.0.1', 'MAIL_PORT': self.mailbox.port}
        super().setUp()

    def test_do_not_name_the_link(self):
        self.person('susan')
        with self.app.app_context():
            token = self.find('susan').get_reset_password_token()
        fault = mock.patch.object(User, 'verify_reset_password_token', side_effect=ZeroDivisionError)
        with fault, redirect_stderr(io.StringIO()):
            page = self.visitor.get(f'/auth/reset_password/{token}')
        handler = next(handler for handler in self.app.logger.handlers if hasattr(handler, 'started'))
        handler.started.stop()
        letter = self.mailbox.letters[0].get_content()
        self.assertIn('ZeroDivisionError', letter)
        self.assertIn('GET /auth/reset_password/...', letter)
        self.assertIn(page.headers['X-Request-ID'], letter)
        for said in (letter, self.log()):
            self.assertNotIn(token[:30], said)
