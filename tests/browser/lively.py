"""A small lively site: people of many scripts, and all that strains a layout."""
import time
import urllib.error
import urllib.request
from datetime import timedelta

from app import db, tokens
from app.models import Export, Notification, Post, SiteWords, Task, User, utcnow
from app.queries.exports import task_key
from app.services import blocks, engagement, messages, mutes, notifications, posts, private, replies, requests
from app.services.exports import pack_export
from app.tasks import enqueue
from tests.base import TestConfig, make_user
from tests.browser.site import PATIENCE, Site

LONG = 'wolfeschlegelsteinhausenberg_1'
PEOPLE = (
    ('susan', 'Susan Ärmel', 'Keeper of two boats and one very old kettle.\n\nhttps://example.com/harbour'),
    ('david', 'David', 'Walks before breakfast.'),
    (LONG, 'Hubert Blaine Wolfeschlegelsteinhausenbergerdorff', ''),
    ('haruka', '春香 🌸', '写真と手紙。毎朝、港を歩いています。'),
    ('layla', 'ليلى الهاشمي', 'أكتب عن البحر والقهوة، وأقرأ كثيرا.'),
    ('marc', '', 'Pain, vélo, pluie.'),
    ('priya', 'Priya नमस्ते', 'Trains, mostly.'),
)
LANGUAGES = {LONG: 'de', 'haruka': 'ja', 'layla': 'ar', 'marc': 'fr'}
# Who wrote what, and how many minutes ago.
POSTS = (
    ('susan', 'Low tide at six. Whoever wants to see the old wreck: bring boots.', 0),
    ('david', 'The kettle has opinions today.', 2),
    ('haruka', 'お茶を淹れました。 Tea is ready.', 6),
    ('marc', 'Quelqu’un a-t-il une bonne recette de soupe aux orties ? Les miennes piquent encore.', 12),
    ('priya', '🚂 ☀️ 👩🏽‍🚀 👍🏽', 21),
    ('david', 'Found the map I lost in spring. It was in the book about losing things. https://maps.example.org/'
     'walks/2026/the-long-way-round-the-lake-and-back-over-the-hill-in-the-rain', 38),
    ('susan', 'A list for the week:\n\n• paint the hull\n• answer the letters\n• nothing on Thursday', 65),
    ('layla', 'القهوة أولا، ثم البحر. التفاصيل هنا: https://example.com/coffee-and-sea?lang=ar', 90),
    ('haruka', '今朝の港はとても静かでした。猫が三匹、そして長い長い雲。写真は撮らずに、ただ見ていました。', 200),
    (LONG, 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft ' + 'x' * 120, 400),
    ('priya', 'The 7:14 was on time, for the fourth day in a row. Something is wrong.', 1400),
    ('david', 'Three herons on the old pier this morning. None of them paid for a ticket.', 1700),
    ('marc', 'Le pain est prêt. La pluie aussi.', 4000),
)
# Who wrote to whom, and how many minutes ago; the last is a request.
MESSAGES = (
    ('david', 'susan', 'Are you still coming on Sunday? I can save you the chair by the window.', 1900),
    ('susan', 'david', 'Yes! I’ll bring the bread.', 1890),
    ('susan', 'david', 'And the address is https://maps.example.org/harbour/reading-room/entrance-on-the-left-side-by-the-'
     'bicycles, isn’t it?', 1889),
    (LONG, 'susan', 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft', 1500),
    ('layla', 'susan', 'القهوة أولا، ثم البحر. هل تأتين غدا؟', 700),
    ('david', 'susan', 'That’s the one.\n\nRing twice, the bell is older than the building.', 60),
    ('susan', 'david', 'Ha. Noted.', 20),
    ('haruka', 'susan', '今朝の港はとても静かでした。', 9),
    ('haruka', 'susan', '写真は撮らずに、ただ見ていました。', 8),
    ('newcomer', 'susan', 'You do not know me, but your kettle is famous. May I ask where you found it?', 5),
)
# What Susan was told, who did it, and how many minutes ago.
TOLD = (('security', '', 3990), ('follow', LONG, 1450), ('follow', 'layla', 1440), ('export', '', 60),
        ('follow', 'haruka', 4))
RULES = 'Be kind.\n\nNo advertising: whoever sells something leaves.'
# In the copy that is served: addresses that fail.
FAULTS = """
from flask import abort, request
from app.exceptions import Busy, TooMany


@app.route('/fault/<int:status>', methods=['GET', 'POST'])
def fault(status):
    if status == 503:
        raise Busy('everything')
    if status == 429 and request.method == 'POST':
        raise TooMany(600)
    return 1 // 0 if status == 500 else abort(status)
"""
DAYS = 4  # so many times the same again, each a day and more earlier
CROWD = 101


class LivelySite(Site):
    """A site with people who write."""

    def __init__(self, called: str = 'Microblog'):
        # Mail is on, so that addresses are to be confirmed; nobody listens at that port, and no letter is awaited.
        super().__init__(SECRET_KEY=TestConfig.SECRET_KEY, MAIL_SERVER='127.0.0.1', MAIL_PORT='9')
        with self.app.app_context():
            for username, name, about in PEOPLE:
                make_user(username, name=name, about_me=about)
            make_user('keeper', is_admin=True)
            db.session.add(SiteWords(id=1, name=called, rules=RULES))
            early = make_user('early', confirm_by=utcnow() + timedelta(days=6))
            self._let_export(make_user('newcomer'), early)
        names = [username for username, *_ in PEOPLE]
        self.follows('susan', *names[1:])
        for name in names[1:5]:
            self.follows(name, 'susan')
        for minutes in range(DAYS, -1, -1):
            for username, body, ago in reversed(POSTS):
                self.wrote(username, body, language=LANGUAGES.get(username, 'en'),
                           timestamp=utcnow() - timedelta(minutes=ago + 2000 * minutes))
        self._tell()

        for sender, recipient, body, ago in MESSAGES:
            self.wrote_to(sender, recipient, body, ago)
        self._live_together()
        self.crowded = self._crowd()
        self._await_rules()

    def extend(self) -> None:
        """Add addresses that fail."""
        with (self.scratch.root / 'microblog.py').open('a') as file:
            file.write(FAULTS)

    @staticmethod
    def _let_export(slow: User, quick: User) -> None:
        """Two people who asked for their data: one waits for it, the other has got it."""
        coming = Export(user_id=slow.id)
        db.session.add_all([coming, Export(user_id=quick.id, run=1, size=3_456_789, finished_at=utcnow())])
        db.session.flush()
        enqueue(pack_export, key=task_key(coming.id), run_after=utcnow() + timedelta(days=1))
        db.session.execute(db.update(Task).values(progress=42))
        db.session.commit()

    def wrote_to(self, sender: str, recipient: str, body: str, ago: int = 0) -> int:
        """Let somebody write to another, so many minutes ago; the id of the message."""
        with self.app.app_context():
            author, other = (db.session.scalars(db.select(User).where(User.username == name)).one()
                             for name in (sender, recipient))
            message = messages.send(author, other, body)
            message.timestamp = utcnow() - timedelta(minutes=ago)
            db.session.commit()
            return message.id

    def _live_together(self) -> None:
        """Let people like, pass on, ask, mute and block."""
        with self.app.app_context():
            people = {user.username: user for user in db.session.scalars(db.select(User))}
            susan = people['susan']
            post = posts.publish(susan, 'Bring #boots and a #kettle. The harbour is #hafen today.', '')
            for name in ('david', LONG, 'haruka', 'layla'):
                engagement.like(people[name], post)
                engagement.repost(people[name], post)
            for name, body in (('david', 'I have both. Mine leak.'), ('layla', 'القهوة أولا.'),
                               (LONG, 'Boots leak, kettles do not.')):
                post = replies.reply(people[name], post, body)
            replies.reply(people['marc'], post, 'Et la soupe ?')
            of_haruka = db.select(Post).where(Post.user_id == people['haruka'].id).limit(1)
            engagement.like(susan, db.session.scalars(of_haruka).one())
            requests.ask(people['newcomer'], susan)
            requests.ask(people[LONG], susan)
            mutes.mute(susan, make_user('loud', name='Very Loud'), timedelta(days=7), False)
            private.close(make_user('hermit', name='A hermit'))
            blocks.block(susan, make_user('pest', name='A pest with a long name that goes on and on and on'))
            db.session.commit()

    def _crowd(self) -> int:
        """Let a post have more answers than its page holds, or that of its whole thread; its id."""
        day = utcnow() - timedelta(days=30)
        id, = self.wrote('loud', 'Say when.', timestamp=day)
        with self.app.app_context():
            root = db.session.get(Post, id)
            author = db.session.scalars(db.select(User).where(User.username == 'pest')).one()
            db.session.add_all(Post(body='When.', author=author, parent=root, timestamp=day + timedelta(minutes=number))
                               for number in range(1, CROWD + 1))
            db.session.commit()
        return id

    def _tell(self) -> None:
        """Let Susan be told of everything that people are told of, in three days."""
        with self.app.app_context():
            ids = {user.username: user.id for user in db.session.scalars(db.select(User))}
            for kind, who, minutes in TOLD:
                notifications.tell(ids['susan'], kind, actor_id=ids.get(who))
                db.session.execute(db.update(Notification).where(
                    Notification.kind == kind, Notification.actor_id == ids[who or 'susan']
                ).values(created_at=utcnow() - timedelta(minutes=minutes)))
            db.session.commit()

    def _await_rules(self) -> None:
        """The server has read the words of the site before there were any, and looks again some seconds later."""
        while True:
            try:
                return urllib.request.urlopen(self.url + '/rules', timeout=PATIENCE).close()
            except urllib.error.HTTPError:
                time.sleep(0.2)

    def unsubscribing(self, username: str) -> str:
        """The token of the link that ends mails about messages."""
        with self.app.app_context():
            id = db.session.scalar(db.select(User.id).where(User.username == username))
            return tokens.sign('unsubscribe', {'unsubscribe': id, 'kind': 'message'}, 3600)

    def post_of(self, username: str) -> int:
        """The id of somebody's newest post."""
        with self.app.app_context():
            return db.session.scalar(db.select(db.func.max(Post.id)).join(Post.author).where(User.username == username))

    def talk(self) -> list[int]:
        """The ids of a post, an answer to it, an answer to that, and so on."""
        with self.app.app_context():
            return list(db.session.scalars(db.select(Post.id).where(
                db.or_(Post.root_id.is_not(None), Post.replies_count > 0),
                db.func.coalesce(Post.root_id, Post.id) != self.crowded).order_by(Post.id)))

    def deleted_post(self) -> int:
        """The id of a post that its author deleted."""
        id, = self.wrote('marc', 'Oops')
        with self.app.app_context():
            post = db.session.get(Post, id)
            posts.delete(post.author, post)
            db.session.commit()
        return id

    def token(self, purpose: str, username: str, **claims) -> str:
        """A token as the letters bring it."""
        with self.app.app_context():
            user = db.session.scalar(db.select(User).where(User.username == username))
            stamps = (user.security_stamp, user.email_key) if purpose == 'confirm_email' else (user.security_stamp,)
            return tokens.sign(purpose, {purpose: user.id, 'stamp': tokens.fingerprint(*stamps), **claims}, 3600)
