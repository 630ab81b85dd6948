"""What holds on every page: nothing foreign, nothing broken, nothing wider than a small phone, open to everybody."""
import gzip
import os
from contextlib import suppress
from functools import cache
from itertools import product

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import expect
from werkzeug.exceptions import MethodNotAllowed, NotFound

from tests.base import PASSWORD
from tests.browser.lively import LONG, LivelySite
from tests.browser.site import NARROW, WIDE, BrowserCase, Reader, needs_chromium
from tests.browser.views import FAULT, View, views
from tests.parts import once_only

WAYS = list(product((WIDE, NARROW), ('light', 'dark'), ('en', 'ar')))
EVERY_WAY = 'TEST_EVERY_WAY' in os.environ  # takes eight times as long: for a changed look
SMALLEST = {'width': 320, 'height': 640}
# Opened by GET, and no page: files, feeds, pieces of pages, and what leads elsewhere.
NO_PAGES = {'static', 'bootstrap.static', 'admin.healthz', 'admin.readyz', 'admin.figures', 'exports.download',
            'exports.progress', 'feeds.explore', 'feeds.tag', 'feeds.user', 'main.avatar', 'main.favicon',
            'main.manifest', 'main.names', 'main.robots', 'main.security_txt', 'main.short_user', 'main.user_popup'}
STOPS = 15  # presses of the Tab key that are looked at
UNROLLS = 4
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


def ways(number: int) -> list[tuple]:
    """In which ways to look at the view of this number: all for whoever asks for it, else one, each time another."""
    return WAYS if EVERY_WAY else [WAYS[number % len(WAYS)]]


@cache
def lively_site() -> LivelySite:
    return LivelySite(LONG)


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
            for size, scheme, language in ways(number):
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
        """Let the whole page stand in the window: what scrolls below a bar would count as covered."""
        for _ in range(UNROLLS):  # a long field grows with the window
            height, window = reader.page.evaluate('[document.documentElement.scrollHeight, innerHeight]')
            if height <= window:
                return
            reader.page.set_viewport_size({**reader.page.viewport_size, 'height': 2 * height})
        self.fail(f'The page is {height} px high in a window of {window}.')

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

    def test_no_page_is_left_out(self):
        routes = self.site.app.url_map
        shown = set()
        for view in views(self.site):
            with suppress(NotFound, MethodNotAllowed):
                shown.add(routes.bind('localhost').match(view.path.partition('?')[0])[0])
        self.assertEqual(NO_PAGES, {rule.endpoint for rule in routes.iter_rules() if 'GET' in rule.methods} - shown)

    def test_an_open_menu(self):
        for size in (WIDE, NARROW):
            with self.subTest(**size):
                reader = self.watched('susan', viewport=size)
                reader.go('/')
                reader.page.locator('article summary').first.click()
                expect(reader.page.locator('article details[open] a').first).to_be_visible()
                self.assert_rules(reader, rules={'target-size': {'enabled': False}})  # it covers what is below
                self.check_width(reader)

    def test_what_a_fault_gave_back_is_no_draft_any_more_once_it_was_sent(self):
        writer = self.site.person('writer')
        for status in (500, 503):
            with self.subTest(status):
                reader = self.watched(writer)
                reader.go('/')
                View('', '/', fields={'post': f'sent in spite of {status}'}, script=FAULT % status).show(reader)
                reader.page.evaluate("document.querySelector('main form').action = '/'")
                reader.send('Send again')
                self.assertEqual(f'sent in spite of {status}', reader.posts()[0])
                self.assertEqual('', reader.page.locator('main [name=post]').input_value())

    def test_the_home_page_is_small(self):
        reader = self.watched('susan')
        page = reader.context.request.get(self.site.url + '/').body()
        self.assertGreaterEqual(page.count(b'<article'), 20)  # of 25; threads and reposts are folded
        self.assertLess(len(gzip.compress(page, 6)), LARGEST_HOME)
