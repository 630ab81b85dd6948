"""Names offered while one writes, and likes that show at once; both do their work without a script, too."""
from playwright.sync_api import expect

from tests.browser.site import NARROW, BrowserCase, needs_chromium, unique
from tests.browser.test_quality import AXE_SCRIPT, RULES, AxeResults
from tests.parts import once_only


@once_only
@needs_chromium
class NamesTest(BrowserCase):
    def setUp(self):
        self.word = unique('zoe') + '_'
        self.anna, self.annabel = self.site.person(f'{self.word}a', name='Anna <b>'), self.site.person(f'{self.word}b')
        self.reader = self.member(self.site.person('susan'))
        self.reader.go('/post/new')
        self.field, self.list = self.reader.page.locator('main textarea'), self.reader.page.get_by_role('listbox')

    def offered(self) -> list[str]:
        expect(self.list).to_be_visible()
        return self.list.get_by_role('option').locator('span').all_inner_texts()

    def faults(self) -> list[str]:
        """What axe finds wrong with the page as it is now."""
        self.reader.page.evaluate(AXE_SCRIPT)
        found = AxeResults(self.reader.page.evaluate('rules => axe.run(rules)', RULES))
        return [fault['id'] for fault in found.response['violations']]

    def test_are_walked_by_arrows_and_taken_by_enter(self):
        self.field.press_sequentially(f'hi @{self.word}')
        self.assertEqual([f'@{self.anna}', f'@{self.annabel}'], self.offered())
        chosen = self.list.locator('[aria-selected=true]')
        expect(chosen).to_contain_text('Anna <b>')
        self.assertEqual(chosen.get_attribute('id'), self.field.get_attribute('aria-activedescendant'))
        self.assertEqual([], self.faults())
        self.field.press('ArrowDown')
        expect(chosen).to_contain_text(self.annabel)
        self.field.press('ArrowDown')
        self.field.press('ArrowUp')
        self.field.press('Enter')
        expect(self.field).to_have_value(f'hi @{self.annabel} ')
        expect(self.list).to_have_count(0)
        self.assertIsNone(self.field.get_attribute('aria-activedescendant'))

    def test_of_wide_letters_stay_within_a_phone(self):
        long = self.site.person(f'{self.word}wide', name='W' * 40)
        self.reader.page.set_viewport_size(NARROW)
        self.field.press_sequentially(f'@{long}')
        self.offered()
        box = self.list.get_by_role('option').bounding_box()
        self.assertLessEqual(box['x'] + box['width'], NARROW['width'])
        self.assertLessEqual(self.list.evaluate('list => list.scrollWidth - list.clientWidth'), 0)

    def test_are_left_by_escape_and_taken_by_a_click(self):
        self.field.press_sequentially(f'@{self.word}')
        self.offered()
        self.field.press('Escape')
        expect(self.list).to_have_count(0)
        expect(self.field).to_have_value(f'@{self.word}')
        self.field.press('b')
        self.field.press('Backspace')
        self.offered()
        self.list.get_by_role('option').last.click()
        expect(self.field).to_have_value(f'@{self.annabel} ')
        expect(self.field).to_be_focused()
        left = self.reader.page.locator('[data-left]')
        expect(left).to_have_text(str(500 - len(self.annabel) - 1))

    def test_are_not_offered_in_addresses_and_to_nobody(self):
        asked = []
        self.reader.page.on('request', lambda request: asked.append(request.url) if '/names' in request.url else None)
        self.field.press_sequentially(f'mail me at me@{self.word} or a/@{self.word}, @ @@{self.word}')
        self.field.press_sequentially(f' @{self.word}b')
        self.assertEqual([f'@{self.annabel}'], self.offered())
        self.assertEqual(1, len(set(asked)), asked)


@once_only
@needs_chromium
class LikeTest(BrowserCase):
    def test_shows_at_once_and_stays(self):
        author = self.site.person('john')
        id, = self.site.wrote(author, 'Like this')
        for options in ({}, {'java_script_enabled': False}):
            reader = self.member(self.site.person('susan'), **options)
            reader.go(f'/user/{author}')
            like = reader.page.locator(f'#post-{id}').get_by_role('button', name='Like')
            before = int(like.locator('.num').inner_text() or 0)
            like.click()
            expect(like).to_have_attribute('aria-pressed', 'true')
            expect(like.locator('.num')).to_have_text(str(before + 1))
            expect(reader.page.locator(f'#post-{id} form[action$="/unlike"]')).to_have_count(1)
            self.assertEqual(f'/user/{author}', reader.path().partition('#')[0])
            reader.go(f'/user/{author}')
            expect(like).to_have_attribute('aria-pressed', 'true')
            repost = reader.page.locator(f'#post-{id}').get_by_role('button', name='Repost')
            repost.click()
            expect(repost).to_have_attribute('aria-pressed', 'true')

    def test_tells_when_it_did_not_get_through(self):
        author = self.site.person('john')
        id, = self.site.wrote(author, 'Like this')
        reader = self.member(self.site.person('susan'))
        reader.go(f'/user/{author}')
        like = reader.page.locator(f'#post-{id}').get_by_role('button', name='Like')
        reader.context.set_offline(True)
        like.click()
        expect(reader.page.locator(f'#post-{id} [role=alert]')).to_be_visible()
        expect(like).to_have_attribute('aria-pressed', 'false')
        expect(like.locator('.num')).to_have_text('')
        reader.page.evaluate('window.fetch = undefined')  # whatever keeps it from getting through, the form does not
        reader.context.set_offline(False)
        with reader.page.expect_navigation():
            like.click()
        expect(like).to_have_attribute('aria-pressed', 'true')
