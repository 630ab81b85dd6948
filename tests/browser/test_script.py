"""What the script adds, and that nothing is lost where it does not run."""
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from app.models import utcnow
from app.text.cleaning import clean
from app.text.counting import POST_LIMIT, length
from tests.browser.site import BrowserCase, Reader, needs_chromium
from tests.parts import once_only

TEXTS = ['Hello', ' spaces around ', 'two\nlines', '👩‍👩‍👧‍👦 🇪🇸 👍🏽 family',
         'https://example.com/' + 'long/' * 30 + ' there',
         'مرحبا بالعالم، كيف الحال؟', '你好，世界', 'e\u0301 and é', 'नमस्ते', '\u200b\u2060']
TOKYO = ZoneInfo('Asia/Tokyo')
FIELD = 'textarea[name=post]'
BUTTON = '.composer button'


class ScriptCase(BrowserCase):
    """A test in which one person is logged in from the beginning."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.susan = cls.site.person('susan')
        context = cls.browser.new_context()
        first = Reader(context, cls.site.url)
        first.log_in(cls.susan)
        cls.state = context.storage_state()
        context.close()

    def home(self, **options) -> Reader:
        """This person on the home page."""
        reader = self.reader(storage_state=self.state, **options)
        reader.go('/')
        return reader


@once_only
@needs_chromium
class WritingTest(ScriptCase):

    def test_the_counter_agrees_with_the_server_while_one_types(self):
        page = self.home().page
        for text in TEXTS:
            with self.subTest(ascii(text)):
                page.fill(FIELD, '')
                page.focus(FIELD)
                page.keyboard.insert_text(text)
                self.assertEqual(str(POST_LIMIT - length(clean(text))), page.inner_text('[data-left]'))
        page.fill(FIELD, '')
        page.locator(FIELD).press_sequentially('key by key 👍')
        self.assertEqual(str(POST_LIMIT - 12), page.inner_text('[data-left]'))

    def test_the_counter_says_when_little_is_left_and_when_it_is_too_much(self):
        page = self.home().page
        frame, voice = page.locator('.composer .left'), page.locator('[data-say=post]')
        for left, state, said in ((50, '', '50'), (49, 'near', '50'), (20, 'near', '20'), (0, 'near', '0'),
                                  (-3, 'over', 'Too long')):
            with self.subTest(left=left):
                page.fill(FIELD, 'x' * (POST_LIMIT - left))
                self.assertEqual(f'−{-left}' if left < 0 else str(left), page.inner_text('[data-left]'))
                self.assertEqual(['left', *state.split()], frame.get_attribute('class').split())
                self.assertIn(said, voice.text_content())

    def test_what_was_typed_is_there_after_a_reload_and_gone_once_sent(self):
        reader = self.home()
        reader.page.fill(FIELD, 'Do not lose this')
        reader.page.reload()
        self.assertEqual('Do not lose this', reader.page.input_value(FIELD))
        reader.send('Post')
        reader.sees('Your post is published.')
        self.assertEqual('', reader.page.input_value(FIELD))
        reader.page.reload()
        self.assertEqual('', reader.page.input_value(FIELD))

    def test_what_was_typed_survives_a_send_that_fails_on_the_way(self):
        reader = self.home()
        reader.page.route('**/*', lambda route: route.abort('connectionfailed'))
        reader.page.fill(FIELD, 'Written in a tunnel')
        reader.page.click(BUTTON)
        reader.page.wait_for_url('chrome-error://**')
        reader.page.unroute('**/*')
        reader.go('/')
        self.assertEqual('Written in a tunnel', reader.page.input_value(FIELD))

    def test_what_was_typed_survives_a_refusal(self):
        reader = self.home()
        reader.send('Post', post='x' * (POST_LIMIT + 1))
        self.assertEqual('x' * (POST_LIMIT + 1), reader.page.input_value(FIELD))
        self.assertEqual('−1', reader.page.inner_text('[data-left]'))
        expect(reader.page.locator(FIELD)).to_be_focused()
        expect(reader.page.locator(FIELD)).to_have_accessible_description(
            reader.page.inner_text('#post-error') + ' Characters left: −1')

    def test_what_was_sent_again_leaves_no_draft(self):
        reader = self.home()
        reader.page.evaluate("document.querySelector('.composer [name=csrf_token]').value = 'too old'")
        reader.send('Post', post='Sent twice')
        self.assertEqual('Sent twice', reader.page.input_value(FIELD))
        reader.send('Send again')
        reader.sees('Your post is published.')
        self.assertEqual('', reader.page.input_value(FIELD))

    def test_an_answer_that_was_refused_leaves_the_draft_of_a_post_alone(self):
        reader, (id,) = self.home(), self.site.wrote(self.site.person('david'), 'Answer me')
        reader.page.fill(FIELD, 'For another day')
        reader.go(f'/post/{id}/reply')
        reader.page.evaluate("document.querySelector('.composer [name=csrf_token]').value = 'too old'")
        reader.send('Reply', post='An answer')
        reader.page.locator(FIELD).press_sequentially(' ')
        reader.send('Send again')
        reader.sees('Your reply is published.')
        reader.go('/')
        self.assertEqual('For another day', reader.page.input_value(FIELD))
        reader.go(f'/post/{id}/reply')
        self.assertRegex(reader.page.input_value(FIELD), r'^@\S+ $')

    def test_logging_out_leaves_no_draft_to_the_next_person(self):
        reader = self.member(self.susan)
        reader.go('/')
        reader.page.fill(FIELD, 'A secret')
        reader.log_out()
        self.assertEqual(0, reader.page.evaluate('Object.keys(sessionStorage).length'))

    def test_control_and_enter_send(self):
        reader = self.home()
        reader.page.fill(FIELD, 'Without a mouse')
        with reader.page.expect_navigation():
            reader.page.press(FIELD, 'Control+Enter')
        reader.sees('Your post is published.')
        self.assertEqual('Without a mouse', reader.posts()[0])


@once_only
@needs_chromium
class SendingTest(ScriptCase):

    def test_a_double_click_makes_one_post(self):
        for script in (True, False):
            with self.subTest(script=script):
                reader = self.home(java_script_enabled=script)
                reader.page.fill(FIELD, f'Once, script is {script}')
                reader.page.dblclick(BUTTON)
                reader.page.wait_for_load_state()
                reader.sees('Once, script is')
                self.assertEqual(1, self.site.bodies(self.susan).count(f'Once, script is {script}'))

    def test_a_form_on_its_way_is_not_sent_again_and_works_after_coming_back(self):
        reader, sent = self.home(), []

        def keep(route):
            sent.append(route.request)
            route.fulfill(status=204)
        reader.page.route('**/', keep)
        reader.page.fill(FIELD, 'Back and forth')
        reader.page.click(BUTTON)
        reader.page.click(BUTTON)
        self.assertEqual(1, len(sent))
        reader.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
        reader.page.unroute('**/')
        reader.send('Post')
        reader.sees('Your post is published.')

    def test_the_way_back_leads_to_a_form_that_works(self):
        reader = self.home()
        reader.send('Post', post='First of two')
        reader.page.go_back()
        reader.send('Post', post='Second of two')
        reader.sees('Your post is published.')
        self.assertEqual(['First of two', 'Second of two'], self.site.bodies(self.susan)[-2:])

    def test_forms_work_when_the_script_does_not_come(self):
        for file in ('microblog.js', 'counter.js', 'moment.min.js', '.js'):
            with self.subTest(file):
                reader = self.reader(storage_state=self.state)
                reader.page.route(f'**/*{file}*', lambda route: route.abort())
                reader.go('/')
                reader.send('Post', post=f'Without {file}')
                reader.sees('Your post is published.')
                self.assertEqual(f'Without {file}', reader.posts()[0])


@once_only
@needs_chromium
class PageTest(ScriptCase):

    def test_menus_close_on_escape_and_on_a_click_elsewhere(self):
        self.site.wrote(self.susan, 'One', 'Two', 'Three', 'Four', 'Five')
        page = self.home().page
        first, other = page.locator('article details').nth(0), page.locator('article details').nth(4)  # not below it
        first.locator('summary').click()
        page.keyboard.press('Tab')
        page.keyboard.press('Escape')
        expect(first).not_to_have_attribute('open', '')
        expect(first.locator('summary')).to_be_focused()
        first.locator('summary').click()
        page.locator('h1').click()
        expect(first).not_to_have_attribute('open', '')
        first.locator('summary').click()
        other.locator('summary').click()
        expect(first).not_to_have_attribute('open', '')
        self.assertIsNotNone(other.get_attribute('open'))

    def test_a_menu_opens_clear_of_the_bar_below(self):
        self.site.wrote(self.susan, *(['A post'] * 9))
        page = self.home(viewport={'width': 360, 'height': 640}).page
        bar, menu = page.locator('nav.site').bounding_box()['y'], page.locator('article details').nth(5)
        page.evaluate('y => scrollBy(0, y)', menu.bounding_box()['y'] - bar + 50)
        menu.locator('summary').click()
        links = menu.locator('div')
        page.wait_for_function('([links, y]) => links.getBoundingClientRect().bottom <= y',
                               arg=[links.element_handle(), bar])
        self.assertTrue(links.is_visible())

    def test_a_link_is_copied(self):
        id = self.site.wrote(self.susan, 'Copy me')[0]
        reader = self.home(permissions=['clipboard-read', 'clipboard-write'])
        reader.page.locator('article summary').first.click()
        reader.page.get_by_role('button', name='Copy link').click()
        expect(reader.page.get_by_role('status').filter(has_text='Link copied')).to_be_visible()
        self.assertEqual(f'{self.site.url}/post/{id}', reader.page.evaluate('navigator.clipboard.readText()'))
        reader.page.get_by_role('button', name='Copy link').click()
        expect(reader.page.locator('article [role=status]')).to_have_count(1)

    def test_a_link_that_the_browser_does_not_copy_is_shown(self):
        id = self.site.wrote(self.susan, 'Copy me')[0]
        reader, faults = self.home(), []
        reader.page.on('pageerror', lambda error: faults.append(str(error)))
        reader.page.evaluate("navigator.clipboard.writeText = () => Promise.reject(new Error('no')); 0")
        reader.page.locator('article summary').first.click()
        reader.page.get_by_role('button', name='Copy link').click()
        expect(reader.page.locator('article').get_by_role('status')).to_have_text(f'{self.site.url}/post/{id}')
        self.assertEqual([], faults)

    def test_times_are_those_of_the_reader(self):
        now = utcnow()
        cases = [(now - timedelta(seconds=5), 'now'), (now - timedelta(minutes=5, seconds=5), '5 min'),
                 (now - timedelta(hours=3, minutes=1), '3 hr'), (now - timedelta(hours=30), _days_ago(now, 30)),
                 (datetime(2025, 1, 15, 23, 30, tzinfo=UTC), 'Jan 16, 2025')]
        david = self.site.person('david')
        for moment, _ in reversed(cases):
            self.site.wrote(david, 'Tick', timestamp=moment)
        reader = self.reader(timezone_id='Asia/Tokyo', locale='en')
        reader.go(f'/user/{david}')
        shown = reader.page.locator('article time')
        for number, (moment, words) in enumerate(cases):
            with self.subTest(words):
                self.assertEqual(words, shown.nth(number).inner_text())
                self.assertIn(f'{moment.astimezone(TOKYO):%Y}', shown.nth(number).get_attribute('title'))
        self.assertRegex(shown.last.get_attribute('title'), r'January 16, 2025 at 8:30.AM')

    def test_times_speak_the_language_of_the_page(self):
        david = self.site.person('david')
        self.site.wrote(david, 'Ticktack', timestamp=datetime(2025, 1, 15, 23, 30, tzinfo=UTC))
        self.site.wrote(david, 'Ticktack', timestamp=utcnow() - timedelta(minutes=5, seconds=5))
        for language, minutes, day in (('de', '5 Min.', '16. Jan. 2025'), ('fr', '5 min', '16 janv. 2025'),
                                       ('ar', '5 د', 'يناير'), ('zh', '5分钟', '2025年1月16日')):
            with self.subTest(language):
                reader = self.reader(timezone_id='Asia/Tokyo', locale=language)
                reader.go(f'/user/{david}')
                shown = reader.page.locator('article time').all_inner_texts()
                self.assertIn(minutes, shown[0].replace('\u202f', ' ').replace('\xa0', ' '))
                self.assertRegex(shown[1], day)


def _days_ago(now: datetime, hours: int) -> str:
    """What the script calls the day so many hours ago, in Tokyo."""
    today, day = now.astimezone(TOKYO).date(), (now - timedelta(hours=hours)).astimezone(TOKYO).date()
    if (today - day).days == 1:
        return 'Yesterday'
    return f'{day:%b} {day.day}' + (f', {day.year}' if day.year != today.year else '')
