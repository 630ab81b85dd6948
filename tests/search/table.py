"""One table of queries and the posts that they find, the same for every engine.

A test case for another engine inherits from `Table` and `unittest`'s case with a site of its own, and says in `settle`
how what was written gets into its index.
"""
from datetime import UTC, datetime

import sqlalchemy as sa

from app import db
from app.models import MAX_ID, Block, Post, User, Visibility
from app.queries.pages import NEWER, OLDER
from app.search import engine, results
from app.search.query import Query, parse
from app.services import engagement
from tests.base import make_post, make_user

# Who wrote what, in which language and on which day of 2026, the oldest first.
POSTS = {
    'moss': ('susan', 'Moss on the north wall of the bakery', 'en', '01-30'),
    'wall': ('susan', 'The wall, the WALL, the wall', 'en', '01-31'),
    'walls': ('john', 'Walls have ears; so do mosses', 'en', '02-01'),
    'link': ('john', 'Read https://example.com/moss?a=1 and tell @susan', 'en', '02-02'),
    'cafe': ('susan', 'Un café con Ángel en la niñez', 'es', '02-03'),
    'cpp': ('john', "c++ and C# and 100% of 3.14; don't!", 'en', '02-04'),
    'german': ('ana', 'Die Straße führt nach ŁÓDŹ, Grüße', 'de', '02-05'),
    'greek': ('ana', 'ΟΔΥΣΣΕΥΣ και Πηνελόπη', '', '02-06'),
    'russian': ('ana', 'Ёлка и ёжик в тумане: достопримечательность', '', '02-07'),
    'chinese': ('chen', '今天我们去北京图书馆看书，iPhone手机没电了', 'zh', '02-08'),
    'japanese': ('chen', 'カフェで本を読む。ｱﾆﾒも好き。東京タワー', '', '02-09'),
    'korean': ('chen', '오늘은 도서관에서 책을 읽었어요', '', '02-10'),
    'thai': ('chen', 'วันนี้ฉันไปห้องสมุด', '', '02-11'),
    'hindi': ('chen', 'हिन्दी में लिखना अच्छा है', '', '02-12'),
    'arabic': ('omar', 'مَرْحَبًا بِكُم في المكتبة', 'ar', '02-13'),
    'hebrew': ('omar', 'שָׁלוֹם לכולם', '', '02-14'),
    'emoji': ('omar', 'Coffee ☕ and 👩🏽‍🚀 and 🇩🇪', 'en', '02-15'),
    'wide': ('omar', 'ＦＵＬＬ ｗｉｄｔｈ ﬁne ①', '', '02-16'),
    'short': ('omar', 'To be or not to be: I am, a b c, it is on', 'en', '02-17'),
    'tags': ('ana', '#MossWatch day #2 with @john, mail me at ana@example.com', 'en', '02-18'),
    'lines': ('susan', 'first line\nsecond line\n\nthird_line', 'en', '02-19'),
    'quotes': ('john', """He said "moss wall" and 'left'; \\ % _ * ( ) AND OR NOT NEAR""", 'en', '02-20'),
    'long': ('john', 'Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamter x', 'de', '02-21'),
    'repeat': ('ana', 'bread bread bread, and bread', 'en', '02-22'),
}

# What no search finds, whoever asks: it is not for everybody. Passing `moss` on makes no second one either.
NARROW = {
    'unlisted': ('susan', 'Moss, but unlisted #mosswatch', Visibility.UNLISTED),
    'followers': ('susan', 'Moss for followers #mosswatch', Visibility.FOLLOWERS),
    'mentioned': ('susan', 'Moss for @john #mosswatch', Visibility.MENTIONED),
}

# Who asks what, and which posts stand on their page; john has blocked omar, and john follows susan.
SEEN = {
    ('', 'moss'): 'quotes tags walls moss link',
    ('john', 'moss'): 'quotes tags walls moss link',
    ('omar', 'moss'): 'tags moss',
    ('omar', 'from:john'): None,
    ('omar', '-bread since:2026-02-18'): 'lines tags',
    ('omar', 'has:link'): '',
    ('john', 'from:omar'): None,
    ('susan', '#mosswatch'): 'tags',
    ('susan', 'from:me'): 'lines cafe wall moss',
}

