"""What a refusal and a fault look like: a page in the site's look and language, or JSON, with a number for the log."""
import html
import io
import re

from flask import abort
from werkzeug.exceptions import TooManyRequests
from wtforms import HiddenField, SearchField, StringField
from wtforms.fields.core import UnboundField

from app import create_app, db
from app.exceptions import Busy, Forbidden, Gone, NotFound, Refused
from app.forms import Form
from tests.base import hidden_fields
from tests.world import Outline, WorldCase

TITLES = {
    400: 'We did not understand this request', 403: 'You may not do this',
    404: 'There is nothing at this address',
    405: 'This page cannot be opened this way', 410: 'This post was deleted', 413: 'This is too much at once',
    429: 'Too many requests', 500: None, 503: None,
}


def all_forms(of=Form):
    """Every kind of form."""
    for form in of.__subclasses__():
        yield form
        yield from all_forms(form)


def raiser(cause):
    """A view that raises."""
    def view():
        raise cause
    return view


class FaultyCase(WorldCase):
    """A site with an address for each refusal and fault."""

    @classmethod
    def setUpClass(cls):
        cls.app = app = create_app(cls.config)
        for code in TITLES:
            app.add_url_rule(f'/fail/{code}', f'fail{code}', lambda code=code: abort(code))
        app.add_url_rule('/fail/wait', 'wait', raiser(TooManyRequests(retry_after=77)))
        app.add_url_rule('/fail/teapot', 'teapot', lambda: abort(418))
        app.add_url_rule('/fail/bug', 'bug', lambda: 1 // 0, methods=['GET', 'POST'])
        app.add_url_rule('/fail/busy', 'busy', raiser(Busy('all')), methods=['GET', 'POST'])
        app.add_url_rule('/fail/<token>', 'link', lambda token: 1 // 0)
        for error in (NotFound('user'), Gone('post'), Forbidden('Not you.'), Refused('post', 'Not this.')):
            app.add_url_rule(f'/fail/{type(error).__name__}', type(error).__name__, raiser(error))
        with app.app_context():
            db.create_all()


class Pages(FaultyCase):
    def test_have_the_look_of_the_site_and_one_heading(self):
        for code, title in TITLES.items():
            answer = self.visitor.get(f'/fail/{code}')
            self.assertEqual((code, 'text/html'), (answer.status_code, answer.mimetype))
            outline = Outline(answer.text)
            self.assertEqual(([], 1), (outline.faults, len(outline.all('h1'))), code)
            self.assertIn('microblog.css', answer.text)
            self.assertIn(title or f'Error {code}', answer.text)

    def test_speak_the_language_of_the_reader(self):
        for code in TITLES:
            page = self.visitor.get(f'/fail/{code}', headers={'Accept-Language': 'ar'}).text
            self.assertIn('<html lang="ar" dir="rtl"', page)

    def test_are_json_where_json_is_asked(self):
        for code in TITLES:
            answer = self.visitor.get(f'/fail/{code}', headers={'Accept': 'application/json'})
            self.assertEqual((code, 'application/json'), (answer.status_code, answer.mimetype))
            self.assertEqual(code, answer.json['error'])
            self.assertEqual(answer.headers['X-Request-ID'], answer.json['request_id'])

    def test_are_pages_for_browsers_and_for_whoever_does_not_care(self):
        for accept in ('text/html,application/xhtml+xml,*/*;q=0.8', '*/*', '', 'image/png', ';;,q=', 'a' * 5000):
            answer = self.visitor.get('/fail/404', headers={'Accept': accept})
            self.assertEqual('text/html', answer.mimetype, accept[:20])

    def test_know_who_is_logged_in(self):
        susan = self.log_in('susan')
        self.assertIn('/user/susan', susan.get('/nowhere').text)
        self.assertEqual('no-store', susan.get('/nowhere').headers['Cache-Control'])

    def test_follow_the_acts(self):
        for name, code, words in (('NotFound', 404, 'nothing at this'), ('Gone', 410, 'deleted'),
                                  ('Forbidden', 403, 'Not you.'), ('Refused', 400, 'Not this.')):
            answer = self.visitor.get(f'/fail/{name}')
            self.assertEqual(code, answer.status_code)
            self.assertIn(words, answer.text)

    def test_keep_the_status_of_rarer_refusals(self):
        answer = self.visitor.get('/fail/teapot')
        self.assertEqual(418, answer.status_code)
        self.assertIn(TITLES[400], answer.text)

    def test_tell_machines_what_to_do(self):
        self.assertEqual('77', self.visitor.get('/fail/wait').headers['Retry-After'])
        self.assertEqual({'POST', 'OPTIONS'}, set(self.visitor.get('/auth/logout').headers['Allow'].split(', ')))


class Numbers(FaultyCase):
    def test_are_on_the_page_in_a_header_and_in_the_log(self):
        with self.assertLogs(self.app.logger, 'ERROR') as log:
            answer = self.visitor.get('/fail/bug')
        number = answer.headers['X-Request-ID']
        self.assertRegex(number, r'^[0-9A-F]{4}(-[0-9A-F]{4}){2}$')
        self.assertIn(f'<code>{number}</code>', answer.text)
        self.assertEqual(500, answer.status_code)
        self.assertEqual(1, len(log.output))
        self.assertIn('ZeroDivisionError', log.output[0])
        self.assertIn('GET /fail/bug', log.output[0])
        self.assertNotIn('ZeroDivisionError', answer.text)

    def test_are_there_however_early_a_request_is_refused(self):
        for answer in (self.visitor.post('/auth/login', {'username': 'susan'}),
                       self.visitor.post('/auth/login', {'username': 's' * 1_100_000}),
                       self.visitor.get('/explore?q=%ff'), self.visitor.get('/', headers={'Host': 'evil.example'})):
            self.assertRegex(answer.headers['X-Request-ID'], r'^[0-9A-F-]{14}$')

    def test_are_the_servers_own_whatever_a_client_sends(self):
        answer = self.visitor.get('/nowhere', headers={'X-Request-ID': 'forged'})
        self.assertNotIn('forged', answer.headers['X-Request-ID'])

    def test_the_log_keeps_neither_query_nor_cookie_nor_the_secret_of_a_signed_link(self):
        with self.assertLogs(self.app.logger, 'ERROR') as log:
            self.visitor.get('/fail/bug?token=secret1', headers={'Cookie': 'session=secret2'})
            self.visitor.get('/fail/eyJhbGciOiJIUzI1NiJ9.secret3')
        self.assertNotIn('secret', ' '.join(log.output))


class Further(FaultyCase):
    """What a page about a fault offers next."""

    def sent(self, path: str, **fields: str) -> str:
        """The page after a form of Susan's went wrong."""
        susan = self.log_in('susan')
        return susan.post(path, {**hidden_fields(susan.get('/').text), **fields}).text

    def links(self, page: str) -> list[str]:
        return re.findall(r'<a class="btn [^>]*>([^<]*)</a>', page)

    def test_a_page_can_be_asked_for_again(self):
        for path in ('/fail/bug?a=1&b=<">', '/fail/busy?a=1&b=<">', '/fail/503'):
            page = self.quietly(lambda path=path: self.visitor.get(path).text)
            self.assertEqual(['Try again', 'Go home'], self.links(page))
            self.assertEqual(path, html.unescape(re.search(r'<a class="btn btn-primary" href="([^"]*)"', page)[1]))

    def test_a_form_can_be_sent_again_with_its_text(self):
        for path in ('/fail/bug', '/fail/busy'):
            page = self.quietly(lambda path=path: self.sent(path, post='line 1\nline <2>'))
            self.assertIn('line 1\nline &lt;2&gt;</textarea>', page)
            self.assertIn('Nothing is lost', page)
            self.assertIn(f'<form class="w-100" method="post" action="{path}">', page)
            self.assertEqual([], self.links(page))

    def test_no_password_is_given_back(self):
        page = self.quietly(lambda: self.sent('/fail/busy', password='hunter-2-hunter', post='hello'))
        self.assertNotIn('hunter-2', page)
        self.assertIn('type="password"', page)

    def test_what_is_too_large_leads_back_to_its_form(self):
        answer = self.visitor.post('/auth/login', {'username': 's' * 1_100_000})
        self.assertEqual(413, answer.status_code)
        self.assertEqual(['Back to the form', 'Go home'], self.links(answer.text))
        self.assertIn('href="/auth/login">Back to the form', answer.text)

    def quietly(self, act):
        """Do something that the log tells of."""
        with self.assertLogs(self.app.logger, 'ERROR'):
            self.app.logger.error('A fault may follow.')
            return act()


class FormToken(FaultyCase):
    """A form without a good token: expired, foreign, or the cookie is gone."""

    def test_offers_the_form_again_with_what_was_typed(self):
        susan = self.log_in('susan')
        for token in ('', 'x', 'é', 'a.b.c', 'x' * 100_000, '\ud7ff\U0001f600'):
            answer = susan.post('/', {'csrf_token': token, 'form_key': 'k', 'post': 'line 1\nline <2>'})
            self.assertEqual(400, answer.status_code, token[:10])
            self.assertIn('Send again', answer.text)
            self.assertIn('line 1\nline &lt;2&gt;', answer.text)
        self.assertEqual([], self.bodies())

    def test_what_it_offers_works(self):
        susan = self.log_in('susan')
        page = susan.post('/?x=1', {'post': 'hello', 'form_key': 'k'}).text
        action = re.search(r'<form class="w-100" method="post" action="([^"]*)"', page)[1]
        self.assertEqual('/?x=1', action)
        susan.post(action, {**hidden_fields(page), 'post': 'hello'})
        self.assertEqual(['hello'], self.bodies())

    def test_never_gives_a_password_back(self):
        for path in ('/auth/login', '/auth/register', '/edit_profile', '/settings/password', '/settings/delete'):
            fields = {'username': 'susan', 'password': 'hunter-2-hunter', 'password2': 'hunter-2-hunter',
                      'current_password': 'hunter-2-hunter'}
            answer = self.visitor.post(path, fields)
            self.assertEqual(400, answer.status_code)
            self.assertNotIn('hunter-2', answer.text)
            self.assertIn('value="susan"', answer.text)
            self.assertEqual(3, answer.text.count('type="password"'))

    def test_names_passwords_as_the_form_did(self):
        for path, fields, labels in (
                ('/auth/register', ('password', 'password2'), ['Password', 'Password again']),
                ('/settings/password', ('current_password', 'password', 'password2'),
                 ['Current password', 'New password', 'New password again'])):
            page = self.visitor.post(path, dict.fromkeys(fields, 'hunter-2')).text
            self.assertEqual(labels, re.findall(r'<label class="form-label" [^>]*>([^<]*)<', page))

    def test_names_every_field_that_people_type_into_and_shows_no_other(self):
        typed = {name for form in all_forms() for name, field in vars(form).items()
                 if isinstance(field, UnboundField) and issubclass(field.field_class, StringField)
                 and not issubclass(field.field_class, HiddenField | SearchField)}
        self.assertLess({'banner', 'recipient', 'password2'}, typed)
        page = self.visitor.post('/auth/login', {**dict.fromkeys(typed, 'w' * 70), 'next': '/' * 70}).text
        named = dict(re.findall(r'<label class="form-label" for="([^"]*)">([^<]*)<', page))
        shown = {field['name']: named[field['id']] for tag in ('textarea', 'input') for field in Outline(page).all(tag)
                 if field.get('id', '').startswith('again-')}
        self.assertEqual(typed, set(shown))
        self.assertEqual([], [name for name, label in shown.items() if not label[0].isupper()])

    def test_gives_no_password_back_however_it_is_sent(self):
        fields = {'Password': 'hunter-2', 'new_PASSWORD': 'hunter-2', 'username': 'susan'}
        answer = self.visitor.post('/auth/login?next=/x', fields)
        self.assertEqual(400, answer.status_code)
        self.assertNotIn('hunter-2', answer.text)

    def test_gives_back_text_of_several_lines_and_any_script_as_it_was(self):
        susan = self.log_in('susan')
        words = '<b>"1" & \'2\'</b></textarea>\n\n\u05e9\u05dc\u05d5\u05dd \U0001f468\u200d\U0001f469\u200d\U0001f467 '
        words += 'x' * 400
        for text in (words, '\n\n' + words, ' ' + words):
            page = susan.post('/', {'post': text, 'form_key': 'k'}).text
            kept = re.search(r'<textarea [^>]*name="post"[^>]*>\n(.*?)</textarea>', page, re.S)[1]
            self.assertEqual(text, html.unescape(kept))
            for _time in range(2):  # sent again, and by a double click once more
                susan.post('/', {**hidden_fields(page), 'post': html.unescape(kept).replace('\n', '\r\n')})
        self.assertEqual(1, len(self.bodies()))

    def test_gives_back_the_text_of_a_form_with_a_file(self):
        susan = self.log_in('susan')
        page = susan.post('/', {'post': 'line 1\nline 2', 'file': (io.BytesIO(b'bytes'), 'name.txt')},
                          content_type='multipart/form-data').text
        self.assertIn('line 1\nline 2', page)
        self.assertNotIn('name.txt', page)

    def test_refuses_the_token_of_another_browser(self):
        token = hidden_fields(self.log_in('john').get('/').text)['csrf_token']
        susan = self.log_in('susan')
        self.assertEqual(400, susan.post('/', {'csrf_token': token, 'post': 'hello'}).status_code)
        self.assertEqual([], self.bodies())

    def test_refuses_a_token_from_before_the_log_in(self):
        self.person('susan')
        page = self.visitor.get('/auth/login').text
        old = hidden_fields(page)
        self.visitor.submit('/auth/login', username='susan', password='seven green bottles')
        self.assertEqual(400, self.visitor.post('/', {**old, 'post': 'hello'}).status_code)

    def test_is_offered_to_no_form_of_another_site(self):
        susan = self.log_in('susan')
        for headers in ({'Sec-Fetch-Site': 'cross-site'}, {'Origin': 'https://evil.example'}, {'Origin': 'http://[x'},
                        {'Origin': 'http://localhost@evil.example'}, {'Origin': 'null', 'Sec-Fetch-Site': 'cross-site'},
                        {'Origin': 'http://localhost', 'Sec-Fetch-Site': 'cross-site'}, {'Origin': 'localhost'}):
            for visitor in (self.visitor, susan):  # the first is what a browser sends: no Lax cookie
                answer = visitor.post('/', {'post': 'Send me'}, headers=headers)
                self.assertEqual((400, 'text/plain'), (answer.status_code, answer.mimetype), headers)
                self.assertNotIn('Set-Cookie', answer.headers)
                self.assertNotIn('Send me', answer.text)
        self.assertEqual(200, susan.get('/', headers={'Sec-Fetch-Site': 'cross-site'}).status_code)

    def test_is_asked_of_forms_of_this_site_only(self):
        susan, hidden = self.log_in('susan'), hidden_fields(self.visitor.get('/about').text)
        for number, headers in enumerate(({'Origin': 'http://localhost:5000', 'Sec-Fetch-Site': 'same-origin'},
                                          {'Origin': 'http://localhost'}, {'Origin': 'null'}, {'Origin': ''},
                                          {'Origin': 'http://127.0.0.1:5000', 'Host': '127.0.0.1:5000'},
                                          {'Origin': 'http://localhost:5000', 'Host': '127.0.0.1'},
                                          {'Origin': 'null', 'Sec-Fetch-Site': 'same-origin'},
                                          {'Origin': 'null', 'Sec-Fetch-Site': 'none'}, {'Sec-Fetch-Site': 'none'})):
            answer = self.visitor.post('/language', {**hidden, 'language': 'de'}, headers=headers)
            self.assertEqual(302, answer.status_code, headers)
            if 'Host' not in headers:
                fields = {**hidden_fields(susan.get('/').text), 'form_key': str(number), 'post': 'hello'}
                self.assertEqual(302, susan.post('/', fields, headers=headers).status_code, headers)

    def test_gives_no_thousand_fields_back(self):
        answer = self.visitor.post('/auth/login', data='a=1&' * 900,
                                   content_type='application/x-www-form-urlencoded')
        self.assertEqual(400, answer.status_code)
        self.assertLess(len(answer.data), 20_000)

    def test_is_json_where_json_is_asked(self):
        answer = self.visitor.post('/auth/login', {'username': 'susan'}, headers={'Accept': 'application/json'})
        self.assertEqual((400, 'application/json'), (answer.status_code, answer.mimetype))


class Secrets(FaultyCase):
    def test_no_page_shows_settings_or_code(self):
        for path in ('/fail/bug', '/fail/500', '/console', '/?__debugger__=yes&cmd=1'):
            page = self.visitor.get(path).text
            for word in ('Traceback', 'SECRET_KEY', 'werkzeug', 'File &#34;', '/app/'):
                self.assertNotIn(word, page)
