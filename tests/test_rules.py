"""What holds everywhere: one test over every route, every answer, every page."""
import ast
import re
from pathlib import Path
from unittest import mock

import sqlalchemy as sa
from limits import parse_many

from app import assets, db, guard, limits
from app.models import UserSession
from app.policies.names import is_reserved
from app.services import messages
from tests.base import hidden_fields
from tests.world import LiveConfig, Outline, WorldCase

ROOT = Path(__file__).resolve().parent.parent
PUBLIC, LOGIN = 'public', 'login'

# Who may open a route: everybody, or people who are logged in. A new route belongs into this table.
ACCESS = {
    'static': PUBLIC, 'bootstrap.static': PUBLIC,
    'admin.healthz': PUBLIC, 'admin.readyz': PUBLIC, 'admin.figures': PUBLIC, 'admin.status': LOGIN,
    'admin.proof': LOGIN, 'admin.people': LOGIN, 'admin.person': LOGIN, 'admin.suspend': LOGIN,
    'admin.reinstate': LOGIN, 'admin.sign_out': LOGIN, 'admin.delete': LOGIN, 'admin.posts': LOGIN,
    'admin.remove_post': LOGIN, 'admin.retry_tasks': LOGIN, 'admin.site': LOGIN,
    'auth.login': PUBLIC, 'auth.logout': PUBLIC, 'auth.register': PUBLIC, 'auth.reset_password_request': PUBLIC,
    'auth.reset_password': PUBLIC, 'auth.confirm': PUBLIC, 'auth.resend_confirmation': LOGIN,
    'auth.change_email': PUBLIC,
    'main.index': LOGIN, 'main.explore': PUBLIC, 'main.search': PUBLIC, 'main.language': PUBLIC, 'main.about': PUBLIC,
    'main.keyboard': PUBLIC, 'main.welcome': LOGIN, 'main.welcome_people': LOGIN, 'main.welcome_post': LOGIN,
    'main.security_txt': PUBLIC, 'main.robots': PUBLIC, 'main.manifest': PUBLIC, 'main.rules': PUBLIC,
    'main.favicon': PUBLIC,
    'main.short_user': PUBLIC, 'main.user': PUBLIC, 'main.user_popup': PUBLIC, 'main.followers': PUBLIC,
    'main.following': PUBLIC, 'main.follow': LOGIN, 'main.unfollow': LOGIN, 'main.edit_profile': LOGIN,
    'main.avatar': PUBLIC,
    'messages.index': LOGIN, 'messages.requests': LOGIN, 'messages.new': LOGIN, 'messages.send_message': LOGIN,
    'messages.accept': LOGIN, 'messages.decline': LOGIN, 'messages.delete': LOGIN, 'messages.delete_message': LOGIN,
    'notifications.index': LOGIN, 'notifications.read': LOGIN, 'notifications.unsubscribe': PUBLIC,
    'relations.block': LOGIN, 'relations.unblock': LOGIN, 'relations.mute': LOGIN, 'relations.unmute': LOGIN,
    'relations.close': LOGIN, 'relations.reopen': LOGIN, 'relations.mute_thread': LOGIN,
    'relations.unmute_thread': LOGIN,
    'relations.blocked': LOGIN, 'relations.muted': LOGIN, 'relations.follow_requests': LOGIN,
    'relations.accept': LOGIN, 'relations.decline': LOGIN,
    'posts.thread': PUBLIC, 'posts.reply': LOGIN, 'posts.options': LOGIN,
    'posts.new': LOGIN, 'posts.show': PUBLIC, 'posts.delete': LOGIN,
    'settings.index': LOGIN, 'settings.look': LOGIN, 'settings.privacy': LOGIN, 'settings.password': LOGIN,
    'settings.notifications': LOGIN, 'settings.messages': LOGIN,
    'settings.email': LOGIN, 'settings.sessions': LOGIN, 'settings.events': LOGIN, 'settings.end_session': LOGIN,
    'settings.end_other_sessions': LOGIN, 'settings.delete_account': LOGIN,
    'posts.like': LOGIN, 'posts.unlike': LOGIN, 'posts.repost': LOGIN, 'posts.unrepost': LOGIN, 'posts.likes': PUBLIC,
    'posts.reposts': PUBLIC, 'main.tag': PUBLIC, 'main.likes': LOGIN, 'main.names': LOGIN, 'feeds.user': PUBLIC,
    'feeds.tag': PUBLIC, 'feeds.explore': PUBLIC,
    'exports.index': LOGIN, 'exports.progress': LOGIN, 'exports.download': LOGIN,
}
# What limits a form, besides the limit that all forms of an account or a visitor share. A new form belongs here too.
LIMITS: dict[str, tuple[str, ...]] = {
    'auth.login': ('LIMIT_LOGIN', 'LIMIT_LOGIN_ALL'), 'auth.register': ('LIMIT_REGISTER', 'LIMIT_REGISTER_ALL'),
    'auth.reset_password_request': ('LIMIT_RESET', 'LIMIT_RESET_ALL'), 'main.index': ('LIMIT_POST',),
    'main.welcome_post': ('LIMIT_POST',), 'main.welcome': (),
    'posts.reply': ('LIMIT_POST',), 'posts.options': (),
    'posts.new': ('LIMIT_POST',), 'messages.send_message': ('LIMIT_MESSAGE',), 'messages.new': ('LIMIT_MESSAGE',),
    'main.edit_profile': ('LIMIT_LOGIN',), 'settings.password': ('LIMIT_LOGIN',),
    'settings.email': ('LIMIT_LOGIN', 'LIMIT_REGISTER'), 'settings.delete_account': ('LIMIT_LOGIN',),
    'admin.proof': ('LIMIT_LOGIN',),
    **dict.fromkeys(('admin.suspend', 'admin.reinstate', 'admin.sign_out', 'admin.delete', 'admin.remove_post',
                     'admin.retry_tasks', 'admin.site'), ()),
    'exports.index': ('LIMIT_LOGIN',), 'exports.download': ('LIMIT_LOGIN',),
    **dict.fromkeys(('auth.logout', 'auth.reset_password', 'auth.confirm', 'auth.resend_confirmation',
                     'auth.change_email', 'main.language', 'main.follow', 'main.unfollow', 'posts.delete',
                     'posts.like', 'posts.unlike', 'posts.repost', 'posts.unrepost',
                     'messages.accept', 'messages.decline', 'messages.delete', 'messages.delete_message',
                     'notifications.read', 'notifications.unsubscribe', 'relations.block', 'relations.unblock',
                     'relations.mute', 'relations.unmute', 'relations.mute_thread',
                     'relations.unmute_thread', 'relations.close', 'relations.reopen', 'relations.accept',
                     'relations.decline',
                     'settings.look', 'settings.privacy', 'settings.notifications', 'settings.messages',
                     'settings.end_session',
                     'settings.end_other_sessions'), ()),
}
# The first sets a cookie of the visitor's own and nothing else, the second is sent by mail programs (RFC 8058).
PIECES = {'main.user_popup'}  # of a page, for the script; tests/main/test_popup.py looks at it
WITHOUT_TOKEN = {'main.language', 'notifications.unsubscribe'}