# What is typed, and which posts it finds, the newest first. Each is searched for a second time with other case.
CASES = {
    # words: all must match, the last one may go on
    'moss': 'quotes tags walls moss link',
    'moss wall': 'quotes moss',
    'wall moss': 'quotes moss',
    'wal': 'quotes walls wall moss',
    'walls': 'walls',
    'wall bakery': 'moss',
    'wall nothing': '',
    'w': 'quotes tags wide walls wall moss',
    'a': 'repeat quotes tags short emoji cpp cafe link',
    'NORTH': 'moss',
    'moss moss moss': 'quotes link moss',
    # phrases and exclusions
    '"north wall"': 'moss',
    '"wall north"': '',
    '"the wall the wall"': 'wall',
    '"moss wall"': 'quotes',
    '“moss wall”': 'quotes',
    '"north wal"': '',
    'wall -moss': 'wall',
    'wall -"north wall"': 'quotes wall',
    'wall -the -he': '',
    '-moss': ' '.join(set(POSTS) - {'moss', 'link', 'walls', 'tags', 'quotes'} | {'walls', 'tags'}),
    '-from:susan -from:chen -from:ana -from:omar': 'quotes long cpp walls link',
    'wall -bakery': 'quotes wall',
    '"bread and bread"': 'repeat',
    # operators
    'from:susan wall': 'wall moss',
    'from:@Susan': 'lines cafe wall moss',
    'wall -from:susan': 'quotes',
    'from:susan from:john': '',
    'has:link': 'link',
    'moss -has:link': 'quotes moss',
    'lang:es': 'cafe',
    'lang:de lodz': 'german',
    'lang:EN-us from:omar': 'short emoji',
    'from:john since:2026-02-02 until:2026-02-04': 'cpp link',
    'wall since:2026-02-01': 'quotes',
    'wall until:2026-01-31': 'wall moss',
    'wall since:2026-02-01 until:2026-01-01': '',
    'since:2026-02-22': 'repeat',
    'since:2026-01-31 until:2026-02-01': 'walls wall',
    'until:2026-02-01 -ears': 'moss wall',
    'from:susan': 'lines cafe wall moss',
    'from:susan until:2026-02-03': 'cafe wall moss',
    'from:susan -wall -has:link': 'lines cafe',
    'from:susan -from:john': 'lines cafe wall moss',
    '@susan': 'link',
    '@john': 'tags',
    '@example': '',
    '#mosswatch': 'tags',
    '#mosswatch,': 'tags',
    '#moss': '',
    '#2': 'tags',
    '#MOSSWATCH': 'tags',
    '#mosswatch john': 'tags',
    '#mosswatch -@john': '',
    'mosswatch': 'tags',
    '__tag_mosswatch': '',
    '-#mosswatch moss': 'quotes walls link moss',
    'foo:bar': '',
    'since:tomorrow': '',
    'has:everything': '',
    # case, accents, width, ligatures
    'CAFE angel': 'cafe',
    'café': 'cafe',
    'cafe\u0301': 'cafe',
    'ninez': 'cafe',
    'strasse': 'german',
    'STRASSE lodz': 'german',
    'Łódź': 'german',
    'οδυσσευς': 'greek',
    'πηνελοπη': 'greek',
    'елка': 'russian',
    'ТУМАНЕ': 'russian',
    'достопримечательность': 'russian',
    'достоп': 'russian',
    'full WIDTH': 'wide',
    'ｆｕｌｌ': 'wide',
    'fine': 'wide',
    '1': 'wide cpp link',
    # writing without spaces between words
    '北京': 'chinese',
    '北京图书馆': 'chinese',
    '京北': '',
    '图书 手机': 'chinese',
    'iphone手机': 'chinese',
    'iphone': 'chinese',
    '"看书，iPhone"': 'chinese',
    'カフェ': 'japanese',
    'ｶﾌｪ': 'japanese',
    'アニメ': 'japanese',
    '東京': 'japanese',
    '도서관': 'korean',
    '서관': 'korean',
    '읽었': 'korean',
    'ห้องสมุด': 'thai',
    'हिन्दी': 'hindi',
    'अच्छ': 'hindi',
    'مرحبا': 'arabic',
    'المكتبه': '',
    'المكتبة': 'arabic',
    'שלום': 'hebrew',
    '☕': 'emoji',
    'coffee ☕': 'emoji',
    '🚀': 'emoji',
    '🇩🇪': 'emoji',
    # short and stop words
    'to be or not to be': 'short',
    '"to be or not"': 'short',
    'it is on': 'short',
    'b c': 'short',
    'i am': 'short',
    # signs
    'c++': 'short cpp',
    '"c++"': 'short cpp',
    'c++ and': 'cpp',
    '100%': 'cpp',
    '3.14': 'cpp',
    "don't": 'cpp',
    'third_line': 'lines',
    '"line second"': 'lines',
    'example.com': 'tags link',
    'hello AND (': '',
    'said AND NOT (': 'quotes',
    'said" OR 1=1 --': '',
    "'; DROP TABLE post; --": '',
    '* OR *': 'quotes short',
    'NEAR(moss': '',
    'a:b:c': 'short',
    'words:moss': '',
    'moss*': 'quotes tags walls moss link',
    '+moss ~wall <bakery >the': 'moss',
    '"': None,
    '"""': None,
    '%%%': None,
    '-': None,
    '()': None,
    '!&|:*': None,
    '\\': None,
    '__link': '',
    '__by_1': '',
    '\u202emoss': 'quotes tags walls moss link',
    'donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamter x': 'long',
    'donaudampfschiff': 'long',
}


