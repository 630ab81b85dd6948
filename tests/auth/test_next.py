"""Where forms and addresses want to go on: only to paths of this site, however they are spelled, and to short ones."""
from urllib.parse import urljoin, urlsplit

from app.auth.sessions import LONGEST_ADDRESS
from tests.base import hidden_fields
from tests.world import WorldCase

ROUTES = ('/language', '/follow/john', '/unfollow/john', '/auth/confirm')
HOSTILE = (
    '///evil.example', '////evil.example', '//////////evil.example', '/\\evil.example', '\\/evil.example',
    '\\\\evil.example', '/\\/evil.example', '///\\evil.example', 'https:evil.example', 'https:/evil.example',
    'https://evil.example', 'http:\\\\evil.example', 'http:///evil.example', 'https:\\evil', '//evil.example',
    '//evil.example/%2e%2e', '//evil.example:80', '//%65vil.example', '//;@evil.example', '//localhost@evil.example',
    '//[::1]', '//[', 'http://[', '//0x7f000001', '//2130706433', '/\t/evil.example', '/\n/evil.example',
    '/\r/evil.example', '/\x0b/evil', '/\x0c/evil', '/\x1f/evil', '\t//evil.example', '\n//evil.example',
    ' //evil.example', '\x01//evil.example', '/ /evil.example', '／／evil.example', '⁄⁄evil.example', '∕∕evil.example',
    '\u200b//evil.example', '\u00a0//evil.example', '\ufeff//evil.example', '\u3000//evil.example',
    '%2f%2fevil.example', '@evil.example', 'http://localhost@evil.example', 'http://localhost:5000@evil.example/',
    'evil.example', 'www.evil.example', '.evil.example', './/evil.example', '../evil', '#//evil', '?next=//evil',
    ';//evil.example',
    'data:text/html,x', 'javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'java\tscript:alert(1)', 'vbscript:x', 'blob:x',
    'file:///etc/passwd', 'ftp://evil.example', 'mailto:a@b', 'http://localhost', 'http://localhost:5000/explore',
    '//localhost:5000/explore', '/\r\nSet-Cookie: x=y', '/a\r\nLocation: http://evil.example', '/' + 'a' * 100_000,
    '/explore?' + 'é' * 3000)
HARMLESS = ('/explore', '/explore?before=5', '/%2f/evil.example', '/%5cevil.example', '/.//evil.example',
            '/..//evil.example', '/%09/evil.example', '/%0d%0aSet-Cookie:x=y', '/@evil.example', '/;//evil.example',
            '/http://evil.example', '/[//evil', '/?next=//evil', '/／evil.example', '/\u202e/evil', '/\x85/evil',
            '/' + 'a' * (LONGEST_ADDRESS - 1))


class Next(WorldCase):
    def setUp(self):
        super().setUp()
        self.person('john')
        self.susan = self.log_in('susan')
        self.form = hidden_fields(self.susan.get('/').text)

    def answers(self, target: str):
        """What every route that takes `next` answers when it comes with the form and with the address."""
        for path in ROUTES:
            yield path, self.susan.post(path, {**self.form, 'next': target})
            yield path, self.susan.post(path, self.form, query_string={'next': target})

    def test_leads_nowhere_else_from_any_form(self):
        usual = {path: self.susan.post(path, self.form).location for path in ROUTES}
        for target in HOSTILE:
            for path, answer in self.answers(target):
                self.assertEqual((302, usual[path]), (answer.status_code, answer.location), (path, ascii(target[:60])))
                self.assertNotIn('x=y', str(answer.headers.getlist('Set-Cookie')))

    def test_leads_to_paths_that_only_look_strange(self):
        for target in HARMLESS:
            for path, answer in self.answers(target):
                self.assertEqual(302, answer.status_code, (path, target))
                parts = urlsplit(urljoin('http://localhost:5000/a/b', answer.location))
                self.assertEqual(('http', 'localhost:5000'), (parts.scheme, parts.netloc), (path, target))

    def test_given_twice_is_looked_at_as_one(self):
        for pair in (['/explore', '//evil.example'], ['//evil.example', '/explore']):
            answer = self.susan.post('/language', {'next': pair})
            self.assertTrue(answer.location.startswith('/explore'), pair)
            answer = self.susan.post('/language', {'next': pair[0]}, query_string={'next': pair[1]})
            self.assertTrue(answer.location.startswith('/explore'), pair)

    def test_of_a_long_address_is_cut_before_it_is_too_long_for_a_header(self):
        for query in ('x' * 7000, 'é' * 3000, '%20' * 2500):
            answer = self.new_visitor().get(f'/settings?{query}')
            self.assertEqual((302, '/auth/login?next=/settings'), (answer.status_code, answer.location))
        self.assertEqual('/auth/login?next=/settings?x%3D1', self.new_visitor().get('/settings?x=1').location)
