"""Whatever is sent, the answer is a page or a clean refusal, never a fault; drawn by chance and by malice."""
import io
import random
import re
import time
from unittest import mock
from urllib.parse import quote, unquote_to_bytes

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import db, guard
from app.models import Post, User
from tests.base import hidden_fields
from tests.world import WorldCase

CALM = settings(max_examples=40, deadline=None, database=None, derandomize=True,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
ABSURD = ['', ' ', '0', '-1', '1.5', '1e9', 'x', 'NaN', '9' * 19, '9' * 20, '9' * 300, '9' * 5000, '١٢', '0x10', '%',
          '%25', '..', '../../etc/passwd', "' OR 1=1 --", '"; DROP TABLE user; --', '<script>', '{{7*7}}', '${7*7}',
          '\\', 'a' * 2000, '\U0001f600', '\u202e', '\ud7ff', '\ufffe', '\u0301' * 50,
          'a\tb', 'a\nb', 'a\r\nSet-Cookie: x=y']
BROKEN = ['%ff', '%c0%80', '%ed%a0%80', '%f8%88%80%80%80', '%80', '%e2%82', '%00', 'a%00b']
METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'FOO']
TYPES = ['application/json', 'text/plain', 'application/xml', 'multipart/form-data', 'multipart/form-data; boundary=',
         'multipart/form-data; boundary=x', 'multipart/form-data; boundary="' + 'x' * 300 + '"', 'multipart/mixed',
         '', ';;;', 'application/x-www-form-urlencoded; charset=utf-16',
         'application/x-www-form-urlencoded; charset=nonsense', 'x' * 5000]
BODIES = [b'', b'{}', b'[' * 10_000, b'null', b'{"post": 1', b'post=%ff%fe', b'\xff\xfe\x00', b'=', b'&&&&', b'a',
          b'--x\r\n', b'--x--', b'--x\r\nContent-Disposition: form-data; name="post"\r\n\r\nhello\r\n--x--\r\n',
          b'--x\r\nContent-Disposition: form-data\r\n\r\nhello\r\n--x--\r\n',
          b'--x\r\nContent-Disposition: form-data; name="post"; filename="a"\r\n\r\nhello\r\n--x--\r\n',
          b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\xff\r\n--x--\r\n',
          b'--x\r\n' + b'A: b\r\n' * 2000]


class InputCase(WorldCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch('app.queries.site.schema', lambda: 'ok'))  # these tables were not migrated
        self.susan = self.log_in('susan')
        self.id, = self.wrote('susan', 'hello')
        self.follows('susan')
        self.person('john')

    def paths(self, method: str | None = None, fill=None) -> list[str]:
        """The address of every route, its variable parts filled in."""
        fill = fill or {'username': 'john', 'recipient': 'john', 'id': self.id, 'size': 80,
                        'filename': 'microblog.css', 'token': 'none'}.get
        return [re.sub(r'<(?:\w+:)?(\w+)>', lambda part: str(fill(part[1])), rule.rule)
                for rule in self.app.url_map.iter_rules() if method is None or method in rule.methods]

    def assert_clean(self, answer, what) -> int:
        """Assert that this is no fault."""
        answer.get_data()
        answer.close()
        self.assertLess(answer.status_code, 500, what)
        self.assertTrue(answer.headers.get('X-Request-ID'), what)
        self.assertLessEqual(set(guard.HEADERS), set(answer.headers.keys()), what)
        return answer.status_code

    def token(self) -> dict:
        return hidden_fields(self.susan.get('/about').text)


