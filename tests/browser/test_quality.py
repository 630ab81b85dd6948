"""What holds on every page: nothing foreign, nothing broken, nothing wider than a small phone, open to everybody."""
import gzip
import os
from functools import cache
from itertools import product

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import expect

from tests.base import PASSWORD
from tests.browser.lively import LivelySite, View, views
from tests.browser.site import NARROW, WIDE, BrowserCase, Reader, needs_chromium
from tests.parts import once_only

WAYS = list(product((WIDE, NARROW), ('light', 'dark'), ('en', 'ar')))
EVERY_WAY = 'TEST_EVERY_WAY' in os.environ  # takes eight times as long: for a changed look
SMALLEST = {'width': 320, 'height': 640}
STOPS = 15  # presses of the Tab key that are looked at
LARGEST_HOME = 20_000  # bytes, gzipped
RULES = {'resultTypes': ['violations'], 'runOnly': {'type': 'tag', 'values': [
    'wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}}
STOP = """() => {
    const stop = document.activeElement, box = stop.getBoundingClientRect();
    if (stop === document.body) return null;
    const style = getComputedStyle(stop.closest('.box') && stop.matches('textarea') ? stop.closest('.box') : stop);
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return {name: stop.outerHTML.slice(0, 90), within: hit !== null && (stop.contains(hit) || hit.contains(stop)),
            ring: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none'};
}"""


def ways(view: View, number: int) -> list[tuple]:
    """In which ways to look at a view: all for whoever asks for it, else one, each time another."""
    fit = [way for way in WAYS if way[2] == 'en' or not view.button]  # a button has another name in Arabic
    return fit if EVERY_WAY else [fit[number % len(fit)]]


@cache
def lively_site() -> LivelySite:
    return LivelySite()


class Watched(Reader):
    """A reader who notes what goes wrong on the way."""

    def __init__(self, context, url):
        super().__init__(context, url)
        self.faults: list[str] = []
        self.page.on('console', self._console)
        self.page.on('pageerror', lambda error: self.faults.append(f'script: {error}'))
        self.page.on('request', self._request)
        self.page.on('requestfailed', self.note_failure)
        self.page.on('response', self._response)

    def note_failure(self, request) -> None:
        if request.failure != 'net::ERR_ABORTED':  # the reader has gone on
            self.faults.append(f'failed: {request.url} {request.failure}')

    def _console(self, message):
        # Chromium also reports the status of the page itself.
        if message.type in ('error', 'warning') and message.location['url'] != self.page.url:
            self.faults.append(f'console: {message.text}')

    def _request(self, request):
        if not request.url.startswith((self.url + '/', 'data:')):
            self.faults.append(f'foreign: {request.url}')

    def _response(self, response):
        if response.status >= 400 and not response.request.is_navigation_request():
            self.faults.append(f'{response.status}: {response.url}')


@once_only
@needs_chromium
class EveryPageTest(BrowserCase):
    maxDiff = None
    options = {'viewport': WIDE, 'reduced_motion': 'reduce'}

    @classmethod
    def start_site(cls):
        return lively_site()

    def watched(self, who: str, **options) -> Watched:
        """A reader, logged in unless `who` is empty."""
        context = self.reader(**options).context
        reader = Watched(context, self.site.url)
        if who:
            reader.log_in(who, PASSWORD)
        return reader

    def look_at(self, who: str, chosen: list[tuple[int, View]]):
        """Lead one reader through views, and look at each in one way, or in all of them."""
        reader = self.watched(who)
        for number, view in chosen:
            for size, scheme, language in ways(view, number):
                with self.subTest(view.name, **size, scheme=scheme, language=language):
                    reader.faults.clear()
                    reader.page.set_viewport_size(size)
                    reader.page.emulate_media(color_scheme=scheme)
                    reader.context.add_cookies([{'name': 'language', 'value': language, 'url': self.site.url}])
                    self.assert_well_made(reader, view, 'rtl' if language == 'ar' else 'ltr')

    def assert_well_made(self, reader: Watched, view: View, direction: str):
        """Everything that can be asked of a page."""
        self.assertEqual(view.status, view.show(reader))
        self.assertEqual(1, reader.page.locator('h1').count())
        self.assertEqual(direction, reader.page.evaluate('getComputedStyle(document.body).direction'))
        self.check_width(reader)
        self.check_stops(reader)
        self.unroll(reader)
        self.assert_rules(reader)
        reader.page.set_viewport_size(SMALLEST)
        self.check_width(reader)
        self.assertEqual([], reader.faults)

    def unroll(self, reader: Reader):
        """Make the window as high as the page: what scrolls below a bar would count as covered."""
        height = reader.page.evaluate('document.documentElement.scrollHeight')
        reader.page.set_viewport_size({**reader.page.viewport_size, 'height': height})

    def check_width(self, reader: Reader):
        """Nothing is wider than the window."""
        width, window = reader.page.evaluate('[document.documentElement.scrollWidth, innerWidth]')
        self.assertLessEqual(width, window)

    def check_stops(self, reader: Reader):
        """Whoever goes through the page by keyboard sees where they are."""
        reader.page.evaluate('document.activeElement.blur(); scrollTo(0, 0)')
        for _ in range(STOPS):
            reader.page.keyboard.press('Tab')
            stop = reader.page.evaluate(STOP)
            if stop is None:
                return
            self.assertTrue(stop['ring'], f'no ring: {stop["name"]}')
            self.assertTrue(stop['within'], f'covered: {stop["name"]}')

    def assert_rules(self, reader: Reader, **options):
        """Axe finds nothing to object to."""
        if not reader.page.evaluate('"axe" in window'):
            reader.page.evaluate(AXE_SCRIPT)
        results = AxeResults(reader.page.evaluate('rules => axe.run(rules)', {**RULES, **options}))
        self.assertEqual(0, results.violations_count, results.generate_report())

    def test_every_page(self):
        seen = list(enumerate(views(self.site)))
        for who in dict.fromkeys(view.who for _number, view in seen):
            self.look_at(who, [(number, view) for number, view in seen if view.who == who])

    def test_an_open_menu(self):
        for size in (WIDE, NARROW):
            with self.subTest(**size):
                reader = self.watched('susan', viewport=size)
                reader.go('/')
                reader.page.locator('article summary').first.click()
                expect(reader.page.locator('article details[open] a').first).to_be_visible()
                self.assert_rules(reader, rules={'target-size': {'enabled': False}})  # it covers what is below
                self.check_width(reader)

    def test_the_home_page_is_small(self):
        reader = self.watched('susan')
        page = reader.context.request.get(self.site.url + '/').body()
        self.assertGreaterEqual(page.count(b'<article'), 20)  # of 25; threads and reposts are folded
        self.assertLess(len(gzip.compress(page, 6)), LARGEST_HOME)
