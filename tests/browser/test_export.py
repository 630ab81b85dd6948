"""Taking one's data along: the bar that moves, the page without script, and the file that opens without the site."""
import tempfile
import zipfile
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import expect

from app import db
from app.models import Avatar, Export, Task, User, utcnow
from app.queries.exports import task_key
from app.services.exports import pack_export
from app.tasks import enqueue
from tests.browser.site import BrowserCase, Reader, needs_chromium
from tests.browser.test_quality import AXE_SCRIPT, RULES, AxeResults
from tests.parts import once_only

PAGE = '/export_posts'


class ExportCase(BrowserCase):
    def setUp(self):
        self.susan = self.site.person('susan')

    def begin(self) -> None:
        """Susan has asked for her file; no runner takes the task before the test has ended."""
        with self.site.app.app_context():
            export = Export(user_id=self.id_of())
            db.session.add(export)
            db.session.flush()
            self.key = task_key(export.id)
            enqueue(pack_export, key=self.key, run_after=utcnow() + timedelta(days=1))
            db.session.commit()

    def id_of(self) -> int:
        return db.session.scalar(sa.select(User.id).where(User.username == self.susan))

    def reach(self, percent: int) -> None:
        """The task is so far."""
        with self.site.app.app_context():
            db.session.execute(sa.update(Task).where(Task.key == self.key).values(progress=percent))
            db.session.commit()

    def end(self) -> None:
        """The file is there."""
        with self.site.app.app_context():
            own = sa.update(Export).where(Export.user_id == self.id_of())
            db.session.execute(own.values(finished_at=utcnow(), run=1, size=2_500_000))
            db.session.commit()

    def watch(self, **options) -> tuple[Reader, list[str]]:
        """Susan looks at the page; what her script asks for is listed."""
        reader, asked = self.member(self.susan, **options), []
        reader.page.on('request', lambda request: asked.append(request.url) if 'progress' in request.url else None)
        self.assertEqual(200, reader.go(PAGE))
        return reader, asked


@once_only
@needs_chromium
class ProgressTest(ExportCase):
    def test_moves_by_itself_and_leads_to_the_file(self):
        self.begin()
        reader, _asked = self.watch()
        bar = reader.page.locator('progress')
        self.assertEqual(0, bar.evaluate('bar => bar.position'))
        self.reach(42)
        expect(bar).to_have_attribute('value', '42')
        expect(reader.page.locator('[data-percent]')).to_have_text('42%')
        self.end()
        expect(bar).to_have_count(0)
        reader.sees('2.5 MB')

    def test_asks_nothing_while_nobody_looks(self):
        self.begin()
        reader, asked = self.watch()
        reader.page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        asked.clear()
        reader.page.wait_for_timeout(3500)
        self.assertEqual([], asked)
        reader.page.evaluate('delete document.hidden')
        reader.page.wait_for_timeout(2500)
        self.assertGreater(len(asked), 0)

    def test_goes_on_after_the_site_was_away_for_a_moment(self):
        self.begin()
        reader, _asked = self.watch()
        reader.page.route('**/progress', lambda route: route.abort())
        reader.page.wait_for_timeout(2000)
        reader.page.unroute('**/progress')
        self.reach(77)
        expect(reader.page.locator('progress')).to_have_attribute('value', '77')

    def test_leads_to_the_log_in_page_when_the_session_is_over(self):
        self.begin()
        reader, _asked = self.watch()
        reader.context.clear_cookies()
        reader.page.wait_for_url(f'**/auth/login?next={PAGE}')

    def test_is_said_without_script(self):
        self.begin()
        reader, asked = self.watch(java_script_enabled=False)
        self.reach(42)
        reader.follow('Look again')
        reader.sees('Done so far: 42%')
        self.end()
        reader.follow('Look again')
        reader.sees('Your file is ready')
        self.assertEqual([], asked)


@once_only
@needs_chromium
class FileTest(ExportCase):
    options = {'accept_downloads': True}

    def fetch(self, **options) -> Path:
        """Ask for the file, wait, take it; the folder with what is in it."""
        reader = self.member(self.susan, **options)
        reader.go('/settings')
        reader.follow('Get your data')
        reader.send('Make the file')  # the password was typed a moment ago
        link = reader.page.locator('main').get_by_role('link', name='Download file')
        while not options.get('java_script_enabled', True) and not link.count():
            reader.go(PAGE)
        expect(link).to_be_visible()
        with reader.page.expect_download() as download:
            link.click()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        zipfile.ZipFile(download.value.path()).extractall(folder)
        self.assertRegex(download.value.suggested_filename, rf'^microblog-{self.susan}-[\d-]+\.zip$')
        return folder

    def test_is_asked_for_watched_and_fetched(self):
        self.site.wrote(self.susan, 'Low tide at six.')
        self.assertIn('Low tide at six.', (self.fetch() / 'data' / 'posts.json').read_text())

    def test_is_asked_for_and_fetched_without_script(self):
        self.assertTrue((self.fetch(java_script_enabled=False) / 'index.html').exists())

    def test_opens_from_a_folder_without_a_network(self):
        self.site.wrote(self.susan, *['A post'] * 501, 'The last. https://example.com <b>')
        with self.site.app.app_context():
            picture = (Path(self.site.app.root_path) / 'static' / 'apple-touch-icon.png').read_bytes()
            db.session.add(Avatar(user_id=self.id_of(), picture=picture, media_type='image/png'))
            db.session.commit()
        folder = self.fetch()
        context = self.browser.new_context(offline=True, locale='en-GB')
        self.addCleanup(context.close)
        page, faults = context.new_page(), []
        page.on('console', lambda message: faults.append(message.text))
        page.on('requestfailed', lambda request: faults.append(request.url))
        page.on('request', lambda request: request.url.startswith('file://') or faults.append(request.url))
        page.goto((folder / 'index.html').as_uri())
        self.assertEqual(180, page.locator('img').evaluate('image => image.naturalWidth'))
        self.assertEqual('646px', page.locator('body').evaluate('body => getComputedStyle(body).maxWidth'))
        for address in ('index.html', 'pages/posts-1.html'):
            page.goto((folder / address).as_uri())
            page.evaluate(AXE_SCRIPT)
            found = AxeResults(page.evaluate('rules => axe.run(rules)', {**RULES, 'preload': False}))
            self.assertEqual(0, found.violations_count, found.generate_report())
        expect(page.locator('article').first).to_contain_text('The last. example.com <b>')
        page.get_by_role('link', name='Older').click()
        expect(page.locator('article')).to_have_count(2)
        page.get_by_role('link', name=self.susan).click()
        expect(page.locator('h1')).to_have_text(self.susan)
        self.assertEqual([], faults)
