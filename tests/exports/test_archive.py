"""What is in the file: everything of one's own and nothing of others', as documented, to be read without the site."""
import re
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import sqlalchemy as sa

from app import archive, db
from app.archive import pages
from app.models import (
    Avatar,
    Block,
    FollowRequest,
    HiddenFromSearch,
    KeptMessage,
    Like,
    Message,
    MessageSetting,
    Mute,
    NotificationChoice,
    Post,
    PrivateAccount,
    ThreadMute,
    User,
    UserSession,
    utcnow,
)
from app.queries import own
from tests.base import PASSWORD, make_user
from tests.exports.base import ExportCase
from tests.world import Outline

ROOT = Path(__file__).resolve().parents[2]
EVIL = '<script>alert(1)</script><img src=https://evil.example/x.png onerror=alert(1)>'


class ArchiveCase(ExportCase):
    def talk(self, sender: str, recipient: str, *bodies: str) -> None:
        """Let somebody write to somebody."""
        with self.app.app_context():
            one, two = (self.find(name) or make_user(name) for name in (sender, recipient))
            for body in bodies:
                message = Message(sender_id=one.id, recipient_id=two.id, body=body)
                db.session.add(message)
                db.session.flush()
                db.session.add_all([KeptMessage(owner_id=one.id, other_id=two.id, message_id=message.id),
                                    KeptMessage(owner_id=two.id, other_id=one.id, message_id=message.id)])
            db.session.commit()

    def fill(self) -> None:
        """Something of every kind."""
        self.wrote('susan', 'Low tide at six.', 'Grüße 山 \U0001f600', language='en')
        for name in ('john', 'mary'):
            self.person(name, name=name.title())
        self.follows('susan', 'john', 'mary')
        self.follows('mary', 'susan')
        self.talk('susan', 'john', 'Hello John')
        self.talk('john', 'susan', 'Hello Susan')
        self.susan.submit('/edit_profile', username='sue', name='Sue', about_me='Boats.', password=PASSWORD)
        with self.app.app_context():
            sue = self.find('sue')
            db.session.add_all([Avatar(user_id=sue.id, picture=b'\xff\xd8', media_type='image/jpeg'),
                                Like(user_id=sue.id, post_id=db.session.scalar(sa.select(sa.func.max(Post.id)))),
                                HiddenFromSearch(user_id=sue.id), PrivateAccount(user_id=sue.id),
                                Block(blocker_id=sue.id, blocked_id=self.person('bob')),
                                Mute(muter_id=sue.id, muted_id=self.find('mary').id),
                                ThreadMute(user_id=sue.id, root_id=7),
                                FollowRequest(asker_id=sue.id, asked_id=self.person('ann')),
                                MessageSetting(user_id=sue.id, accepts='nobody'),
                                NotificationChoice(user_id=sue.id, kind='follow', site=False, mail=True)])
            db.session.commit()

    def names(self, archive) -> set[str]:
        return {entry.filename for entry in archive.infolist()}


