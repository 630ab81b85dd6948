"""The address of a signed link is a secret: neither browser nor server tells it to anybody, and its form works."""
import re

from tests.base import PASSWORD
from tests.browser.site import BrowserCase, PostalSite, Site, needs_chromium
from tests.parts import once_only

NEW = 'eight brown bottles'


@once_only
@needs_chromium
class Links(BrowserCase):
    @classmethod
    def start_site(cls) -> Site:
        return PostalSite(GUNICORN_CMD_ARGS='--access-logfile -')  # a line for every request

    def said(self) -> str:
        """What the server and the application have logged."""
        scratch = self.site.scratch
        return scratch.output() + (scratch.root / 'logs' / 'microblog.log').read_text()

    def test_are_in_no_referrer_and_no_log_and_their_form_works(self):
        address = f'{self.site.person("susan")}@example.com'
        susan, referrers = self.reader(), []
        susan.page.on('request', lambda request: referrers.append(request.all_headers().get('referer', '')))
        susan.go('/auth/reset_password_request')
        susan.send('Send me a link', email=address)
        path = self.site.link(address, 'Set a new password')
        self.assertEqual(200, susan.go(path))
        susan.send('Set password', password=NEW, password2=NEW)
        self.assertEqual('/auth/login', susan.path())
        self.assertEqual(403, susan.go(f'{path}?again'))
        susan.follow('Ask for a new link')
        self.assertGreater(len(referrers), 10)
        self.assertEqual([], [referrer for referrer in referrers if 'eyJ' in referrer])
        said = self.said()
        self.assertIn('GET /auth/reset_password/... HTTP/1.1', said)
        self.assertRegex(said, r'event=password_reset user=\d+ from=127\.0\.0\.1')
        for secret in (path.rpartition('/')[2][:30], PASSWORD, NEW, address):
            self.assertNotIn(secret, said)
        self.assertEqual([], re.findall(r'eyJ\S+', said))