class RulesCase(WorldCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mock.patch('app.queries.site.schema', lambda: 'ok'))  # these tables were not migrated
        self.own, = self.wrote('susan', 'my own words, https://example.com')
        self.post, = self.wrote('john', 'hello')
        self.follows('john', 'susan')
        with self.app.app_context():
            self.message = messages.send(self.find('susan'), self.find('john'), 'hello').id
            db.session.commit()

    def paths(self, method: str) -> list[tuple[str, str]]:
        """Every route that takes the method: its endpoint and an address at which there is something."""
        found = []
        for rule in self.app.url_map.iter_rules():
            if method in rule.methods:
                path = rule.rule
                for name, value in self.values(rule.endpoint).items():
                    path = re.sub(rf'<(\w+:)?{name}>', str(value), path)
                self.assertNotIn('<', path, 'a route with an unknown part')
                found.append((rule.endpoint, path))
        return found

    def values(self, endpoint: str) -> dict:
        filename = 'css/bootstrap.min.css' if endpoint == 'bootstrap.static' else 'microblog.css'
        id = {'main.avatar': 1, 'settings.end_session': 1, 'messages.delete_message': self.message}.get(
            endpoint, self.own)
        return {'username': 'john', 'name': 'moss', 'recipient': 'john', 'id': id, 'size': 80, 'filename': filename,
                'token': 'none'}

    def visit(self, visitor, path: str):
        answer = visitor.get(path)
        answer.get_data()
        answer.close()
        return answer

    def pages(self, visitor) -> dict[str, str]:
        """The text of every page that this visitor can open, by its address."""
        texts = {}
        for endpoint, path in [*self.paths('GET'), ('', '/nowhere'), ('', '/explore?before=x'), *self.links()]:
            answer = self.visit(visitor, path)
            if endpoint not in PIECES and answer.mimetype == 'text/html' and not 300 <= answer.status_code < 400:
                texts[path] = answer.text
        self.assertGreater(len(texts), 8)
        return texts

    def links(self) -> list[tuple[str, str]]:
        """Pages that links in letters lead to."""
        with self.app.app_context():
            token = self.find('john').get_reset_password_token()
        return [('auth.reset_password', f'/auth/reset_password/{token}')]


