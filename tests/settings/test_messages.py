"""Choosing who may write to one."""
import sqlalchemy as sa

from app.models import MessageSetting
from tests.world import WorldCase


class Messages(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def save(self, **fields):
        return self.susan.submit('/settings/messages', page='/settings', **fields)

    def stored(self) -> str | None:
        return self.value(sa.select(MessageSetting.accepts))

    def test_is_saved_and_shown(self):
        self.assertIn('checked class="form-check-input" id="accepts-1"', self.susan.get('/settings').text)
        for number, accepts in enumerate(('everyone', 'following', 'nobody')):
            answer = self.save(accepts=accepts)
            self.assertEqual((302, '/settings', accepts), (answer.status_code, answer.location, self.stored()))
            page = self.susan.get('/settings').text
            self.assertIn('Your message settings are saved.', page)
            self.assertIn(f'checked class="form-check-input" id="accepts-{number}"', page)

    def test_takes_nothing_that_is_not_offered(self):
        for fields in ({}, {'accepts': ''}, {'accepts': 'friends'}, {'accepts': 'x' * 100_000}):
            answer = self.save(**fields)
            self.assertEqual((200, None), (answer.status_code, self.stored()))
            self.assertIn('id="accepts-error"', answer.text)

    def test_needs_login_a_token_and_post(self):
        self.assertEqual(405, self.susan.get('/settings/messages').status_code)
        self.assertEqual(400, self.susan.post('/settings/messages', {'accepts': 'nobody'}).status_code)
        answer = self.visitor.submit('/settings/messages', page='/auth/login', accepts='nobody')
        self.assertEqual((302, None), (answer.status_code, self.stored()))