class Data(ArchiveCase):
    def test_holds_everything_that_is_ones_own(self):
        self.fill()
        id = self.make()
        profile, settings = self.data(id, 'profile'), self.data(id, 'settings')
        self.assertEqual(('sue', 'Sue', 'Boats.', 'susan@example.com', 2, 2, 1, 'picture.jpg', ['susan']), (
            profile['username'], profile['name'], profile['about_me'], profile['email'], profile['posts'],
            profile['following'], profile['followers'], profile['picture'],
            [former['username'] for former in profile['former_usernames']]))
        self.assertEqual((False, 'nobody', {'site': False, 'mail': True}, True), (
            settings['is_findable'], settings['messages_from'], settings['notifications']['follow'],
            settings['notifications']['export']['site']))
        self.assertEqual(['Grüße 山 \U0001f600', 'Low tide at six.'], [post['text'] for post in self.data(id, 'posts')])
        self.assertEqual(['mary', 'john'], [person['username'] for person in self.data(id, 'following')])
        self.assertEqual(['mary'], [person['username'] for person in self.data(id, 'followers')])
        self.assertEqual([('john', False, 'Hello Susan'), ('john', True, 'Hello John')], [
            (message['with'], message['is_own'], message['text']) for message in self.data(id, 'messages')])
        liked, = self.data(id, 'likes')
        self.assertTrue(liked['url'].endswith(f'/post/{liked["post"]}'))
        self.assertEqual([['bob'], ['mary'], ['ann']], [[person['username'] for person in self.data(id, name)]
                                                        for name in ('blocked', 'muted', 'asked_to_follow')])
        self.assertEqual(('7', True), (self.data(id, 'muted_conversations')[0]['id'], settings['is_private']))
        self.assertEqual(1, len(self.data(id, 'sessions')))
        self.assertIn('login', [event['kind'] for event in self.data(id, 'events')])
        self.assertEqual(b'\xff\xd8', self.open(id).read('picture.jpg'))

    def test_is_what_the_documentation_says(self):
        self.fill()
        id = self.make()
        said = (ROOT / 'docs' / 'export.md').read_text()
        files = sorted(name for name in self.names(self.open(id)) if name.startswith('data/'))
        self.assertEqual(sorted(f'data/{name}' for name in set(re.findall(r'\b(\w+\.json)\*\*', said))), files)
        for name in files:
            content = self.data(id, name.removeprefix('data/').removesuffix('.json'))
            for entry in content if isinstance(content, list) else [content]:
                section = next(part for part in said.split('\n\n**') if name.removeprefix('data/') in part[:60])
                named = set(re.findall(r'`(\w+)`', section))
                self.assertLessEqual(set(entry), named, name)

    def test_has_links_that_lead_to_the_posts(self):
        first, = self.wrote('susan', 'hello')
        post, = self.data(self.make(), 'posts')
        self.assertEqual((f'http://localhost:5000/post/{first}', str(first)), (post['url'], post['id']))

    def test_has_moments_in_utc(self):
        self.wrote('susan', 'hello', timestamp=datetime(2025, 3, 30, 1, 2, 3, 456_789, UTC))
        self.assertEqual('2025-03-30T01:02:03.456Z', self.data(self.make(), 'posts')[0]['posted_at'])

    def test_of_somebody_with_nothing_is_whole(self):
        id = self.make()
        for name in ('posts', 'following', 'followers', 'messages'):
            self.assertEqual([], self.data(id, name))
        self.assertIsNone(self.data(id, 'profile')['picture'])
        self.assertIn('None', self.open(id).read('index.html').decode())

    def test_holds_no_hash_and_no_token(self):
        self.fill()
        self.log_in('sue')
        archive = self.open(self.make())
        with self.app.app_context():
            user = self.find('sue')
            secrets = [user.password_hash, user.security_stamp, *db.session.scalars(sa.select(UserSession.token_hash))]
        everything = b''.join(archive.read(name) for name in self.names(archive)).decode('utf-8', 'replace')
        self.assertGreater(len(secrets), 3)
        for secret in secrets:
            self.assertNotIn(secret, everything)

    def test_holds_nothing_of_others(self):
        self.fill()
        self.wrote('john', 'a word of John')
        self.talk('john', 'mary', 'a word to Mary')
        archive = self.open(self.make())
        everything = b''.join(archive.read(name) for name in self.names(archive)).decode('utf-8', 'replace')
        for word in ('a word of John', 'a word to Mary', 'john@example.com'):
            self.assertNotIn(word, everything)

    def test_leaves_out_people_who_are_hidden_and_messages_that_were_deleted(self):
        self.fill()
        self.change('mary', suspended_at=utcnow())
        with self.app.app_context():
            db.session.execute(sa.delete(KeptMessage).where(KeptMessage.owner_id == self.find('sue').id))
            db.session.commit()
        id = self.make()
        self.assertEqual(([], ['john'], []), (
            self.data(id, 'followers'), [person['username'] for person in self.data(id, 'following')],
            self.data(id, 'messages')))

    def test_of_many_rows_comes_in_batches_that_lose_and_double_nothing(self):
        bodies = [f'post {n}' for n in range(23)]
        self.wrote('susan', *bodies)
        for n in range(11):
            self.person(f'friend{n}')
            self.talk('susan', f'friend{n}', 'one', 'two')
        self.follows('susan', *(f'friend{n}' for n in range(11)))
        for size in (1, 4, 11, 22, 23):
            with mock.patch.object(own, 'AT_ONCE', size), mock.patch.object(pages, 'ON_A_PAGE', 5):
                id = self.make()
            self.assertEqual(bodies[::-1], [post['text'] for post in self.data(id, 'posts')], size)
            self.assertEqual(11, len({person['username'] for person in self.data(id, 'following')}), size)
            self.assertEqual(22, len(self.data(id, 'messages')))
            shown = [text for n in range(1, 6) for text in re.findall(
                r'post \d+', self.open(id).read(f'pages/posts-{n}.html').decode())]
            self.assertEqual(bodies[::-1], shown, size)


