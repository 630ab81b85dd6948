"""Two people write to one another in a browser: with script on a desk, without it on a phone."""
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from app import db
from app.models import Message, User
from app.services import messages
from app.text.cleaning import clean
from app.text.counting import MESSAGE_LIMIT, length
from tests.browser.site import NARROW, WIDE, BrowserCase, Reader, needs_chromium
from tests.parts import once_only

FIELD = 'textarea[name=message]'


class Conversation:
    """The tests; the cases at the end say in which browser."""

    def said(self, reader: Reader) -> list[str]:
        return reader.page.locator('.msg p').all_inner_texts()

    def test_two_people_talk_and_see_what_is_new(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        self.site.follows(susan, david)
        writer, reader = self.member(david), self.member(susan)
        writer.go(f'/user/{susan}')
        writer.follow(f'Message {susan}')
        writer.send('Send', message='Are you coming on Sunday?')
        writer.send('Send', message='I bring bread.')
        self.assertEqual(['Are you coming on Sunday?', 'I bring bread.'], self.said(writer))
        reader.go('/messages')
        reader.sees('I bring bread.')
        expect(reader.page.locator('main .count')).to_contain_text('2')
        reader.follow(david)
        expect(reader.page.locator('.seen')).to_have_text('New')
        reader.send('Send', message='Of course <b>I</b> do')
        self.assertEqual(['Are you coming on Sunday?', 'I bring bread.', 'Of course <b>I</b> do'], self.said(reader))
        expect(reader.page.locator('.seen')).to_have_count(0)
        writer.go(f'/send_message/{susan}')
        self.assertEqual('Of course <b>I</b> do', self.said(writer)[-1])

    def test_a_stranger_asks_first(self):
        susan, eve = self.site.person('susan'), self.site.person('eve')
        stranger, reader = self.member(eve), self.member(susan)
        stranger.go('/messages/new')
        stranger.send('Send', recipient=susan, message='Buy this')
        reader.go('/messages')
        reader.page.locator('main').get_by_role('link', name='Requests 1').click()
        reader.follow(eve)
        reader.sees(f'{eve} would like to write to you.')
        reader.send('Decline')
        reader.sees('The request is declined.')
        stranger.send('Send', message='Buy that')
        self.assertEqual(['Buy this', 'Buy that'], self.said(stranger))
        reader.go('/messages/requests')
        reader.misses('Buy')

    def test_a_message_is_deleted_for_oneself_after_a_question(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        self.write(david, susan, 'Never mind', 'This stays')
        reader = self.member(susan)
        reader.go(f'/send_message/{david}')
        reader.page.locator('.msg summary').first.click()
        reader.follow('Delete message')
        reader.sees('It disappears for you.')
        reader.send('Delete message')
        reader.sees('The message is deleted.')
        self.assertEqual(['This stays'], self.said(reader))

    def test_what_is_too_long_is_kept_and_refused(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        reader = self.member(susan)
        reader.go(f'/send_message/{david}')
        reader.send('Send', message='x' * (MESSAGE_LIMIT + 1))
        reader.sees('This is 1 character too long.')
        self.assertEqual('x' * (MESSAGE_LIMIT + 1), reader.page.input_value(FIELD))

    def write(self, sender: str, recipient: str, *bodies: str, moment: datetime | None = None) -> None:
        """Let somebody write to another, perhaps at another moment."""
        with self.site.app.app_context():
            pair = [db.session.scalars(db.select(User).where(User.username == name)).one()
                    for name in (sender, recipient)]
            for body in bodies:
                message = messages.send(*pair, body)
                if moment is not None:
                    db.session.execute(db.update(Message).where(Message.id == message.id).values(timestamp=moment))
                db.session.commit()


@once_only
@needs_chromium
class PlainConversationTest(Conversation, BrowserCase):
    options = {'viewport': NARROW, 'java_script_enabled': False, 'has_touch': True}


@once_only
@needs_chromium
class ScriptedConversationTest(Conversation, BrowserCase):
    options = {'viewport': WIDE}

    def test_the_counter_agrees_with_the_server_and_control_with_enter_sends(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        reader = self.member(susan)
        reader.go(f'/send_message/{david}')
        for text in ('Hello', ' two\nlines ', '👩‍👩‍👧‍👦 🇪🇸', 'https://example.com/' + 'long/' * 30, 'مرحبا'):
            reader.page.fill(FIELD, text)
            self.assertEqual(str(MESSAGE_LIMIT - length(clean(text))), reader.page.inner_text('[data-left]'))
        with reader.page.expect_navigation():
            reader.page.press(FIELD, 'Control+Enter')
        self.assertEqual(['مرحبا'], self.said(reader))
        self.assertEqual('', reader.page.input_value(FIELD))

    def test_what_was_typed_is_there_after_a_reload_and_for_this_person_only(self):
        susan, david, john = (self.site.person(name) for name in ('susan', 'david', 'john'))
        reader = self.member(susan)
        reader.go(f'/send_message/{david}')
        reader.page.fill(FIELD, 'Do not lose this')
        reader.page.reload()
        self.assertEqual('Do not lose this', reader.page.input_value(FIELD))
        reader.go(f'/send_message/{john}')
        self.assertEqual('', reader.page.input_value(FIELD))

    def test_days_are_those_of_the_reader(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        for day, hour in ((14, 14), (14, 16), (15, 14)):
            self.write(david, susan, f'{day} {hour}', moment=datetime(2025, 1, day, hour, tzinfo=UTC))
        self.write(david, susan, 'now', moment=datetime.now(UTC) - timedelta(seconds=1))
        reader = self.reader(timezone_id='Asia/Tokyo', locale='en')
        reader.log_in(susan)
        reader.go(f'/send_message/{david}')
        talk = reader.page.locator('[data-days]').inner_text().split('\n')
        heads = [line for line in talk if line in ('Today', 'Yesterday') or line.endswith('2025')]
        self.assertEqual(['Jan 14, 2025', 'Jan 15, 2025', 'Today'], heads)
        self.assertEqual('11:00', reader.page.locator('.msg time').first.inner_text()[:5])
