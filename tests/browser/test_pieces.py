"""What comes into the page without loading it anew: a followed person, older posts, a question. All of it may fail."""
from playwright.sync_api import expect

from tests.browser.site import NARROW, BrowserCase, needs_chromium
from tests.parts import once_only

MANY = 60


@once_only
@needs_chromium
class PiecesTest(BrowserCase):
    def setUp(self):
        self.susan, self.david = self.site.person('susan'), self.site.person('david')
        self.site.wrote(self.david, *[f'Number {number}.' for number in range(MANY)])
        self.she = self.member(self.susan)
        self.page = self.she.page

    def button(self, name: str):
        return self.page.locator('main').get_by_role('button', name=name, exact=True)

    def test_following_shows_at_once_and_stays_on_the_page(self):
        self.she.go(f'/user/{self.david}')
        self.page.evaluate('window.stays = true')
        held = []

        def hold(route):
            held.append(route)
        self.page.route('**/follow/*', hold)
        button = self.button(f'Follow {self.david}')
        button.focus()
        self.page.keyboard.press('Enter')
        expect(button).to_have_text('Following')  # before the server has answered
        while not held:
            self.page.wait_for_timeout(10)
        held[0].continue_()
        expect(self.button(f'Following: unfollow {self.david}')).to_be_focused()
        self.page.keyboard.press('Enter')
        expect(self.button(f'Follow {self.david}')).to_have_class('btn btn-sm btn-primary')
        self.page.route('**/follow/*', lambda route: route.abort())
        self.page.keyboard.press('Enter')
        expect(self.page.get_by_role('alert')).to_have_text('That did not get through. Try again.')
        expect(self.button(f'Follow {self.david}')).to_have_text('Follow')
        self.assertTrue(self.page.evaluate('window.stays'))
        self.page.unroute('**/follow/*')
        self.page.keyboard.press('Enter')
        expect(self.button(f'Following: unfollow {self.david}')).to_be_focused()
        self.she.go('/')
        self.assertEqual(f'Number {MANY - 1}.', self.she.posts()[0])
        self.she.misses('You follow')  # nothing is said again later

    def test_following_after_the_session_has_ended_leads_to_the_log_in_page(self):
        self.she.go(f'/user/{self.david}')
        self.she.context.clear_cookies()
        with self.page.expect_navigation():
            self.button(f'Follow {self.david}').click()
        self.assertEqual(1, self.page.locator('h1').count())
        self.assertNotIn('/user/', self.page.url)

    def test_older_posts_come_below_and_are_there_on_the_way_back(self):
        self.site.follows(self.susan, self.david)
        self.she.go('/')
        older = self.page.get_by_role('link', name='Older')
        for count in (25, 50, MANY):
            expect(self.page.locator('article')).to_have_count(count)
            if count < MANY:
                older.click()
        expect(older).to_have_count(0)
        self.assertEqual([f'Number {number}.' for number in range(MANY - 1, -1, -1)], self.she.posts())
        self.assertEqual('/', self.she.path())
        post = self.page.locator('article').nth(40)
        post.locator('.when').click()
        self.page.wait_for_url('**/post/*')
        self.page.go_back()
        expect(self.page.locator('article')).to_have_count(MANY)
        expect(post).to_be_in_viewport()
        post.locator('summary').click()
        expect(post.get_by_role('link', name='Open the post')).to_be_visible()
        self.she.go('/')
        expect(self.page.locator('article')).to_have_count(25)

    def test_older_posts_come_as_a_page_when_they_cannot_be_fetched(self):
        self.site.follows(self.susan, self.david)
        self.she.go('/')
        self.page.route('**/*before=*', lambda route: route.continue_() if route.request.is_navigation_request()
                        else route.abort())
        with self.page.expect_navigation():
            self.page.get_by_role('link', name='Older').click()
        self.assertEqual('Number 34.', self.she.posts()[0])

    def test_a_question_opens_over_the_page(self):
        id, = self.site.wrote(self.susan, 'Never mind')
        for options in ({}, {'viewport': NARROW}):
            reader = self.member(self.susan, **options)
            reader.go(f'/post/{id}')
            summary = reader.page.locator('article summary')
            summary.click()
            reader.page.get_by_role('link', name='Delete post').click()
            dialog = reader.page.get_by_role('dialog', name='Delete this post?')
            expect(dialog.get_by_role('link', name='Keep post')).to_be_focused()
            reader.page.keyboard.press('Escape')
            expect(dialog).to_have_count(0)
            expect(summary).to_be_focused()
            self.assertEqual(f'/post/{id}', reader.path())
        summary.click()
        reader.page.get_by_role('link', name='Delete post').click()
        dialog.get_by_role('link', name='Keep post').click()
        expect(dialog).to_have_count(0)
        summary.click()
        reader.page.get_by_role('link', name='Delete post').click()
        with reader.page.expect_navigation():
            dialog.get_by_role('button', name='Delete post').click()
        reader.sees('Your post is deleted.')