class Routes(RulesCase):
    def test_each_has_a_declared_access(self):
        self.assertEqual(set(ACCESS), {rule.endpoint for rule in self.app.url_map.iter_rules()})

    def test_those_that_need_login_lead_visitors_to_the_log_in_page(self):
        for endpoint, path in self.paths('GET'):
            answer = self.visit(self.visitor, path)
            wanted = answer.status_code == 302 and answer.location.startswith('/auth/login')
            self.assertEqual(ACCESS[endpoint] == LOGIN, wanted, endpoint)
            self.assertLess(answer.status_code, 500)

    def test_those_that_need_login_refuse_forms_of_visitors(self):
        before = self.everything()
        for endpoint, path in self.paths('POST'):
            if ACCESS[endpoint] == LOGIN:
                answer = self.visitor.submit(path, page='/auth/login', post='x', theme='dark', submit='y')
                self.assertEqual(302, answer.status_code, endpoint)
                self.assertTrue(answer.location.startswith('/auth/login'), endpoint)
        self.assertEqual(before, self.everything())

    def test_those_that_need_login_answer_401_as_json(self):
        for endpoint, path in self.paths('GET'):
            if ACCESS[endpoint] == LOGIN:
                answer = self.visitor.get(path, headers={'Accept': 'application/json'})
                self.assertEqual((401, 'application/json'), (answer.status_code, answer.mimetype), endpoint)

    def test_each_that_takes_a_form_refuses_one_without_a_token(self):
        susan = self.log_in('susan')
        before = self.everything()
        for endpoint, path in self.paths('POST'):
            if endpoint in WITHOUT_TOKEN:
                continue
            for visitor in (self.visitor, susan):
                for fields in ({}, {'csrf_token': 'x', 'username': 'susan', 'post': 'x'}):
                    self.assertEqual(400, visitor.post(path, fields).status_code, endpoint)
                self.assertEqual(400, visitor.post(path, json={'post': 'x'}).status_code, endpoint)
        self.assertEqual(before, self.everything())

    def test_reading_changes_nothing(self):
        susan = self.log_in('susan')
        before = self.everything()
        for method in ('GET', 'HEAD', 'OPTIONS'):
            for _endpoint, path in self.paths(method):
                answer = susan.client.open(path, method=method, headers={'Sec-Purpose': 'prefetch'})
                answer.get_data()
                answer.close()
        self.assertEqual(before, self.everything())

    def test_no_other_method_or_header_makes_reading_an_act(self):
        susan = self.log_in('susan')
        form = hidden_fields(susan.get('/').text)
        before = self.everything()
        for _endpoint, path in self.paths('POST'):
            for method, headers in (('GET', {'X-HTTP-Method-Override': 'POST'}), ('HEAD', {}), ('OPTIONS', {}),
                                    ('PUT', {}), ('PATCH', {}), ('DELETE', {})):
                fields = {**form, 'post': 'x', '_method': 'POST', 'theme': 'dark', 'submit': 'y'}
                susan.client.open(path, method=method, headers=headers, data=fields)
                susan.client.open(path, method=method, headers=headers, query_string=fields)
        self.assertEqual(before, self.everything())

    def test_the_first_part_of_each_address_can_be_nobodys_name(self):
        for rule in self.app.url_map.iter_rules():
            first = rule.rule.split('/')[1]
            if first and not first.startswith('@') and '.' not in first:  # which no name can have
                self.assertTrue(is_reserved(first), rule.rule)

    def everything(self) -> dict:
        """Every row of every table."""
        with self.app.app_context():
            return {table.name: sorted(map(repr, db.session.execute(sa.select(table))))
                    for table in db.metadata.sorted_tables}


