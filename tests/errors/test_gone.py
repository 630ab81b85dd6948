"""Somebody acts while their own account is deleted from elsewhere: an answer without a fault, and nothing is left."""
from unittest import mock

import sqlalchemy as sa

from app import db
from app.extensions import login
from app.models import Post, Submission, User
from tests.base import PASSWORD, hidden_fields
from tests.world import WorldCase

NEW = 'eight brown bottles'
ACTS = (
    ('/', {'post': 'my last words'}),
    ('/post/new', {'post': 'my last words'}),
    ('/edit_profile', {'name': 'Sue', 'about_me': 'gone'}),
    ('/follow/john', {}),
    ('/unfollow/john', {}),
    ('/settings/look', {'theme': 'dark', 'language': 'de', 'timezone': 'UTC'}),
    ('/settings/privacy', {'hide_last_seen': 'y'}),
    ('/settings/password', {'current_password': PASSWORD, 'password': NEW, 'password2': NEW}),
    ('/settings/delete', {'current_password': PASSWORD}),
    ('/auth/logout', {}),
)


class GoneMeanwhile(WorldCase):
    def setUp(self):
        super().setUp()
        self.person('john')

    def gone_after_loading(self):
        """The row goes right after the request has read it."""
        load, done = login._user_callback, []

        def loaded(token):
            user = load(token)
            if user is not None and not done:
                done.append(user)
                self.delete(user.id)
            return user
        return mock.patch.object(login, '_user_callback', loaded)

    def delete(self, id: int) -> None:
        with db.engine.begin() as connection:
            connection.execute(sa.delete(User).where(User.id == id))

    def test_every_act_answers_without_a_fault(self):
        for path, fields in ACTS:
            susan = self.log_in('susan')
            hidden = hidden_fields(susan.get('/').text)
            with self.subTest(path=path), self.gone_after_loading():
                self.assertIn(susan.post(path, {**hidden, **fields}).status_code, (302, 404))
            self.assertEqual(0, self.value(sa.select(sa.func.count()).where(User.username == 'susan')))
            self.assertIn('/auth/login', susan.get('/').location)
        self.assertEqual((0, 0), (self.rows(Post), self.rows(Submission)))
