"""A site that runs as its readers meet it, gunicorn and mail server included, and people with browsers who visit it."""
import atexit
import itertools
import re
import shutil
import time
import unittest
from email.message import EmailMessage
from functools import cache

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app import create_app, db
from app.models import Post, User
from tests.base import PASSWORD, TestConfig, make_post, make_user
from tests.mailbox import Mailbox
from tests.parts import needs
from tests.scratch import Scratch

CHROMIUM = shutil.which('chromium-headless-shell') or shutil.which('chromium')  # the first takes a tenth for a page
FLAGS = ('--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
         '--disable-background-networking', '--disable-component-update', '--disable-sync')
WIDE = {'width': 1280, 'height': 900}
NARROW = {'width': 360, 'height': 740}
PATIENCE = 60  # seconds; a busy machine is slow, not wrong

needs_chromium = needs('Chromium', CHROMIUM, 'install the Debian package chromium to see the site in a browser.')


class Site:
    """A copy of the source, started by ./boot.sh with a database file of its own."""

    def __init__(self, **settings: str):
        self.scratch = Scratch()
        atexit.register(self.scratch.remove)
        self.scratch.borrow_venv()
        self.extend()
        _, port = self.scratch.serve(**settings)
        self.url = f'http://localhost:{port}'
        database = f'sqlite:///{self.scratch.root / "instance" / "app.db"}'
        self.app = create_app(type('SiteConfig', (TestConfig,), {'SQLALCHEMY_DATABASE_URI': database}))

    def extend(self) -> None:
        """Change the copy before it is served."""

    def person(self, word: str, **values) -> str:
        """Somebody with a confirmed account whose username begins with the word; the username."""
        with self.app.app_context():
            return make_user(unique(word), **values).username

    def wrote(self, username: str, *bodies: str, **values) -> list[int]:
        """Let somebody write posts; their ids."""
        with self.app.app_context():
            return [make_post(_user(username), body, **values).id for body in bodies]

    def follows(self, follower: str, *followed: str) -> None:
        """Let somebody follow others."""
        with self.app.app_context():
            for username in followed:
                _user(follower).follow(_user(username))
            db.session.commit()

    def bodies(self, username: str) -> list[str]:
        """What somebody wrote, the oldest first."""
        with self.app.app_context():
            return list(db.session.scalars(
                db.select(Post.body).where(Post.user_id == _user(username).id).order_by(Post.id)))


class PostalSite(Site):
    """A site that sends its letters to a mailbox."""

    def __init__(self, **settings: str):
        self.mailbox = Mailbox()
        atexit.register(self.mailbox.stop)
        super().__init__(MAIL_SERVER='127.0.0.1', MAIL_PORT=str(self.mailbox.port), **settings)

    def letter(self, address: str, subject: str) -> EmailMessage:
        """The newest letter to an address about something, once it has come."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for letter in reversed(self.mailbox.letters):
                if letter['To'] == address and subject in letter['Subject']:
                    return letter
            time.sleep(0.05)
        come = [(letter['To'], letter['Subject']) for letter in self.mailbox.letters]
        raise AssertionError(f'No letter "{subject}" came to {address}, only {come}')

    def link(self, address: str, subject: str) -> str:
        """Where the link of such a letter leads."""
        text = self.letter(address, subject).get_body(preferencelist=('plain',)).get_content()
        return re.search(rf'{self.url}(/\S+)', text)[1]


@cache
def site() -> Site:
    """The site without mail that tests share; it ends with the process."""
    return Site()


@cache
def postal_site() -> PostalSite:
    """The site with mail that tests share."""
    return PostalSite()


_numbers = itertools.count(1)


def unique(word: str) -> str:
    """The word with a number that no other test has."""
    return f'{word}{next(_numbers)}'


def _user(username: str) -> User:
    return db.session.scalars(db.select(User).where(User.username == username)).one()


class Reader:
    """Somebody at a browser of their own: one context, one page, and the words for what people do there."""

    def __init__(self, context: BrowserContext, url: str):
        self.context, self.url = context, url
        self.page: Page = context.new_page()

    def go(self, path: str) -> int:
        """Open a page of the site; its status."""
        return self.page.goto(self.url + path).status

    def path(self) -> str:
        """Where the reader is now."""
        return self.page.url.removeprefix(self.url)

    def fill(self, **fields: str) -> None:
        """Type into fields, each by its name."""
        for name, value in fields.items():
            self.page.locator(f'main [name={name}]').fill(value)

    def send(self, button: str, **fields: str) -> None:
        """Fill in a form and press its button; the answer is there afterwards."""
        self.fill(**fields)
        with self.page.expect_navigation():
            self.page.locator('main').get_by_role('button', name=button, exact=True).click()

    def follow(self, link: str) -> None:
        """Follow a link of the page's own part; a question opens over the page where the script runs."""
        place = self.page.locator('main').get_by_role('link', name=link, exact=True).first
        if place.get_attribute('data-dialog') is not None:
            place.click()
            expect(self.page.locator('dialog[open], main > .quiet').first).to_be_visible()
            return
        with self.page.expect_navigation():
            place.click()

    def press(self, button: str) -> None:
        """Press a button of the page's own part, which may be answered in place."""
        self.page.locator('main').get_by_role('button', name=button, exact=True).click()

    def offers(self, button: str) -> None:
        """The page's own part has such a button."""
        expect(self.page.locator('main').get_by_role('button', name=button, exact=True)).to_be_visible()

    def log_in(self, name: str, password: str = PASSWORD) -> None:
        """Log in by the form."""
        self.go('/auth/login')
        self.send('Log in', username=name, password=password)

    def log_out(self) -> None:
        """Log out by the button at the end of every page."""
        with self.page.expect_navigation():
            self.page.locator('footer').get_by_role('button', name='Log out').click()

    def is_in(self) -> bool:
        """True when the reader is logged in."""
        return self.go('/settings') == 200 and self.path() == '/settings'

    def sees(self, text: str) -> None:
        """The page's own part says this."""
        expect(self.page.locator('main')).to_contain_text(text)

    def misses(self, text: str) -> None:
        """The page's own part does not say this."""
        expect(self.page.locator('main')).not_to_contain_text(text)

    def posts(self) -> list[str]:
        """What the posts on the page say."""
        return self.page.locator('article .body').all_inner_texts()


@cache
def chromium() -> Browser:
    """Debian's Chromium, which tests share; it ends with the process. Contexts keep their readers apart."""
    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    expect.set_options(timeout=PATIENCE * 1000)
    atexit.register(playwright.stop)
    atexit.register(browser.close)
    return browser


class BrowserCase(unittest.TestCase):
    """A test with a browser; `options` are those of each reader's context."""

    browser: Browser
    options: dict = {'viewport': WIDE}

    @classmethod
    def setUpClass(cls):
        cls.site = cls.start_site()
        cls.browser = chromium()

    @classmethod
    def start_site(cls) -> Site:
        return site()

    def reader(self, **options) -> Reader:
        """Somebody who has not been here before."""
        context = self.browser.new_context(**{'locale': 'en-GB', **self.options, **options})
        context.set_default_timeout(PATIENCE * 1000)
        self.addCleanup(context.close)
        return Reader(context, self.site.url)

    def member(self, username: str, **options) -> Reader:
        """A reader who is logged in."""
        reader = self.reader(**options)
        reader.log_in(username)
        return reader