class Forms(RulesCase):
    class config(LiveConfig):
        RATELIMIT_ENABLED = True

    def test_have_a_declared_limit(self):
        self.assertEqual(set(LIMITS), {endpoint for endpoint, _path in self.paths('POST')})

    def test_are_refused_when_they_come_too_often(self):
        self.log_in('susan')  # the session that gets ended
        susan = self.log_in('susan')
        with susan.client.session_transaction() as session:
            del session['proved_at']  # so that every password is asked for
        with self.app.app_context():
            storage, items = limits._counting()
        for endpoint, path in self.paths('POST'):
            visitor = susan if ACCESS[endpoint] == LOGIN else self.visitor
            for setting in LIMITS[endpoint] if endpoint in limits.POSTS else ('LIMIT_WRITE', *LIMITS[endpoint]):
                storage.reset()
                tight = {**items, setting: parse_many('1 per day')}
                with mock.patch.dict(self.app.extensions, limits=(storage, tight)):
                    said = [visitor.submit(path, page='/auth/login', username='x', email='x', password='x',
                                           password2='x', current_password='x').status_code for _ in range(2)]
                self.assertEqual((False, True), tuple(status == 429 for status in said), (endpoint, setting, said))


class AnswersCase(RulesCase):
    """Every kind of answer: pages, redirects, static files, refusals."""

    def answers(self, visitor) -> list:
        paths = [path for _endpoint, path in self.paths('GET')]
        paths += ['/nowhere', '/static/none', '/auth/logout', '//x', '/user/']
        found = [self.visit(visitor, path) for path in paths]
        found += [visitor.client.open('/explore', method=method) for method in ('OPTIONS', 'HEAD', 'DELETE', 'PATCH')]
        found += [visitor.post('/', {}), visitor.post('/language', {}), visitor.get('/', headers={'Host': 'evil'}),
                  visitor.get('/?%ff'), visitor.post('/', {'post': 'x' * 1_100_000}),
                  visitor.get('/nowhere', headers={'Accept': 'application/json'})]
        return found