class Addresses(InputCase):
    def test_with_absurd_parts(self):
        without = set(self.paths('GET', lambda name: ''))
        for value in ABSURD:
            for path in self.paths('GET', lambda name, value=value: quote(value, safe='')):
                if '<' not in path and path not in without:
                    self.assert_clean(self.susan.get(path), path[:80])

    def test_with_broken_utf_8_or_nul_are_refused(self):
        for value in BROKEN:
            for path in [*self.paths('GET', lambda name, value=value: value), f'/{value}']:
                if value in path:
                    environ = {'PATH_INFO': unquote_to_bytes(path).decode('latin-1')}  # as a server gives it
                    answer = self.susan.client.get('/', environ_overrides=environ)
                    self.assertEqual(400, self.assert_clean(answer, path), path)

    def test_with_absurd_queries(self):
        names = ['before', 'after', 'q', 'next', 'page', '__debugger__', 'a[]', 'a' * 500, '', 'posts', 'seen']
        for value in ABSURD:
            query = '&'.join(f'{quote(name)}={quote(value, safe="")}' for name in names)
            for path in ('/', '/explore', '/user/john', '/user/john/followers', '/search', '/auth/login', '/about',
                         '/USER/x', '/messages', '/messages/requests', '/send_message/john'):
                self.assert_clean(self.susan.get(f'{path}?{query}'), (path, value[:40]))
            for since in ('', 'since=1&', f'since={quote(value, safe="")}&'):
                self.assert_clean(self.susan.get(f'/notifications?{since}{query}'), value[:40])

    def test_with_broken_queries_are_refused(self):
        for value in BROKEN:
            for query in (f'q={value}', f'{value}=1', f'next=/{value}', value):
                for visitor in (self.visitor, self.susan):
                    self.assertEqual(400, self.assert_clean(visitor.get(f'/search?{query}'), query), query)

    def test_with_raw_bytes_in_the_query_are_refused(self):
        for raw in ('q=\xff', '\xfe\xff', 'before=\x80'):
            for visitor in (self.visitor, self.susan):
                answer = visitor.client.get('/search', environ_overrides={'QUERY_STRING': raw})
                self.assertEqual(400, self.assert_clean(answer, raw))
        answer = self.susan.client.get('/search', environ_overrides={'QUERY_STRING': 'q=é'.encode().decode('latin-1')})
        self.assertEqual(200, self.assert_clean(answer, 'é'))

    def test_with_very_long_queries_and_repeated_names(self):
        self.assertEqual(200, self.assert_clean(self.susan.get('/search?q=' + 'x' * 100_000), 'long'))
        self.assertEqual(200, self.assert_clean(self.susan.get('/explore?' + 'a=1&' * 20_000), 'many'))
        self.assert_clean(self.susan.get('/explore?before=1&before=x&after=2'), 'repeated')

    def test_with_slashes_too_many_lead_to_no_other_host(self):
        for path in ('//evil.example', '///evil.example', '//evil.example/%2e%2e', '/explore//', '/user//john',
                     '/.//evil'):
            answer = self.visitor.client.open(path=path)
            self.assert_clean(answer, path)
            location = answer.headers.get('Location', '/')
            self.assertRegex(location, r'^(http://localhost(:\d+)?)?/(?!/)')