class Pages(ArchiveCase):
    def html(self, **files) -> dict[str, str]:
        id = self.make()
        opened = self.open(id)
        return {name: opened.read(name).decode() for name in self.names(opened) if name.endswith('.html')}

    def test_are_well_formed_and_lead_to_one_another(self):
        self.fill()
        with mock.patch.object(pages, 'ON_A_PAGE', 1):
            found = self.html()
        self.assertIn('pages/posts-2.html', found)
        for name, text in found.items():
            outline = Outline(text)
            self.assertEqual([], outline.faults, name)
            for link in outline.all('a'):
                target = link['href']
                if not target.startswith('http://localhost:5000/'):
                    folder = name.rpartition('/')[0]
                    target = target.removeprefix('../') if target.startswith('../') else f'{folder}/{target}'.strip('/')
                    self.assertIn(target, found, name)
        self.assertNotIn('rel="next"', found['pages/posts-2.html'])

    def test_load_nothing_from_anywhere(self):
        self.fill()
        self.wrote('sue', EVIL, 'https://example.com/picture.png')
        for name, text in self.html().items():
            outline = Outline(text)
            for tag in ('script', 'iframe', 'object', 'base', 'form', 'video', 'audio', 'source'):
                self.assertEqual([], outline.all(tag), name)
            self.assertTrue(all(not image['src'].startswith(('http', '//', '/')) for image in outline.all('img')))
            self.assertEqual(['style.css'], [link['href'].removeprefix('../') for link in outline.all('link')])
            self.assertIn("default-src 'none'", text)

    def test_show_words_as_words(self):
        self.wrote('susan', EVIL)
        self.talk('john', 'susan', EVIL)
        self.change('susan', name='<b>Sue</b>', about_me=EVIL)
        self.follows('susan', 'john')
        self.change('john', name=EVIL[:50])
        for name, text in self.html().items():
            self.assertNotIn('<script', text, name)
            self.assertNotIn('<b>Sue', text, name)
            self.assertNotIn('<img src=https', text, name)

    def test_speak_the_language_in_which_they_were_asked_for(self):
        self.wrote('susan', 'hello', timestamp=datetime(2025, 3, 30, 12, 0, tzinfo=UTC))
        self.change('susan', language='ar', timezone='Asia/Tokyo')
        found = self.html()
        self.assertIn('<html lang="ar" dir="rtl">', found['index.html'])
        self.assertIn('JST', found['pages/posts-1.html'])
        self.change('susan', language='de')
        found = self.html()
        self.assertIn('<html lang="de" dir="ltr">', found['pages/posts-1.html'])
        self.assertRegex(found['pages/posts-1.html'], '30. März 2025[a-z, ]+21:00')


class Streaming(ArchiveCase):
    def test_holds_no_transaction_and_no_connection_while_it_is_written(self):
        self.wrote('susan', *['words'] * 7)
        self.ask()
        open_ones, real = [], archive.Archive.stream

        def stream(target, name, entries):
            for piece in entries:
                open_ones.append(db.engine.pool.checkedout())
                real(target, name, [piece])
        with mock.patch.object(own, 'AT_ONCE', 2), mock.patch.object(archive.Archive, 'stream', stream), \
                self.assertWarnsRegex(UserWarning, 'Duplicate name'):
            self.run_tasks()
        self.assertEqual({0}, set(open_ones))
        self.assertGreater(len(open_ones), 12)

    def test_reads_a_batch_at_a_time(self):
        self.wrote('susan', *['words'] * 9)
        with self.app.app_context(), mock.patch.object(own, 'AT_ONCE', 3):
            rows = own.posts(db.session.scalar(sa.select(User)))
            with self.statements() as seen:
                next(rows)
                self.assertEqual(1, len(seen))
                self.assertEqual(8, len(list(rows)))
                self.assertEqual(4, len(seen))

    def test_takes_a_bounded_amount_of_memory(self):
        """A file of several MB passes through without standing anywhere as a whole; bench/export.py has more."""
        import tracemalloc
        with self.app.app_context():
            susan = self.find('susan')
            texts = [f'{n} ' + ''.join(chr(0x4e00 + n * k % 20_000) for k in range(400)) for n in range(3000)]
            db.session.add_all([Post(body=text, user_id=susan.id) for text in texts])
            db.session.commit()
        del texts
        self.ask()
        with mock.patch.object(own, 'AT_ONCE', 50), mock.patch.object(pages, 'ON_A_PAGE', 50):
            tracemalloc.start()
            self.run_tasks()
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        with self.app.app_context():
            size = db.session.scalar(sa.text('SELECT size FROM export'))
        self.assertGreater(size, 2_500_000)
        self.assertLess(most, 2 * size)