class Answers(AnswersCase):
    def test_carry_every_header_of_security(self):
        for visitor in (self.visitor, self.log_in('susan')):
            for answer in self.answers(visitor):
                signed = answer.request.path.startswith(('/auth/', '/notifications/'))  # with a secret in the address
                secret = {'Referrer-Policy': 'no-referrer'} if signed and answer.request.path.endswith('/none') else {}
                for name, value in {**guard.HEADERS, **secret}.items():
                    self.assertEqual(value, answer.headers.get(name), (answer.request.path, name))
                self.assertTrue(answer.headers.get('X-Request-ID'), answer.request.path)
                self.assertTrue(answer.headers.get('Cache-Control'), answer.request.path)
                self.assertNotIn('Strict-Transport-Security', answer.headers)
                self.assertNotIn('X-Powered-By', answer.headers)

    def test_allow_no_script_or_style_but_the_sites_own(self):
        policy = dict(part.strip().split(' ', 1) for part in guard.CSP.split(';'))
        self.assertEqual("'none'", policy['default-src'])
        self.assertEqual(("'self'", "'self'"), (policy['script-src'], policy['style-src']))
        self.assertFalse(re.search(r'unsafe|\*|https?:', guard.CSP))

    def test_are_kept_by_no_cache_unless_they_are_files_or_pictures(self):
        for visitor in (self.visitor, self.log_in('susan')):
            for answer in self.answers(visitor):
                path, kept = answer.request.path, answer.headers['Cache-Control']
                if ('/feed.' in path or path == '/manifest.webmanifest') and answer.status_code == 200:
                    self.assertEqual('no-cache', kept)
                elif path.startswith(('/static/', '/bootstrap/', '/avatar/', '/favicon')) and answer.status_code == 200:
                    self.assertIn('public', kept)
                elif path.endswith('/popup'):
                    self.assertIn(kept, ('private, max-age=60', 'no-cache'))
                elif answer.status_code != 301 and not (visitor is self.visitor and kept == 'no-cache'):
                    self.assertEqual('no-store', kept, path)

    def test_static_files_with_a_version_are_kept_for_a_year(self):
        page = self.visitor.get('/explore').text
        for path in set(re.findall(r'(?:href|src)="(/(?:static|bootstrap)/[^"]*)"', page)):
            answer = self.visit(self.visitor, path.partition('#')[0].replace('&amp;', '&'))
            self.assertEqual((200, f'public, max-age={guard.YEAR}, immutable'),
                             (answer.status_code, answer.headers['Cache-Control']), path)
            self.assertNotIn('Set-Cookie', answer.headers)

    def test_static_files_are_kept_under_no_version_but_their_own(self):
        for path in ('/static/microblog.css', '/bootstrap/static/css/bootstrap.min.css'):
            for version in ('', '0', '9' * 12, '../x'):
                kept = self.visit(self.visitor, f'{path}?v={version}').headers['Cache-Control']
                self.assertEqual('no-cache', kept, (path, version))
            self.assertIn('max-age=3600', self.visit(self.visitor, path).headers['Cache-Control'])

    def test_static_files_that_a_browser_has_already_stay_kept(self):
        with self.app.app_context():
            path = assets.asset('microblog.css')
        etag = self.visit(self.visitor, path).headers['ETag']
        answer = self.visitor.get(path, headers={'If-None-Match': etag})
        answer.close()
        self.assertEqual((304, f'public, max-age={guard.YEAR}, immutable'),
                         (answer.status_code, answer.headers['Cache-Control']))
        for name, value in guard.HEADERS.items():
            self.assertEqual(value, answer.headers.get(name), name)

    def test_set_no_cookie_that_script_can_read_or_other_sites_send(self):
        for visitor in (self.visitor, self.log_in('susan')):
            for answer in self.answers(visitor):
                for cookie in answer.headers.getlist('Set-Cookie'):
                    self.assertIn('HttpOnly', cookie)
                    self.assertIn('SameSite=Lax', cookie)