class Requests(InputCase):
    def test_of_every_method_to_every_route(self):
        for path in self.paths():
            for method in METHODS:
                status = self.assert_clean(self.susan.client.open(path, method=method), (method, path))
                self.assertNotEqual(200 if method in ('PUT', 'PATCH', 'DELETE', 'FOO') else 0, status, (method, path))

    def test_with_odd_bodies_to_every_form(self):
        for path in self.paths('POST'):
            for kind in TYPES:
                body = BODIES[(len(kind) + len(path)) % len(BODIES)]
                self.assert_clean(self.susan.client.post(path, data=body, content_type=kind), (path, kind[:40]))

    def test_with_every_odd_body_of_every_type(self):
        for kind in TYPES:
            for body in BODIES:
                self.assert_clean(self.susan.client.post('/', data=body, content_type=kind), (kind[:40], body[:40]))
            self.assert_clean(self.susan.client.get('/explore', data=body, content_type=kind), kind[:40])

    def test_json_is_no_form(self):
        for body in ({}, [], None, 1, 'x', {'post': 'x', **self.token()}, {'post': {'a': []}}):
            self.assertEqual(400, self.assert_clean(self.susan.client.post('/', json=body), body))
        self.assertEqual(1, self.rows(Post))

    def test_with_a_good_token_are_no_fault_as_json_or_as_files(self):
        fields = {name for names in Chance.FIELDS.values() for name in names}
        for path in self.paths('POST'):
            visitor = self.visitor if path.startswith('/auth') else self.susan
            token = hidden_fields(visitor.get('/auth/login' if visitor is self.visitor else '/about').text)
            headers = {'X-CSRFToken': token.get('csrf_token', '')}
            for body in ([], [1], 1, 'x', {'username': [1], 'post': {}}):
                self.assert_clean(visitor.client.post(path, json=body, headers=headers), (path, body))
            parts = {**token, **{name: (io.BytesIO(b'words'), 'words.txt') for name in fields}}
            answer = visitor.client.post(path, data=parts, content_type='multipart/form-data')
            self.assert_clean(answer, (path, 'files'))
            if self.value(db.select(User.id).where(User.username == 'susan')) is None:
                self.fail('a form without a field has deleted an account')

    def test_over_a_megabyte_are_refused_everywhere(self):
        large = b'post=' + b'x' * (1024 * 1024)
        for path in [*self.paths(), '/nowhere']:
            for kind in ('application/x-www-form-urlencoded', 'application/json', 'image/png'):
                answer = self.susan.client.post(path, data=large, content_type=kind)
                self.assertEqual(413, self.assert_clean(answer, path), (path, kind))
        self.assertEqual(413, self.susan.client.get('/explore', data=large).status_code)
        answer = self.susan.client.post('/', data=large, content_type='application/x-www-form-urlencoded')
        self.assertEqual(413, answer.status_code)
        self.assertIn('This is too much at once', answer.text)

    def test_with_thousands_of_fields_or_parts_are_refused_or_ignored(self):
        part = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n1\r\n'
        parts = b''.join(part % n for n in range(3000)) + b'--x--'
        answer = self.susan.client.post('/', data=parts, content_type='multipart/form-data; boundary=x')
        self.assertIn(self.assert_clean(answer, 'parts'), (400, 413))
        for count, status in ((5000, 413), (1000, 413), (900, 302)):
            fields = {**self.token(), 'post': 'x', **{f'f{n}': '1' for n in range(count)}}
            self.assertEqual(status, self.assert_clean(self.susan.client.post('/', data=fields), count), count)

    def test_with_a_hundred_thousand_fields_are_refused_before_they_are_read(self):
        data = '&'.join(f'a{n}=1' for n in range(100_000))
        begin = time.process_time()
        answer = self.visitor.client.post('/auth/login', data=data, content_type='application/x-www-form-urlencoded')
        self.assertEqual(413, answer.status_code)
        self.assertLess(time.process_time() - begin, 0.5)

    def test_with_wrong_lengths(self):
        for length in ('-1', 'x', '9' * 30, '', '1e3'):
            answer = self.susan.client.post('/', data=b'a=1', environ_overrides={'CONTENT_LENGTH': length})
            self.assert_clean(answer, length)

    def test_with_broken_form_fields(self):
        for body in (b'%ff=1', b'post=%ff', b'post=\xff\xfe', b'csrf_token=%ff&post=1', b'post=%', b'post=%zz'):
            answer = self.susan.client.post('/', data=body, content_type='application/x-www-form-urlencoded')
            self.assertEqual(400, self.assert_clean(answer, body))

    def test_with_broken_utf_8_and_a_good_token_are_refused(self):
        token = self.token()['csrf_token'].encode()
        for words in (b'%FF%FE', b'\xff\xfe', b'a%C3', b'%ED%A0%80', b'a&%FF=1'):
            answer = self.susan.client.post('/', data=b'csrf_token=' + token + b'&form_key=k&post=' + words,
                                            content_type='application/x-www-form-urlencoded; charset=utf-8')
            self.assertEqual(400, self.assert_clean(answer, words), words)
        part = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
        for words, status in ((b'\xff\xfe', 400), (b'a\xc3', 400), ('é'.encode(), 302)):
            body = part % (b'csrf_token', token) + part % (b'form_key', b'k') + part % (b'post', words) + b'--x--'
            answer = self.susan.client.post('/', data=body, content_type='multipart/form-data; boundary=x')
            self.assertEqual(status, self.assert_clean(answer, words), words)
        self.assertEqual(302, self.susan.submit('/', post='\ufffd').status_code)
        self.assertEqual(['hello', 'é', '\ufffd'], self.bodies())

    def test_with_nul_in_form_names_or_values_are_refused(self):
        for fields in ({'post': 'a\0b'}, {'po\0st': 'x'}, {'csrf_token': '\0'}, {'next': '/\0'}):
            for path in ('/', '/auth/login', '/language', '/follow/john', '/settings/look'):
                answer = self.susan.post(path, {**self.token(), **fields})
                self.assertEqual(400, self.assert_clean(answer, (path, fields)))


