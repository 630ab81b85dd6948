"""security.txt, robots.txt and favicon.ico."""
import io
from datetime import datetime
from unittest import mock

from PIL import Image

from app.models import utcnow
from tests.world import LiveConfig, WorldCase


class SecurityTxt(WorldCase):
    PATH = '/.well-known/security.txt'

    def fields(self) -> list[list[str]]:
        return [line.split(': ', 1) for line in self.visitor.get(self.PATH).text.splitlines()]

    def test_names_the_admins_and_the_own_address_whatever_host_was_asked(self):
        admins = ['Susan <susan@example.com>', 'a%b+c@example.com']
        self.visitor.headers['Host'] = '127.0.0.1:99'
        with mock.patch.dict(self.app.config, ADMINS=admins):
            found = self.fields()
        wanted = ['mailto:susan@example.com', 'mailto:a%25b+c@example.com']
        self.assertEqual([['Contact', address] for address in wanted], found[:2])
        self.assertIn(['Canonical', f'http://localhost:5000{self.PATH}'], found)

    def test_expires_within_a_year_and_not_soon_and_is_plain_text(self):
        until, = [value for name, value in self.fields() if name == 'Expires']
        days = (datetime.fromisoformat(until) - utcnow()).days
        self.assertTrue(170 < days < 365, days)
        self.assertEqual('text/plain; charset=utf-8', self.visitor.get(self.PATH).content_type)

    def test_is_not_there_when_there_is_nobody_to_name(self):
        with mock.patch.dict(self.app.config, ADMINS=[]):
            self.assertEqual(404, self.visitor.get(self.PATH).status_code)


class Robots(WorldCase):
    def test_leave_what_people_write_to_be_found_and_not_what_is_only_for_them(self):
        lines = self.visitor.get('/robots.txt').text.splitlines()
        self.assertEqual('User-agent: *', lines[0])
        self.assertIn('Allow: /auth/login$', lines)
        self.assertIn('Disallow: /auth/', lines)
        self.assertNotIn('Disallow: /', lines)


class Favicon(WorldCase):
    def icon(self, **headers: str):
        answer = self.visitor.get('/favicon.ico', headers=headers)
        self.addCleanup(answer.close)
        return answer

    def test_is_an_icon_in_two_sizes_that_browsers_keep_and_no_cookie_comes_with(self):
        answer = self.icon()
        self.assertEqual((200, 'image/vnd.microsoft.icon'), (answer.status_code, answer.mimetype))
        self.assertEqual('public, max-age=604800', answer.headers['Cache-Control'])
        self.assertNotIn('Set-Cookie', answer.headers)
        self.assertEqual({(16, 16), (32, 32)}, Image.open(io.BytesIO(answer.data)).info['sizes'])
        again = self.icon(**{'If-None-Match': answer.headers['ETag']})
        self.assertEqual((304, 'public, max-age=604800'), (again.status_code, again.headers['Cache-Control']))


class ClosedSite(WorldCase):
    class config(LiveConfig):
        SITE_CLOSED = True

    def test_tells_programs_to_stay_out_and_still_whom_to_tell_of_a_hole(self):
        self.assertEqual('User-agent: *\nDisallow: /\n', self.visitor.get('/robots.txt').text)
        self.assertEqual(200, self.visitor.get('/.well-known/security.txt').status_code)
        with self.visitor.get('/favicon.ico') as answer:
            self.assertEqual(200, answer.status_code)
