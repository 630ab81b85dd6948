"""What every page keeps at twice the size, in forced colours, and under a thumb; and that nothing jumps."""
from playwright.sync_api import expect

from tests.browser.lively import LONG, LivelySite
from tests.browser.site import CHROMIUM, FLAGS, NARROW, WIDE, BrowserCase, Reader, needs_chromium
from tests.browser.test_quality import lively_site
from tests.browser.views import views
from tests.parts import once_only

LARGE = '--blink-settings=defaultFontSize=32'  # as a reader sets it in the browser, not by zooming
LANGUAGES = ('en', 'de', 'es', 'ar', 'fr', 'zh')
ZOOMED = {'viewport': {'width': 640, 'height': 450}, 'device_scale_factor': 2}  # 1280 x 900 at 200 %
# What is cut off at the edge of the window.
CUT = """() => [...document.querySelectorAll('main *, nav *, header *')].filter(one => {
    const box = one.getBoundingClientRect();
    return one.checkVisibility({visibilityProperty: true}) && box.width > 1
        && (box.left < -1 || box.right > innerWidth + 1)
        && !one.closest('.visually-hidden, .skip, .go:not(.say) .word, dialog, svg');
}).map(one => one.outerHTML.slice(0, 90))"""
# Controls whose area is lower or narrower than so many pixels; links in running text may be as high as their line.
SMALL = """least => [...document.querySelectorAll(
    'button, summary, select, input, .act, .btn, .go, a.when, nav a, .tabs a')].filter(one => {
        const box = (one.closest('label') || one).getBoundingClientRect();
        return one.checkVisibility() && box.width > 1 && !one.closest('.visually-hidden, .skip, .body')
            && (box.width < least || box.height < least) && !(one.labels && one.labels.length);
    }).map(one => one.outerHTML.slice(0, 90))"""
# What only a colour would tell from what is beside it; the dot under the place where one is has a border of its own.
UNSEEN = """() => [...document.querySelectorAll(`.btn:not(.visually-hidden-focusable), .new, [aria-pressed=true],
    .go[aria-current]:not(.new), .item:has([aria-current])`)].filter(one => {
        const part = getComputedStyle(one, one.ariaCurrent ? '::after' : '');
        return one.checkVisibility() && part.content !== 'none' && part.borderTopStyle === 'none';
    }).map(one => one.outerHTML.slice(0, 90))"""