class Headers(InputCase):
    def test_of_every_odd_kind(self):
        odd = ['', ' ', ',', ';', '=', '"', '\xff\xfe', 'x' * 8000, '*', '*/*;q=', 'a=b=c;;', 'bytes=0-', 'bytes=-1',
               'W/"', '%00', 'text/html;level=1;q=0.4', 'de;q=1e400', '-1', 'Thu, 99 Foo 9999 99:99:99 GMT',
               '\t', '{}', '../..']
        names = ['Accept', 'Accept-Language', 'Accept-Encoding', 'Accept-Charset', 'Cookie', 'User-Agent', 'Referer',
                 'Origin', 'Range', 'If-None-Match', 'If-Modified-Since',
                 'If-Range', 'X-Forwarded-For', 'X-Forwarded-Host',
                 'X-Forwarded-Proto', 'Forwarded', 'Authorization', 'X-CSRFToken', 'X-Request-ID', 'Content-Encoding',
                 'Transfer-Encoding', 'X-HTTP-Method-Override', 'Expect', 'Upgrade']
        for name in names:
            for n, value in enumerate(odd):
                path = ('/explore', '/static/microblog.css', '/nowhere')[(n + len(name)) % 3]
                self.assert_clean(self.susan.client.get(path, headers={name: value}), (name, value[:30], path))

    def test_of_forwarding_change_nothing_without_trusted_proxies(self):
        self.wrote('john', 'words')
        headers = {'X-Forwarded-Host': 'evil.example', 'X-Forwarded-For': '6.6.6.6', 'X-Forwarded-Proto': 'https',
                   'Forwarded': 'host=evil.example', 'X-Original-URL': '/settings', 'X-Rewrite-URL': '/settings'}
        answer = self.visitor.get('/user/john', headers=headers)
        self.assertEqual(200, answer.status_code)
        self.assertNotIn('evil.example', answer.text)
        self.assertNotIn('https://localhost', answer.text)

    def test_of_foreign_hosts_are_answered_with_a_plain_400(self):
        for host in ('evil.example', 'localhost.evil.example', 'evil.example:5000', 'localhost/evil', 'localhost?x',
                     'localhost#x', 'localhost\\evil', 'user@localhost', 'localhost:5000@evil', '[::1', '[', ']', '[]',
                     '[::1]x', 'localhost:x', 'localhost:-1',
                     'localhost localhost', '', ' ', '.', 'localhost.',
                     '%6cocalhost', '127.1', '2130706433', '0', '0.0.0.0', '[::]', '[::ffff:127.0.0.1]', '\xff',
                     'x' * 5000,
                     'localhost,evil', 'localhost;'):
            for path, method in (('/explore', 'GET'), ('/static/none', 'GET'), ('/auth/login', 'POST')):
                answer = self.susan.client.open(path, method=method, headers={'Host': host})
                status = self.assert_clean(answer, host)
                self.assertEqual((400, 'text/plain'), (status, answer.mimetype), (host[:30], path))
                self.assertIn('SITE_URL', answer.text)

    def test_of_own_hosts_are_served(self):
        for host in ('localhost', 'LocalHost:5000', '127.0.0.1', '127.0.0.1:8080', '[::1]', '[::1]:5000'):
            self.assertEqual(200, self.visitor.client.get('/explore', headers={'Host': host}).status_code, host)

    def test_with_cookies_that_somebody_wrote_mean_a_visitor(self):
        good = self.susan.client.get_cookie('session').value
        for value in ('', 'x', '.', '..', good[:-1], good[:20], good + 'x', good[::-1], 'e30.x.y', '"', '\xff',
                      'x' * 4000, good.replace('.', '', 1), '{"_user_id": "1"}', '.eJw.x.y', '%00'):
            answer = self.new_visitor().client.get('/settings',
                                                   headers={'Cookie': f'session={value}; theme=<b>; language=\xff'})
            self.assertEqual(302, self.assert_clean(answer, value[:30]))

    def test_with_many_cookies(self):
        cookies = '; '.join(f'c{n}={n}' for n in range(2000))
        self.assertEqual(200, self.assert_clean(self.visitor.get('/explore', headers={'Cookie': cookies}), 'many'))