class Table:
    """The table, held against the engine of this site."""

    maxDiff = None
    cases = CASES

    def write_table(self) -> None:
        """Make the people and their posts."""
        people = {name: make_user(name) for name in sorted({post[0] for post in POSTS.values()})}
        self.names = {}
        for name, (author, body, language, day) in POSTS.items():
            moment = datetime.fromisoformat(f'2026-{day}T12:00').replace(tzinfo=UTC)
            self.names[make_post(people[author], body, language=language, timestamp=moment).id] = name
        for name, (author, body, reach) in NARROW.items():
            self.names[make_post(people[author], body, visibility=reach).id] = name
        engagement.repost(people['ana'], db.session.get(Post, min(self.names)))
        db.session.add(Block(blocker_id=people['john'].id, blocked_id=people['omar'].id))
        people['john'].follow(people['susan'])
        db.session.commit()
        self.settle()

    def settle(self) -> None:
        """Let what was written arrive in the index."""

    def query(self, text: str) -> Query:
        """What was typed, with the people in it."""
        query = parse(text, UTC)
        for part in query.names:
            person = db.session.query(User).filter_by(username=part.text.lower()).one()
            query = query.by(part, person.id)
        return query

    def found(self, text: str, way=OLDER, cursor: int = MAX_ID, limit: int = 100) -> str | None:
        """The names of the posts that this finds; None when there is nothing to look for."""
        query = self.query(text)
        if query.is_empty:
            return None
        return ' '.join(self.names.get(id, 'repost') for id in engine().find(query, way, cursor, limit).ids)

    def seen(self, reader: str, text: str) -> str | None:
        """The names of the posts on somebody's first page; None when there is a sentence instead."""
        viewer = db.session.scalar(sa.select(User).filter_by(username=reader)) if reader else None
        answer = results.newest(viewer, text, UTC, None, None, 100)
        return None if answer.trouble else ' '.join(self.names[post.id] for post in answer.page.posts)

    def expected(self, wanted: str | None) -> str | None:
        """The table's answer; the newest first."""
        return wanted and ' '.join(sorted(wanted.split(), key=list(POSTS).index, reverse=True))

    def test_every_query_finds_its_posts_and_no_others(self):
        wrong = []
        for text in self.cases:
            for typed in (text, f'  {text}', text.swapcase() if text.isascii() else text):
                answer = self.found(typed)
                if answer != self.expected(CASES[text]):
                    wrong.append(f'{typed!r}: {answer!r}, not {self.expected(CASES[text])!r}')
        self.assertEqual([], wrong, '\n'.join(wrong))

    def test_everybody_sees_what_is_for_them(self):
        for (reader, text), wanted in SEEN.items():
            self.assertEqual(self.expected(wanted), self.seen(reader, text), (reader, text))

    def test_a_walk_in_either_direction_finds_each_post_once(self):
        for text in ('moss', 'w', 'from:john', '"moss"', 'wall -the', '-moss', 'since:2026-02-02', 'from:john -moss'):
            whole = self.found(text).split()
            for way, start, wanted in ((OLDER, MAX_ID, whole), (NEWER, 0, whole[::-1])):
                cursor, walked = start, []
                while step := engine().find(self.query(text), way, cursor, 2).ids:
                    walked += [self.names[id] for id in step]
                    cursor = step[-1]
                self.assertEqual(wanted, walked, text)

    def test_counts_what_it_finds(self):
        for text in ('moss', 'from:susan', '"north wall"', 'nothing'):
            self.assertEqual(len(self.found(text).split()), len(engine().countable(self.query(text))), text)
