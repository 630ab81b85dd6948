"""What is new comes to an open page by itself, and moves nothing."""
import time

from playwright.sync_api import expect

from app import db
from app.models import User
from app.services import people
from tests.browser.site import BrowserCase, Reader, needs_chromium
from tests.parts import once_only

BADGE = '.site [data-unread=notifications]'
FRESH = '[data-fresh] a'
HALF_A_MINUTE = 40_000


@once_only
@needs_chromium
class NewsTest(BrowserCase):
    def setUp(self):
        self.susan, self.john = self.site.person('susan'), self.site.person('john')
        self.site.follows(self.susan, self.john)
        self.site.wrote(self.john, *[f'Words of old, number {number}' for number in range(20)])

    def open(self, path: str = '/', **options) -> Reader:
        """Susan with a page whose clock the test moves; she notes what the page asks for."""
        reader = self.member(self.susan, **options)
        reader.page.clock.install()
        reader.asked = []
        reader.page.on('request', lambda request: 'since=' in request.url and reader.asked.append(request.url))
        reader.go(path)
        return reader

    def wait(self, reader: Reader, answers: int = 1) -> None:
        """Let half a minute pass, and the answer come."""
        before = len(reader.asked)
        reader.page.clock.fast_forward(HALF_A_MINUTE)
        deadline = time.monotonic() + 60
        while answers and len(reader.asked) < before + answers and time.monotonic() < deadline:
            reader.page.wait_for_timeout(20)
        reader.page.wait_for_timeout(200)
        self.assertEqual(before + answers, len(reader.asked))

    def follow(self, *followers: str) -> None:
        with self.site.app.app_context():
            susan = db.session.scalar(db.select(User).where(User.username == self.susan))
            for username in followers:
                people.follow(db.session.scalar(db.select(User).where(User.username == username)), susan)
                db.session.commit()

    def test_the_number_comes_and_goes_while_a_page_is_open(self):
        susan = self.open('/about')
        expect(susan.page.locator(BADGE)).to_be_hidden()
        self.follow(self.john, self.site.person('mary'))
        self.wait(susan)
        expect(susan.page.locator(BADGE)).to_have_text('2')
        expect(susan.page.get_by_role('link', name='Notifications Unread: 2')).to_be_visible()
        other = Reader(susan.context, self.site.url)
        other.go('/notifications')
        other.sees('follow you')
        self.wait(susan)
        expect(susan.page.locator(BADGE)).to_be_hidden()

    def test_new_posts_are_a_link_that_moves_nothing(self):
        susan = self.open()
        susan.page.evaluate('scrollTo(0, 500)')
        places = susan.page.evaluate('() => [...document.querySelectorAll("article")].map(a => a.offsetTop)')
        self.site.wrote(self.john, 'Fresh words')
        self.wait(susan)
        expect(susan.page.locator(FRESH)).to_have_text('1 new post')
        expect(susan.page.get_by_role('status').filter(has_text='1 new post')).to_be_in_viewport()
        self.assertEqual(500, susan.page.evaluate('scrollY'))
        self.assertEqual(places, susan.page.evaluate(
            '() => [...document.querySelectorAll("article")].map(a => a.offsetTop)'))
        self.wait(susan)
        expect(susan.page.locator(FRESH)).to_have_text('1 new post')
        self.site.wrote(self.john, 'Fresher words', 'Freshest words')
        self.wait(susan)
        expect(susan.page.locator(FRESH)).to_have_text('3 new posts')
        with susan.page.expect_navigation():
            susan.page.locator(FRESH).click()
        self.assertEqual('Freshest words', susan.posts()[0])
        expect(susan.page.locator(FRESH)).to_have_count(0)

    def test_the_first_post_of_all_is_news_on_an_empty_home(self):
        self.susan, mary = self.site.person('susan'), self.site.person('mary')
        self.site.follows(self.susan, mary)
        susan = self.open()
        self.site.wrote(mary, 'First words')
        self.wait(susan)
        expect(susan.page.locator(FRESH)).to_have_text('1 new post')
        susan.page.locator(FRESH).click()
        susan.sees('First words')

    def test_a_page_that_nobody_sees_asks_nothing_and_then_at_once(self):
        susan = self.open('/about')
        self.hide(susan, True)
        self.wait(susan, answers=0)
        self.wait(susan, answers=0)
        self.follow(self.john)
        self.hide(susan, False)
        expect(susan.page.locator(BADGE)).to_have_text('1')
        self.assertEqual(1, len(susan.asked))

    def hide(self, reader: Reader, hidden: bool) -> None:
        """Let the page believe that another tab is in front of it."""
        reader.page.evaluate("""hidden => {
            Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
            document.dispatchEvent(new Event('visibilitychange'));
        }""", hidden)

    def test_a_site_that_does_not_answer_is_asked_less_and_less_often(self):
        susan = self.open('/about')
        susan.page.route('**/notifications?*', lambda route: route.abort())
        self.wait(susan)
        self.wait(susan, answers=0)
        self.wait(susan)  # a minute later
        for _ in range(2):
            self.wait(susan, answers=0)
        susan.page.unroute('**/notifications?*')
        self.follow(self.john)
        self.wait(susan)  # two minutes later, or a little more
        expect(susan.page.locator(BADGE)).to_have_text('1')
        self.wait(susan)

    def test_whoever_is_logged_out_and_visitors_ask_no_more(self):
        susan = self.open('/about')
        Reader(susan.context, self.site.url).context.clear_cookies()
        self.wait(susan)
        self.wait(susan, answers=0)
        visitor = self.reader()
        visitor.page.clock.install()
        visitor.page.on('request', lambda request: self.assertNotIn('since=', request.url))
        visitor.go('/explore')
        visitor.page.clock.fast_forward(HALF_A_MINUTE)
        visitor.page.wait_for_timeout(200)

    def test_without_script_the_number_stands_in_the_page(self):
        self.follow(self.john)
        susan = self.member(self.susan, java_script_enabled=False)
        susan.go('/about')
        expect(susan.page.locator(BADGE)).to_have_text('1')
        with susan.page.expect_navigation():
            susan.page.get_by_role('link', name='Notifications Unread: 1').click()
        susan.sees('follows you')
        susan.go('/')
        expect(susan.page.locator(BADGE)).to_be_hidden()
