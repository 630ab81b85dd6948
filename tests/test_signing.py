"""One secret, many keys: what is signed for one purpose opens no other, and a new secret disturbs nobody."""
import unittest

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from app import create_app, signing
from app.models import Post
from tests.base import Visitor, hidden_fields
from tests.world import LiveConfig, WorldCase

OLD, NEW = 'the old key, of more than thirty-two bytes', 'the new key, of more than thirty-two bytes'
PURPOSES = ('session', 'form', 'reset_password', 'confirm_email', 'change_email')


class Keys(unittest.TestCase):
    def test_differ_by_purpose_and_by_secret_and_are_never_the_secret(self):
        found = [key for secret in (OLD, NEW) for purpose in PURPOSES
                 for key in signing.keys({'SECRET_KEY': secret}, purpose)]
        self.assertEqual(len(PURPOSES) * 2, len(set(found)))
        for key in found:
            self.assertEqual(32, len(key))
            self.assertNotIn(key, (OLD.encode(), NEW.encode()))

    def test_begin_with_the_one_to_sign_with(self):
        found = signing.keys({'SECRET_KEY': NEW, 'SECRET_KEY_FALLBACKS': [OLD]}, 'form')
        self.assertEqual(signing.keys({'SECRET_KEY': NEW}, 'form') + signing.keys({'SECRET_KEY': OLD}, 'form'), found)


class Purposes(WorldCase):
    def test_of_cookie_and_form_are_signed_with_neither_the_secret_nor_each_others_key(self):
        susan = self.log_in('susan')
        susan.get('/')
        cookie = susan.client.get_cookie('session').value
        inside = self.app.session_interface.get_signing_serializer(self.app).loads(cookie)
        for key in (self.app.secret_key, signing.keys(self.app.config, 'form')[0]):
            for salt in ('cookie-session', 'wtf-csrf-token'):
                forged = URLSafeTimedSerializer(key, salt=salt).dumps(inside)
                susan.client.set_cookie('session', forged)
                self.assertEqual(302, susan.get('/settings').status_code)
        flasks_own = SecureCookieSessionInterface().get_signing_serializer(self.app)
        susan.client.set_cookie('session', flasks_own.dumps(inside))
        self.assertEqual(302, susan.get('/settings').status_code)
        susan.client.set_cookie('session', cookie)
        for key in (self.app.secret_key, signing.keys(self.app.config, 'session')[0]):
            token = URLSafeTimedSerializer(key, salt='wtf-csrf-token').dumps(inside['csrf_token'])
            self.assertEqual(400, susan.post('/', {'csrf_token': token, 'post': 'forged'}).status_code)
        self.assertEqual(0, self.rows(Post))


class Rotation(WorldCase):
    """The site is started again with another key while people have pages open."""

    class config(LiveConfig):
        SECRET_KEY = OLD

    def restarted(self, *fallbacks: str):
        settings = type('Restarted', (LiveConfig,), {'SECRET_KEY': NEW, 'SECRET_KEY_FALLBACKS': list(fallbacks)})
        return create_app(settings)

    def moved(self, visitor: Visitor, app) -> Visitor:
        other = Visitor(app, {})
        other.client.set_cookie('session', visitor.client.get_cookie('session').value)
        return other

    def test_keeps_people_logged_in_and_open_forms_good(self):
        susan = self.log_in('susan')
        form = hidden_fields(susan.get('/').text)
        later = self.moved(susan, self.restarted(OLD))
        self.assertEqual(302, later.post('/', {**form, 'post': 'written before the change'}).status_code)
        self.assertEqual(['written before the change'], self.bodies())

    def test_lets_visitors_log_in_with_a_form_that_was_open(self):
        self.person('susan')
        form = hidden_fields(self.visitor.get('/auth/login').text)
        later = self.moved(self.visitor, self.restarted(OLD))
        later.post('/auth/login', {**form, 'username': 'susan', 'password': 'seven green bottles'})
        self.assertEqual(200, later.get('/settings').status_code)

    def test_signs_with_the_new_key_only(self):
        susan = self.moved(self.log_in('susan'), self.restarted(OLD))
        susan.submit('/auth/logout', page='/')
        susan.submit('/auth/login', username='susan', password='seven green bottles')
        last = self.moved(susan, self.restarted())
        self.assertEqual(200, last.get('/settings').status_code)

    def test_ends_with_the_old_key(self):
        susan = self.moved(self.log_in('susan'), self.restarted())
        self.assertEqual(302, susan.get('/settings').status_code)
