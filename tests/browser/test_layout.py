"""What every page keeps at twice the size, in forced colours, and under a thumb; and that nothing jumps."""
from tests.browser.lively import LONG, LivelySite, views
from tests.browser.site import NARROW, WIDE, BrowserCase, Reader, needs_chromium
from tests.browser.test_quality import lively_site
from tests.parts import once_only

ZOOMED = {'viewport': {'width': 640, 'height': 450}, 'device_scale_factor': 2}  # 1280 x 900 at 200 %
# What is cut off at the edge of the window, and does not lie in a part that scrolls by itself.
CUT = """() => [...document.querySelectorAll('main *, nav *')].filter(one => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility({visibilityProperty: true}) && box.width > 1
        && (box.left < -1 || box.right > innerWidth + 1) && !one.closest('.visually-hidden, .skip, .tabs, dialog, svg');
}).map(one => one.outerHTML.slice(0, 90))"""
# Controls whose area is lower or narrower than so many pixels; links in running text may be as high as their line.
SMALL = """least => [...document.querySelectorAll('button, summary, select, input, .act, .btn, .go, nav a, .tabs a')]
    .filter(one => {
        const box = (one.closest('label') || one).getBoundingClientRect();
        return one.checkVisibility() && box.width > 1 && !one.closest('.visually-hidden, .skip, .body')
            && !(least > 24 && one.closest('.msg')) // the menu in a message is as high as its time
            && (box.width < least || box.height < least) && !(one.labels && one.labels.length);
    }).map(one => one.outerHTML.slice(0, 90))"""
UNSEEN = """() => [...document.querySelectorAll('.btn')].filter(one => one.checkVisibility()
    && getComputedStyle(one).borderTopStyle === 'none').map(one => one.outerHTML.slice(0, 90))"""
WHOLE = """() => [...document.querySelectorAll('article')].filter(one => {
    const box = one.getBoundingClientRect();
    return box.top >= 0 && box.bottom <= innerHeight;
}).length"""
SHIFTS = """window.shifts = [];
new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(one => one.value)))
    .observe({type: 'layout-shift', buffered: true});"""


@once_only
@needs_chromium
class LayoutTest(BrowserCase):
    maxDiff = None

    @classmethod
    def start_site(cls) -> LivelySite:
        return lively_site()

    def test_every_page_at_twice_the_size_in_forced_colours_and_under_a_thumb(self):
        chosen = views(self.site)
        for who in dict.fromkeys(view.who for view in chosen):
            reader = self.member(who, **ZOOMED) if who else self.reader(**ZOOMED)
            for view in chosen:
                if view.who == who:
                    with self.subTest(view.name):
                        view.show(reader)
                        self.assert_fits(reader)
            reader.context.close()

    def assert_fits(self, reader: Reader) -> None:
        """Nothing is lost at 200 %, buttons have an edge in forced colours, a thumb finds them."""
        reader.page.set_viewport_size(ZOOMED['viewport'])
        self.assertEqual([], reader.page.evaluate(CUT))
        reader.page.emulate_media(forced_colors='active')
        self.assertEqual([], reader.page.evaluate(UNSEEN))
        reader.page.emulate_media(forced_colors='none')
        self.assertEqual([], reader.page.evaluate(SMALL, 24))
        reader.page.set_viewport_size(NARROW)
        self.assertEqual([], reader.page.evaluate(SMALL, 39.5))

    def test_five_posts_are_seen_at_once(self):
        reader = self.member('susan', viewport=WIDE)
        reader.go('/')
        self.assertGreaterEqual(reader.page.evaluate(WHOLE), 5)

    def test_nothing_moves_while_a_page_comes(self):
        for size in (WIDE, NARROW):
            reader = self.member('susan', viewport=size)
            reader.page.add_init_script(SHIFTS)
            for path in ('/', '/user/david', f'/user/{LONG}', '/explore'):
                with self.subTest(path, **size):
                    reader.go(path)
                    reader.page.wait_for_load_state('networkidle')
                    self.assertEqual([], reader.page.evaluate('shifts.filter(value => value >= 0.0001)'))
            reader.context.close()

    def test_emoji_and_wide_letters_stay_within_the_page(self):
        name = self.site.person('wide', name='Ｗ' * 30)
        self.site.wrote(name, '👩🏽‍🚀' * 500, 'W' * 500)
        reader = self.reader(viewport=NARROW)
        for size in ({'width': 320, 'height': 640}, WIDE):
            reader.page.set_viewport_size(size)
            for path in (f'/user/{name}', '/explore'):
                with self.subTest(path, **size):
                    reader.go(path)
                    self.assertEqual([], reader.page.evaluate(CUT))
