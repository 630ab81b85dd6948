"""The card about a person: under a mouse and for the keyboard, never in the way."""
from functools import partial

from playwright.sync_api import expect

from tests.browser.site import BrowserCase, needs_chromium
from tests.browser.test_quality import AXE_SCRIPT, RULES, AxeResults
from tests.parts import once_only

CARD = '.popup'


def answer_with(answer: dict, route) -> None:
    """Let the server say something else."""
    route.fulfill(**answer)


@once_only
@needs_chromium
class PopupTest(BrowserCase):
    def setUp(self):
        self.susan, self.john = self.site.person('susan'), self.site.person('john', about_me='Boats and kettles.')
        self.site.wrote(self.john, 'One', 'Two', 'Three')
        self.path = f'/user/{self.john}'

    def at_explore(self, who='', **options):
        reader = self.member(who, **options) if who else self.reader(**options)
        self.asked = []
        reader.page.on('request', lambda request: self.asked.append(request.url) if 'popup' in request.url else None)
        self.asked.clear()
        reader.go('/explore')
        return reader.page

    def links(self, page):
        return page.locator(f'article a.who[href="{self.path}"]')

    def faces(self, page):
        return page.locator(f'article:has(a.who[href="{self.path}"]) img.face')

    def asked_cards(self) -> list[str]:
        return [url for url in self.asked if url.endswith('/popup')]

    def test_opens_beside_a_name_and_moves_nothing(self):
        page = self.at_explore(self.susan)
        before = page.evaluate('[...document.querySelectorAll("article")].map(post => post.getBoundingClientRect().y)')
        link = self.links(page).first
        link.hover()
        card = page.locator(CARD)
        expect(card).to_contain_text('Boats and kettles.')
        self.assertEqual(before, page.evaluate(
            '[...document.querySelectorAll("article")].map(post => post.getBoundingClientRect().y)'))
        name, box = link.bounding_box(), card.bounding_box()
        self.assertAlmostEqual(name['x'], box['x'], delta=2)
        self.assertLess(abs(name['y'] + name['height'] + 4 - box['y']), 3)

    def test_keeps_to_its_name_and_to_the_window_when_that_becomes_small(self):
        page = self.at_explore(self.susan)
        page.locator('aside a.who').or_(self.links(page)).last.hover()
        expect(page.locator(CARD)).to_be_visible()
        page.evaluate('document.querySelector(".popup").style.setProperty("--x", "900px")')
        page.set_viewport_size({'width': 360, 'height': 740})
        self.assertEqual(360, page.evaluate('document.documentElement.scrollWidth'))

    def test_opens_beside_a_picture(self):
        page = self.at_explore()
        self.faces(page).first.hover()
        expect(page.locator(CARD)).to_contain_text(f'@{self.john}')

    def test_stays_while_the_pointer_is_in_it_and_goes_when_it_leaves(self):
        page = self.at_explore(self.susan)
        self.links(page).first.hover()
        card = page.locator(CARD)
        card.get_by_role('link', name=self.john, exact=True).hover()
        page.wait_for_timeout(600)
        expect(card).to_be_visible()
        page.locator('h1').first.hover()
        expect(card).to_have_count(0)

    def test_follows_from_within_and_stays(self):
        page = self.at_explore(self.susan)
        self.links(page).first.hover()
        page.locator(CARD).get_by_role('button', name=f'Follow {self.john}').click()
        expect(page.locator(CARD).get_by_role('button', name=f'Following: unfollow {self.john}')).to_be_visible()
        page.locator('h1').first.hover()
        expect(page.locator(CARD)).to_have_count(0)
        self.links(page).first.hover()
        expect(page.locator(CARD)).to_contain_text('Following')

    def test_is_fetched_once_for_each_person_and_page(self):
        page = self.at_explore()
        for number in (0, 1, 2):
            self.links(page).nth(number).hover()
            expect(page.locator(CARD)).to_be_visible()
            page.locator('h1').first.hover()
            expect(page.locator(CARD)).to_have_count(0)
        self.assertEqual(1, len(self.asked_cards()))

    def test_is_not_fetched_by_a_pointer_that_passes(self):
        page = self.at_explore()
        self.links(page).first.hover()
        page.locator('h1').first.hover()
        page.wait_for_timeout(900)
        self.assertEqual([], self.asked_cards())

    def test_that_nobody_waits_for_is_given_up(self):
        page, failed = self.at_explore(), []
        page.on('requestfailed', lambda request: failed.append(request.url))
        page.route('**/popup', lambda route: None)  # a server that does not answer
        self.links(page).first.hover()
        page.wait_for_timeout(800)
        self.assertEqual(1, len(self.asked_cards()))
        page.locator('h1').first.hover()
        page.wait_for_timeout(500)
        self.assertEqual(self.asked_cards(), failed)
        expect(page.locator(CARD)).to_have_count(0)

    def test_goes_on_escape_and_stays_away_until_the_pointer_comes_back(self):
        page = self.at_explore()
        link = self.links(page).first
        link.hover()
        expect(page.locator(CARD)).to_be_visible()
        page.keyboard.press('Escape')
        expect(page.locator(CARD)).to_have_count(0)
        link.locator('span').hover()
        page.wait_for_timeout(900)
        expect(page.locator(CARD)).to_have_count(0)
        page.locator('h1').first.hover()
        link.hover()
        expect(page.locator(CARD)).to_be_visible()

    def test_opens_for_the_keyboard_which_walks_through_it_and_out(self):
        page = self.at_explore(self.susan)
        link = self.links(page).first
        link.focus()
        page.keyboard.press('Shift+Tab')
        page.keyboard.press('Tab')
        expect(link).to_be_focused()
        card = page.locator(CARD)
        expect(card).to_be_visible()
        page.keyboard.press('Tab')  # the time
        page.keyboard.press('Tab')
        expect(card.get_by_role('button', name=f'Follow {self.john}')).to_be_focused()
        for _link in range(12):
            if card.locator(':focus').count():
                page.keyboard.press('Tab')
        expect(card).to_have_count(0)
        expect(page.locator('article').first.locator(':focus')).to_have_count(1)

    def test_gives_the_focus_back_on_escape(self):
        page = self.at_explore(self.susan)
        link = self.links(page).first
        link.focus()
        page.keyboard.press('Shift+Tab')
        page.keyboard.press('Tab')
        expect(page.locator(CARD)).to_be_visible()
        page.keyboard.press('Tab')
        page.keyboard.press('Tab')
        page.keyboard.press('Escape')
        expect(page.locator(CARD)).to_have_count(0)
        expect(link).to_be_focused()

    def test_leaves_touch_alone(self):
        page = self.at_explore(has_touch=True, viewport={'width': 360, 'height': 740})
        self.faces(page).first.tap()
        page.wait_for_timeout(900)
        self.assertEqual([], self.asked_cards())
        self.links(page).first.tap()
        page.wait_for_url(f'**{self.path}')
        self.assertEqual([], self.asked_cards())

    def test_is_missing_nowhere_without_script(self):
        page = self.at_explore(java_script_enabled=False)
        self.links(page).first.hover()
        self.links(page).first.click()
        page.wait_for_url(f'**{self.path}')
        expect(page.locator('main')).to_contain_text('Boats and kettles.')

    def test_is_no_card_when_the_answer_is_something_else(self):
        page = self.at_explore()
        for answer in ({'status': 404, 'body': 'no'}, {'status': 500, 'body': 'no'},
                       {'status': 302, 'headers': {'Location': '/auth/login'}}):
            page.route('**/popup', partial(answer_with, answer))
            self.links(page).first.hover()
            page.wait_for_timeout(900)
            expect(page.locator(CARD)).to_have_count(0)
            page.reload()

    def test_fits_on_every_page_in_both_directions_and_themes(self):
        for size, language, scheme in (((1280, 900), 'ar', 'light'), ((360, 740), 'en', 'dark'),
                                       ((360, 740), 'ar', 'light'), ((1280, 300), 'en', 'light')):
            with self.subTest(size=size, language=language):
                page = self.at_explore(locale=language, color_scheme=scheme,
                                       viewport={'width': size[0], 'height': size[1]})
                link = self.links(page).nth(1)
                link.hover()
                card = page.locator(CARD)
                expect(card).to_be_visible()
                box, name = card.bounding_box(), link.bounding_box()
                self.assertGreaterEqual(box['x'], 7)
                self.assertLessEqual(box['x'] + box['width'], size[0] - 7)
                if language == 'ar' and size[0] > 1000:
                    self.assertAlmostEqual(name['x'] + name['width'], box['x'] + box['width'], delta=2)
                self.assertLessEqual(page.evaluate('document.documentElement.scrollWidth'), size[0])
                page.evaluate(AXE_SCRIPT)
                found = AxeResults(page.evaluate('rules => axe.run(".popup", rules)', RULES))
                self.assertEqual(0, found.violations_count, found.generate_report())