# The bar at the foot of the window, where its places do not stand in the middle.
ASIDE = """() => [...document.querySelectorAll('.site ul')].filter(one => {
    const box = one.getBoundingClientRect();
    return Math.abs(box.left + box.right - document.documentElement.clientWidth) > 2;
}).map(one => one.outerHTML.slice(0, 90))"""
# What a ring around it, when it has the focus, would lie outside a part that scrolls, and so be cut off.
CLIPPED = """() => [...document.querySelectorAll('a, button, input, select, textarea, summary')].filter(one => {
    let part = one.parentElement;
    while (part && getComputedStyle(part).overflowX === 'visible') part = part.parentElement;
    one.focus();
    if (!part || part === document.documentElement || document.activeElement !== one) return false;
    one.scrollIntoView({block: 'center', inline: 'center'});
    const style = getComputedStyle(one), ring = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
    const [box, frame] = [one.getBoundingClientRect(), part.getBoundingClientRect()];
    return style.outlineStyle === 'none' || ring > Math.min(box.left - frame.left, frame.right - box.right,
                                                            box.top - frame.top, frame.bottom - box.bottom) + 0.5;
}).map(one => one.outerHTML.slice(0, 90))"""
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
    def setUpClass(cls):
        super().setUpClass()
        cls.enlarging = cls.browser.browser_type.launch(executable_path=CHROMIUM, args=[*FLAGS, LARGE])
        cls.addClassCleanup(cls.enlarging.close)

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
        reader.page.set_viewport_size(WIDE)
        self.assertEqual([], reader.page.evaluate(UNSEEN))
        reader.page.emulate_media(forced_colors='none')
        reader.page.set_viewport_size(ZOOMED['viewport'])
        self.assertEqual([], reader.page.evaluate(ASIDE))
        self.assertEqual([], reader.page.evaluate(SMALL, 24))
        reader.page.set_viewport_size(NARROW)
        self.assertEqual([], reader.page.evaluate(SMALL, 39.5))

    def enlarged(self, who: str, viewport: dict) -> Reader:
        """A reader whose browser shows letters of twice the size."""
        context = self.enlarging.new_context(viewport=viewport, locale='en-GB')
        self.addCleanup(context.close)
        reader = Reader(context, self.site.url)
        if who:
            reader.log_in(who)
        return reader

    def test_whoever_asks_for_letters_of_twice_the_size_gets_room_for_them(self):
        reader = self.enlarged('susan', WIDE)
        for view in views(self.site):
            if view.name in ('home', 'talk', 'thread', 'profile-other', 'settings', 'notifications'):
                with self.subTest(view.name):
                    view.show(reader)
                    size = reader.page.evaluate('getComputedStyle(document.documentElement).fontSize')
                    self.assertEqual('32px', size)
                    self.assertEqual([], reader.page.evaluate(CUT))
                    self.assertGreater(reader.page.evaluate('document.querySelector("main").clientWidth'), 600)

    def test_no_page_scrolls_sideways_on_a_phone_with_letters_of_twice_the_size(self):
        chosen = views(self.site)
        for who in dict.fromkeys(view.who for view in chosen):
            reader = self.enlarged(who, NARROW)
            for number, view in enumerate(chosen):
                if view.who == who:
                    language = LANGUAGES[number % len(LANGUAGES)]
                    with self.subTest(view.name, language=language):
                        reader.context.add_cookies([{'name': 'language', 'value': language, 'url': self.site.url}])
                        view.show(reader)
                        self.assertEqual([], reader.page.evaluate(CUT))
                        self.assertLessEqual(reader.page.evaluate('document.documentElement.scrollWidth'),
                                             NARROW['width'])

    def test_the_ways_on_in_a_long_thread_fit_in_every_language(self):
        reader = self.enlarged('', NARROW)
        for view in views(self.site):
            for language in LANGUAGES if view.name in ('replies', 'thread-long') else ():
                with self.subTest(view.name, language=language):
                    reader.context.add_cookies([{'name': 'language', 'value': language, 'url': self.site.url}])
                    view.show(reader)
                    self.assertEqual(2, reader.page.locator('.pages a').count())
                    self.assertEqual([], reader.page.evaluate(CUT))

    def test_a_part_that_scrolls_does_not_go_sideways_and_cuts_no_ring_off(self):
        for size, language in ((WIDE, 'en'), (NARROW, 'en'), (WIDE, 'ar')):
            reader = self.member('susan', viewport=size)
            reader.context.add_cookies([{'name': 'language', 'value': language, 'url': self.site.url}])
            for path in ('/', '/user/david', '/search?q=d', '/settings', '/messages'):
                with self.subTest(path, language=language, **size):
                    reader.go(path)
                    reader.page.keyboard.press('Tab')  # from now on a focus is one by keyboard
                    self.assertEqual([], reader.page.evaluate(CLIPPED))
                    for part in reader.page.locator('.rail, .side').all():
                        self.assertLessEqual(part.evaluate('part => part.scrollWidth - part.clientWidth'), 0)

    def test_paper_gets_the_text_without_what_one_presses(self):
        reader = self.member('susan')
        for view in views(self.site):
            if view.name in ('home', 'talk', 'thread', 'profile-other', 'found-member', 'settings'):
                with self.subTest(view.name):
                    view.show(reader)
                    reader.page.emulate_media(media='print')
                    self.assertTrue(reader.page.locator('main :is(.body, .msg, .item):visible').first.is_visible())
                    shown = 'main :is(button, input, textarea, select, summary, .btn, .go):visible, .site:visible'
                    self.assertEqual(0, reader.page.locator(shown).count())
                    reader.page.emulate_media(media='screen')

    def test_one_place_of_the_menu_is_the_one_where_one_is(self):
        for size in (WIDE, NARROW):
            reader = self.member('susan', viewport=size)
            for path in ('/', '/explore', '/search', '/notifications', '/messages', '/send_message/david',
                         '/user/susan', '/settings', '/settings/password', '/post/new'):
                with self.subTest(path, **size):
                    reader.go(path)
                    self.assertEqual(1, reader.page.locator('.rail [aria-current]:visible').count())

    def test_new_posts_are_told_of_below_the_top_line_where_that_stays(self):
        reader = self.member('susan')
        reader.go('/')
        for size, top in ((WIDE, '24px'), (NARROW, '76px')):
            reader.page.set_viewport_size(size)
            self.assertEqual(top, reader.page.locator('.fresh').evaluate('one => getComputedStyle(one).top'))

    def test_an_open_menu_stays_within_a_phone(self):
        for language in ('en', 'ar'):
            reader = self.member('susan', viewport=NARROW)
            reader.context.add_cookies([{'name': 'language', 'value': language, 'url': self.site.url}])
            for path in ('/', '/send_message/david', '/user/david'):
                reader.go(path)
                menus = reader.page.locator('main .menu summary').count()
                self.assertGreater(menus, 0, path)
                for number in range(menus):
                    with self.subTest(path, language=language, number=number):
                        menu = reader.page.locator('main .menu').nth(number)
                        menu.locator('summary').click()
                        expect(menu.locator('a, button').last).to_be_visible()
                        self.assertEqual([], reader.page.evaluate(CUT))
                        reader.page.keyboard.press('Escape')

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

    def test_a_long_word_in_a_notice_stays_within_the_page(self):
        reader = self.reader(viewport=NARROW)
        reader.go('/explore')
        reader.page.evaluate("""document.querySelector('main').insertAdjacentHTML(
            'afterbegin', `<div class="alert"><div>https://example.com/${'w'.repeat(90)}</div></div>`)""")
        self.assertEqual([], reader.page.evaluate(CUT))


@once_only
@needs_chromium
class NameTest(BrowserCase):
    def test_of_a_site_stands_on_one_line_where_it_is_short(self):
        for viewport in (NARROW, WIDE):
            reader = self.reader(viewport=viewport)
            reader.go('/explore')
            height, line = reader.page.locator('.brand').evaluate(
                'one => [one.clientHeight, parseFloat(getComputedStyle(one).lineHeight)]')
            self.assertEqual(line, height, viewport)