class Chance(InputCase):
    """Random words into every form, with a good token: what is shown again is what was typed, and nothing breaks."""

    FIELDS = {'/': ['post'], '/post/new': ['post'], '/edit_profile': ['name', 'about_me', 'username', 'password'],
              '/send_message/john': ['message', 'form_key'], '/messages/new': ['recipient', 'message'],
              '/settings/messages': ['accepts'], '/settings/look': ['theme', 'language', 'timezone'],
              '/settings/privacy': ['show_last_seen'],
              '/auth/login': ['username', 'password', 'next'], '/auth/reset_password_request': ['email'],
              '/settings/email': ['email', 'current_password'], '/export_posts': ['current_password', 'form_key'],
              '/language': ['language', 'next'],
              '/auth/register': ['username', 'email', 'password', 'password2']}

    def test_any_text_in_any_form(self):
        susan, john = self.susan, self.visitor

        @CALM
        @given(path=st.sampled_from(sorted(self.FIELDS)), words=st.lists(
            st.text(st.characters(exclude_categories=['Cs'], exclude_characters='\0'), max_size=200), min_size=4,
            max_size=4))
        def check(path, words):
            visitor = john if path.startswith('/auth') else susan
            page = '/auth/login' if visitor is john else '/about'
            fields = dict(zip(self.FIELDS[path], words, strict=False))
            self.assertIn(self.assert_clean(visitor.submit(path, page=page, **fields), (path, words)), (200, 302, 303),
                          (path, words))
            self.assert_clean(susan.get('/', follow_redirects=True), fields)
        check()

    def test_any_address_and_query(self):
        alphabet = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=60)

        @CALM
        @given(path=alphabet, query=alphabet)
        def check(path, query):
            environ = {'PATH_INFO': '/' + path, 'QUERY_STRING': query.replace('\n', '')}
            self.assert_clean(self.susan.client.get('/', environ_overrides=environ), (path, query))
        check()

    def test_any_method_body_header_and_cookie_on_any_route(self):
        words = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters='\x7f'), max_size=40)
        names = st.sampled_from(['Accept', 'Accept-Language', 'Origin', 'Range', 'If-None-Match', 'X-Forwarded-For',
                                 'X-Requested-With', 'Sec-Fetch-Site', 'Authorization', 'User-Agent', 'Referer'])
        wide = settings(CALM, max_examples=200)

        @wide
        @given(path=st.sampled_from(self.paths()), method=st.sampled_from(METHODS), kind=st.sampled_from(TYPES),
               body=st.one_of(st.sampled_from(BODIES), st.binary(max_size=60)), query=words, cookie=words, name=names,
               value=words)
        def check(path, method, kind, body, query, cookie, name, value):
            headers = {name: value, 'Cookie': f'session={cookie}; language={cookie}'}
            answer = self.new_visitor().client.open(path, method=method, data=body, content_type=kind,
                                                    query_string=quote(query, safe='=&%+;/?'), headers=headers)
            self.assert_clean(answer, (method, path, kind[:40], body[:40], query, headers))
        check()

    def test_mutations_of_good_requests(self):
        chance = random.Random(20)
        good = self.paths()
        pieces = [*ABSURD, *BROKEN, '/', '?', '&', '=', '@', '%2f', '%3f', ';', '#', '~', 'before=1', '//', '/..',
                  '/@', ':']
        for _time in range(150):
            path = list(chance.choice(good))
            for _piece in range(chance.randint(1, 3)):
                path.insert(chance.randint(1, len(path)), chance.choice(pieces))
            target = quote(''.join(path)[:3000], safe="/?&=%@:;~!$'()*+,-._")
            target = '/' + re.sub(r'%(?![0-9a-fA-F]{2})', '%25', target).lstrip('/')
            fields = {**self.token(), chance.choice(['post', 'next', 'username', 'q']): chance.choice(ABSURD)}
            self.assert_clean(self.susan.client.get(target), target)
            self.assert_clean(self.susan.client.post(target, data=fields), target)
            if self.value(db.select(User.id).where(User.username == 'susan')) is None:  # a lucky hit
                self.susan = self.log_in('susan')