@once_only
@needs_chromium
class KeysTest(BrowserCase):
    def test_each_does_its_act_and_none_while_one_types(self):
        susan = self.site.person('susan')
        self.site.wrote(susan, *[f'Number {number}.' for number in range(30)])
        reader = self.member(susan)
        page, press = reader.page, reader.page.keyboard.press
        reader.go('/')
        posts = page.locator('article')
        for key, number in (('j', 0), ('j', 1), ('j', 2), ('k', 1)):
            press(key)
            expect(posts.nth(number)).to_be_focused()
            expect(posts.nth(number)).to_be_in_viewport()
        for keys in ('Control+j', 'Alt+j', 'Meta+j', 'Shift+J', 'x', 'g'):
            press(keys)
            expect(posts.nth(1)).to_be_focused()
        posts.nth(24).evaluate('post => { post.tabIndex = -1; post.focus(); }')
        press('j')
        expect(posts).to_have_count(30)
        press('n')
        expect(page.locator('textarea[name=post]')).to_be_focused()
        page.keyboard.type('jk?/g h')
        self.assertEqual('jk?/g h', page.input_value('textarea[name=post]'))
        page.fill('textarea[name=post]', '')
        page.locator('h1').click()
        press('/')
        expect(page.locator('[name=q]')).to_be_focused()
        page.locator('h1').click()
        press('?')
        dialog = page.get_by_role('dialog', name='Keyboard')
        expect(dialog).to_contain_text('Next post')
        press('j')
        expect(dialog.get_by_role('button', name='Close')).to_be_focused()
        press('Escape')
        expect(dialog).to_have_count(0)
        for keys, path in (('ge', '/explore'), ('gh', '/'), ('gp', f'/user/{susan}'), ('n', '/post/new')):
            with page.expect_navigation():
                for key in keys:
                    press(key)
            self.assertEqual(path, reader.path())

    def test_count_by_their_place_where_letters_are_arabic(self):
        susan = self.site.person('susan')
        self.site.wrote(susan, 'Number 1.')
        page = self.member(susan).page

        def press(key: str, code: str, shift: bool = False):
            page.evaluate("""([key, code, shiftKey]) => document.body.dispatchEvent(
                new KeyboardEvent('keydown', {key, code, shiftKey, bubbles: true}))""", [key, code, shift])
        press('ت', 'KeyJ')
        expect(page.locator('article').first).to_be_focused()
        press('ظ', 'Slash')
        expect(page.locator('[name=q]')).to_be_focused()
        press('؟', 'Slash', True)
        expect(page.get_by_role('dialog', name='Keyboard')).to_be_visible()

    def test_are_listed_on_a_page_and_can_be_switched_off(self):
        reader = self.member(self.site.person('susan'), java_script_enabled=False)
        reader.go('/keyboard')
        reader.sees('Next post')
        reader = self.member(self.site.person('david'))
        reader.go('/settings')
        reader.page.get_by_label('Use keyboard shortcuts').uncheck()
        reader.send('Save display')
        self.assertFalse(reader.page.get_by_label('Use keyboard shortcuts').is_checked())
        self.assertEqual(0, reader.page.locator('script[src*="keys.js"]').count())
        reader.page.keyboard.press('?')
        reader.page.keyboard.press('n')
        self.assertEqual(0, reader.page.get_by_role('dialog').count())
        self.assertEqual('/settings', reader.path())


@once_only
@needs_chromium
class ZoneTest(BrowserCase):
    def test_the_server_prints_times_in_the_zone_that_the_browser_has_told(self):
        susan = self.site.person('susan')
        id, = self.site.wrote(susan, 'Tick')
        reader = self.reader(timezone_id='Asia/Kathmandu')
        reader.go(f'/post/{id}')
        self.assertIn('+0545', reader.context.request.get(f'{self.site.url}/post/{id}').text())
        reader.context.add_cookies([{'name': 'timezone', 'value': '../../etc', 'url': self.site.url}])
        self.assertIn(' UTC</time>', reader.context.request.get(f'{self.site.url}/post/{id}').text())