class UnderTLS(AnswersCase):
    """The same site in production, where cookies and transport are bound to TLS."""

    class config(LiveConfig):
        SITE_URL = 'https://blog.example.org'

    def new_visitor(self, **headers):
        return super().new_visitor(Host='blog.example.org', **headers)

    def test_answers_ask_for_tls_for_a_year(self):
        for answer in self.answers(self.log_in('susan')):
            self.assertEqual(f'max-age={guard.YEAR}; includeSubDomains', answer.headers['Strict-Transport-Security'])

    def test_cookies_are_for_tls_and_this_host_only(self):
        cookie = self.visitor.get('/auth/login').headers['Set-Cookie']
        self.assertTrue(cookie.startswith('__Host-session='), cookie)
        self.assertIn('Secure;', cookie)
        self.assertIn('Path=/', cookie)
        self.assertNotIn('Domain', cookie)

    def test_pages_get_140_points_from_the_observatory(self):
        """What MDN's HTTP Observatory 1.4 counts; the last five there are come with the list of preloaded hosts."""
        answer = self.visitor.get('/auth/login')
        policy = dict(part.strip().split(' ', 1) for part in answer.headers['Content-Security-Policy'].split(';'))
        cookies = answer.headers.getlist('Set-Cookie')
        scripts = Outline(answer.text).all('script')
        points = {
            'policy': (10, policy['default-src'] == "'none'" and policy['form-action'] == "'self'"
                       and 'unsafe' not in str(policy)),
            'frames': (5, policy['frame-ancestors'] == "'none'"),
            'referrer': (5, answer.headers['Referrer-Policy'] in ('no-referrer', 'same-origin')),
            'origin': (10, answer.headers['Cross-Origin-Resource-Policy'] == 'same-origin'),
            'cookies': (5, all(word in cookies[0] for word in ('Secure', 'HttpOnly', 'SameSite=Lax'))),
            'integrity': (5, bool(scripts) and all(script['integrity'].startswith('sha256-') for script in scripts)),
            'transport': (0, 'max-age=31536000' in answer.headers['Strict-Transport-Security']),
            'types': (0, answer.headers['X-Content-Type-Options'] == 'nosniff'),
            'sharing': (0, 'Access-Control-Allow-Origin' not in answer.headers)}
        self.assertEqual([], [name for name, (_points, good) in points.items() if not good])
        self.assertEqual(140, 100 + sum(worth for worth, _good in points.values()))

    def test_the_cookie_with_a_visitors_language_is_bound_like_the_session(self):
        answer = self.visitor.post('/language', {'language': 'de'})
        cookie, = answer.headers.getlist('Set-Cookie')
        self.assertTrue(cookie.startswith('__Host-language=de;'), cookie)
        for attribute in ('Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/'):
            self.assertIn(attribute, cookie)
        self.assertNotIn('Domain', cookie)
        self.visitor.client.set_cookie('__Host-language', 'de', domain='blog.example.org', secure=True)
        page = self.visitor.get('/about', base_url='https://blog.example.org').text
        self.assertIn('<html lang="de"', page)

    def test_no_other_host_is_served(self):
        for host in ('localhost', '127.0.0.1', 'blog.example.org.evil.example', 'example.org'):
            self.assertEqual(400, self.visitor.client.get('/explore', headers={'Host': host}).status_code, host)


