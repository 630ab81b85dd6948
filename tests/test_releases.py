"""The release before this one, as people use it, on the schema of this one; and back.

That release is the newest tag below this commit. As long as there is none, the code with the newest migration but one
stands for it.
"""
import http.cookiejar
import re
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import sqlalchemy as sa

from app.models import Post
from tests.base import PASSWORD, hidden_fields
from tests.parts import needs
from tests.scratch import ROOT, Scratch, free_port
from tests.test_migrations import MigrationCase

MIGRATIONS = 'migrations/versions'
WITHOUT_MIGRATING = [sys.executable, '-m', 'gunicorn', '--config', 'deploy/gunicorn.conf.py', 'microblog:app']
BY_BOOT = [sys.executable, '-m', 'deploy.serve']  # which begins with `flask db upgrade`


def git(*arguments: str) -> str:
    """What git says; nothing where there is no git or no history."""
    if not shutil.which('git'):
        return ''
    return subprocess.run(['git', *arguments], cwd=ROOT, capture_output=True, text=True).stdout.strip()


def releases() -> list[str]:
    """Those before this one, the last first."""
    here = git('tag', '--points-at', 'HEAD').split()
    return [tag for tag in git('tag', '--merged', 'HEAD', '--sort=-creatordate').split() if tag not in here]


def release_before() -> str:
    """The release before this one, or what stands for it, as git names it."""
    with_migrations = git('log', '--diff-filter=A', '--format=%H', '--', MIGRATIONS).split()
    return [*releases(), *with_migrations[1:], ''][0]


class Browser:
    """Someone who reads and fills in forms."""

    def __init__(self, site: str):
        self.site = site
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def read(self, path: str) -> str:
        with self.opener.open(self.site + path, timeout=60) as page:
            return page.read().decode()

    def send(self, path: str, where: str = '', **fields: str) -> str:
        """Send a form, which stands there or elsewhere; the page that follows."""
        data = urllib.parse.urlencode({**hidden_fields(self.read(where or path)), **fields}).encode()
        with self.opener.open(self.site + path, data, timeout=60) as page:
            return page.read().decode()

    def enter(self, username: str) -> 'Browser':
        """Log in."""
        self.send('/auth/login', username=username, password=PASSWORD)
        return self


@needs('the history', release_before(), 'the old code comes from git; a clone without history has none.')
class ReleaseBeforeTest(MigrationCase):
    def setUp(self):
        super().setUp()
        self.old = Scratch()
        self.addCleanup(self.old.remove)
        shutil.rmtree(self.old.root)
        self.old.root.mkdir()
        archive = subprocess.run(['git', 'archive', release_before()], cwd=ROOT, capture_output=True, check=True)
        subprocess.run(['tar', 'x', '-C', self.old.root], input=archive.stdout, check=True)

    def test_is_used_on_the_schema_of_this_one_and_on_its_own_again(self):
        self.flask_db('upgrade')
        post = self.use_all(self.serve(self.old.root))
        self.assertIn('All counters are right', self.flask('counters', 'check'))
        self.read_all(self.serve(ROOT), post)
        self.flask_db('downgrade', self.newest_of_old())
        self.read_all(self.serve(self.old.root), post)

    def newest_of_old(self) -> str:
        """The revision of the schema that the old code knows."""
        said = [path.read_text() for path in (self.old.root / MIGRATIONS).glob('*.py')]
        known = {re.search(r"^revision = '(\w+)'", text, re.M)[1] for text in said}
        newest, = known - {before for text in said for before in re.findall(r"^down_revision = '(\w+)'", text, re.M)}
        return newest

    def flask(self, *arguments: str) -> str:
        """A command of this release."""
        result = self.app().test_cli_runner().invoke(args=list(arguments))
        self.assertEqual(0, result.exit_code, result.output)
        return result.output

    def serve(self, root: Path) -> str:
        """Start the code there, in place of what was started before; its address."""
        for server in self.old.servers:
            server.terminate()
            server.wait(60)
        self.old.servers.clear()
        port = free_port()
        settings = self.old.environment(PORT=str(port), DATABASE_URL=self.url, SECRET_KEY='k' * 10 + 'e7' * 20,
                                        LOG_FOLDER=str(self.folder))
        with open(self.old.folder / 'output', 'a') as output:
            command = BY_BOOT if releases() else WITHOUT_MIGRATING  # what stands for one refuses
            server = subprocess.Popen(command, cwd=root, env=settings, stdout=output, stderr=output)
        self.old.servers.append(server)
        deadline = time.monotonic() + 120
        while not self.old._answers(port):
            self.assertTrue(server.poll() is None and time.monotonic() < deadline, self.old.output())
            time.sleep(0.1)
        return f'http://localhost:{port}'

    def use_all(self, site: str) -> str:
        """Do what people do; where the post is of which all is told."""
        susan, john = Browser(site), Browser(site)
        for browser, name in ((susan, 'susan'), (john, 'john')):
            browser.send('/auth/register', username=name, email=f'{name}@example.com', password=PASSWORD,
                         password2=PASSWORD)
            browser.enter(name)
        susan.send('/', post='Plums are #ripe, @john')
        susan.send('/', post='To be forgotten')
        post, forgotten = (f'/post/{self.post(start)}' for start in ('Plums', 'To be'))
        john.send('/follow/susan', '/')
        john.send(f'{post}/like', '/')
        john.send(f'{post}/repost', '/')
        john.send(f'{post}/reply', post='And sweet')
        susan.send('/follow/john', '/')
        susan.send('/send_message/john', message='Come and eat')
        susan.send(f'{forgotten}/delete')
        susan.send('/edit_profile', username='susan', about_me='Grows plums')
        self.assertIn('sweet', susan.read('/'))
        self.assertIn('Plums', john.read('/'))
        self.assertIn('Plums', susan.read('/search?q=plums'))
        self.assertIn('Plums', susan.read('/tag/ripe'))
        susan.send('/auth/logout', '/')
        return post

    def post(self, start: str) -> int:
        """The number of a post."""
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(Post.id).where(Post.body.startswith(start)))

    def read_all(self, site: str, post: str) -> None:
        """What was done is to be seen."""
        susan, john = Browser(site).enter('susan'), Browser(site).enter('john')
        for path, words in (('/', 'sweet'), (post, 'Plums'), (post, 'sweet'), ('/search?q=plums', 'Plums'),
                            ('/tag/ripe', 'Plums'), ('/notifications', 'John'), ('/user/susan', 'Grows plums')):
            self.assertIn(words.lower(), susan.read(path).lower(), path)
        self.assertIn('Come and eat', john.read('/messages'))
        john.send('/', post=f'Still here: {site}')
        self.assertIn('Still here', john.read('/user/john'))
        self.assertIsNone(self.post('To be'))
        self.assertEqual(1, self.likes())

    def likes(self) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(sa.select(Post.likes_count).where(Post.body.startswith('Plums')))