class Pages(RulesCase):
    def each(self):
        for visitor in (self.visitor, self.log_in('susan')):
            yield from self.pages(visitor).items()

    def test_are_whole_and_have_one_heading(self):
        for path, text in self.each():
            outline = Outline(text)
            self.assertEqual([], outline.faults, path)
            self.assertEqual(1, len(outline.all('h1')), path)
            ids = [attributes['id'] for _tag, attributes in outline.tags if 'id' in attributes]
            self.assertEqual(len(set(ids)), len(ids), f'{path}: {sorted(ids)}')

    def test_hold_no_script_or_style_of_their_own(self):
        for path, text in self.each():
            for tag, attributes in Outline(text).tags:
                self.assertFalse(tag == 'style' or (tag == 'script' and 'src' not in attributes), (path, tag))
                self.assertFalse([name for name in attributes if name == 'style' or name.startswith('on')], (path, tag))

    def test_ask_no_other_host_for_anything(self):
        for path, text in self.each():
            for tag, attributes in Outline(text).tags:
                is_only_named = tag == 'a' or attributes.get('rel') == 'canonical'  # nothing is fetched from there
                names = () if is_only_named else ('src', 'href', 'srcset', 'poster', 'data')
                for name in names:
                    value = attributes.get(name) or ''
                    own = value.startswith(('/', '#', 'http://localhost/', 'data:'))
                    self.assertTrue(not value or (own and not value.startswith('//')), (path, tag, value))
            self.assertNotIn('http-equiv', text)

    def test_every_own_link_leads_somewhere(self):
        seen = set()
        susan = self.log_in('susan')
        for visitor in (self.visitor, susan):
            for path, text in self.pages(visitor).items():
                for target in {a.get('href', '').partition('#')[0] for _tag, a in Outline(text).tags} - seen - {''}:
                    if target.startswith('/'):
                        seen.add(target)
                        self.assertLess(self.visit(visitor, target).status_code, 400, (path, target))

    def test_forms_post_to_addresses_that_take_them_and_carry_a_token(self):
        adapter = self.app.url_map.bind('localhost')
        for path, text in self.each():
            for form in re.findall(r'<form .*?</form>', text, re.S):
                opening = Outline(form.partition('>')[0] + '></form>').all('form')[0]
                action = opening.get('action') or path
                endpoint, _values = adapter.match(action.partition('?')[0], opening['method'].upper())
                if opening['method'] == 'post' and endpoint not in WITHOUT_TOKEN:
                    self.assertTrue(hidden_fields(form).get('csrf_token'), (path, action))

    def test_every_field_has_a_label(self):
        for path, text in self.each():
            outline = Outline(text)
            labelled = {label.get('for') for label in outline.all('label')}
            for label in re.findall(r'<label\b.*?</label>', text, re.S):  # which may hold its field
                labelled |= {attributes.get('id') for _tag, attributes in Outline(label).tags}
            fields = outline.all('input') + outline.all('textarea') + outline.all('select')
            for field in fields:
                if field.get('type') != 'hidden' and 'hidden' not in field:
                    self.assertIn(field.get('id'), labelled, (path, field))

    def test_weigh_less_than_20_kilobytes(self):
        import gzip
        self.wrote('susan', *['Words that fill a line or two, as people write them. ' * 3] * 25)
        susan = self.log_in('susan')
        for path in ('/', '/explore', '/user/susan'):
            self.assertLess(len(gzip.compress(susan.get(path).data)), 20_000, path)


class Sessions(RulesCase):
    def test_are_nobodys_when_they_are_over(self):
        susan = self.log_in('susan')
        with self.app.app_context():
            db.session.execute(sa.delete(UserSession))
            db.session.commit()
        for endpoint, path in self.paths('GET'):
            if ACCESS[endpoint] == LOGIN:
                self.assertEqual(302, susan.get(path).status_code, endpoint)


class Code(WorldCase):
    def test_every_view_has_a_sentence_that_says_what_it_is(self):
        for endpoint, view in self.app.view_functions.items():
            if not endpoint.endswith('static'):
                self.assertTrue(view.__doc__, endpoint)

    def test_no_template_trusts_what_a_person_wrote(self):
        for path in ROOT.glob('app/templates/**/*'):
            if path.is_file():
                self.assertFalse(re.search(r'\|\s*safe\b|autoescape|style=|<style|<script(?![^>]*src=)|\son\w+=',
                                           path.read_text()), path)

    def test_no_module_marks_text_as_safe_but_those_that_make_links_marks_and_posts_and_read_catalogues(self):
        for path in ROOT.glob('app/**/*.py'):
            names = {node.id for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Name)}
            if path.name not in ('links.py', 'marks.py', 'rendering.py', 'articles.py', 'fragments.py'):
                self.assertFalse(names & {'Markup', 'render_template_string'}, path)
