"""What people wrote becomes paragraphs, line breaks and links, and nothing else."""
import html
import time
import unittest
from html.parser import HTMLParser

from markupsafe import Markup

from app.text.counting import clusters
from app.text.links import rich
from app.text.scanning import tokens
from tests.text.samples import CASES, hostile_texts, random_texts

ALLOWED = {'p': set(), 'br': set(), 'bdi': {'dir'}, 'a': {'href', 'title', 'rel'}}
HOSTILE = (
    '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '</p></div><h1>x', '<!-- x', '<![CDATA[x]]>',
    '<?php x ?>', '&lt;script&gt;alert(1)&lt;/script&gt;', '&#60;b&#62;', '&colon;',
    '<a href="javascript:alert(1)">x</a>', 'javascript:alert(1)', 'javascript://example.org/%0Aalert(1)',
    'data:text/html,<b>x', 'vbscript:x', 'JaVaScRiPt:http://x',
    'http://x"onmouseover="alert(1)', "http://x'onmouseover='alert(1)", 'http://x onclick=alert(1)', 'http://x/"><script>',
    'http://x/<b>', 'http://x/`x`', 'http://x/&quot;onclick=1', 'http://x/&#34;onclick=1', "https://x/?a='b'&c=\"d\"",
    'https://x/a\x00b', 'https://x/\u202egpj.exe', 'https://good.example@evil.example',
    'https://good.example\\@evil.example',
    'https://good.example/@evil', 'https://gооd.example/', 'https://x/' + 'a"' * 200, 'https://' + 'a' * 1900,
    'https://' + 'a.' * 100 + 'evil.example/' + 'b' * 100,
    '{{ 7*7 }} {% x %} %s %(x)s {0}', '\x00\x1b\ud7ff\ufffe',
    'http://https://x', 'http://x](javascript:alert(1))', '[x](http://x "onclick=1")', '<http://x>',
    '\u2028<b>\u2029',
)


class Reader(HTMLParser):
    """The elements and the text of a page, as a browser would read them."""

    def __init__(self, page: str):
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.text = ''
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        assert len(attrs) == len(dict(attrs)), attrs
        self.elements.append((tag, dict(attrs)))
        if tag == 'br':
            self.text += '\n'
        else:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        assert self.open, data
        self.text += data

    def handle_comment(self, data):
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


class RichTest(unittest.TestCase):
    def test_an_empty_line_parts_paragraphs_and_a_break_stays_one(self):
        for text, expected in {
            'a': '<p>a</p>', 'a\nb': '<p>a<br>b</p>', 'a\n\nb': '<p>a</p><p>b</p>',
            'a\n\n\n\nb': '<p>a</p><p>b</p>', '': '', 'a\r\nb\r\n\r\nc': '<p>a<br>b</p><p>c</p>',
            'a\n \nb': '<p>a</p><p>b</p>', '\n\na\n\n': '<p>a</p>', 'a  b': '<p>a  b</p>',
            'a & b < c': '<p>a &amp; b &lt; c</p>', '"it\'s"': '<p>&#34;it&#39;s&#34;</p>',
        }.items():
            self.assertEqual(rich(text), expected, ascii(text))

    def test_is_markup_so_that_a_template_does_not_escape_it_again(self):
        self.assertIsInstance(rich('a'), Markup)

    def test_a_link_shows_the_address_without_its_scheme(self):
        self.assertEqual(
            rich('See https://example.org/a?b=c&d=e.'),
            '<p>See <a href="https://example.org/a?b=c&amp;d=e" rel="nofollow noopener ugc">'
            '<bdi dir="ltr">example.org/a?b=c&amp;d=e</bdi></a>.</p>')

    def test_a_link_leads_where_the_person_wrote(self):
        for url in ('http://x', 'HTTPS://X/Y', 'https://müller.example/ü', 'https://x:1/?q[]=1&r=(s)#t', 'https://аррӏе.com'):
            [link] = self._links(f'a {url}, b')
            self.assertEqual(link['href'], url)
            self.assertNotIn('title', link)

    def test_only_http_and_https_become_links(self):
        for text in ('javascript:alert(1)', 'ftp://x', 'mailto:a@b.example', 'www.example.org', '//x',
                     'https:x', 'xhttp://x'):
            self.assertEqual(self._links(text), [], text)

    def test_an_address_that_hides_its_host_is_no_link(self):
        for text in ('https://bank.example@evil.example/', 'https://user:password@evil.example', 'http://a:80@b'):
            self.assertEqual(self._links(text), [], text)

    def test_a_long_address_is_shown_short_and_given_whole(self):
        url = 'https://example.org/' + '/'.join(map(str, range(100)))
        [link] = self._links(url)
        shown = Reader(rich(url)).text
        self.assertEqual((link['href'], link['title'], len(shown)), (url, url, 60))
        self.assertTrue(shown.startswith('example.org/0/1/2'))
        self.assertTrue(shown.endswith('/95/96/97/98/99'))

    def test_the_end_of_the_host_is_always_shown(self):
        for host in ('a.' * 30 + 'evil.example', 'bank.example.' + 'x' * 300 + '.evil.example',
                     'e' * 41 + '.evil.example'):
            shown = Reader(rich(f'https://{host}/' + 'p' * 100)).text
            self.assertIn('evil.example…', shown)
            self.assertLessEqual(len(shown), 60)

    def test_a_shortened_address_is_cut_between_characters(self):
        shown = Reader(rich('https://x/' + '👨‍👩‍👧‍👦' * 100)).text
        self.assertEqual(shown, 'x/' + '👨‍👩‍👧‍👦' * 42 + '…' + '👨‍👩‍👧‍👦' * 15)
        self.assertEqual(len(clusters(shown)), 60)

    def _links(self, text: str) -> list[dict]:
        return [attributes for tag, attributes in Reader(rich(text)).elements if tag == 'a']


class SafetyTest(unittest.TestCase):
    def test_nothing_a_person_writes_becomes_anything_but_text_and_links(self):
        for text in [*HOSTILE, *(case['text'] for case in CASES), *random_texts(8, 1000)]:
            with self.subTest(ascii(text)):
                self._assert_harmless(Reader(rich(text)))

    def test_the_text_is_read_as_it_was_written(self):
        for text in HOSTILE[:14]:
            self.assertEqual(Reader(rich(text)).text, text)

    def test_hostile_texts_are_shown_in_linear_time(self):
        for what, text in hostile_texts().items():
            with self.subTest(what):
                start = time.process_time()
                rich(text)
                self.assertLess(time.process_time() - start, 3)

    def _assert_harmless(self, page: Reader):
        self.assertEqual(page.open, [])
        for tag, attributes in page.elements:
            self.assertIn(tag, ALLOWED)
            self.assertLessEqual(set(attributes), ALLOWED[tag])
            if tag == 'a':
                self.assertRegex(attributes['href'], r'\A[Hh][Tt][Tt][Pp][Ss]?://[^\s<>"]+\Z')
                self.assertEqual(attributes['rel'], 'nofollow noopener ugc')
                self.assertIn(attributes.get('title'), (None, attributes['href']))


class TokensTest(unittest.TestCase):
    def test_are_the_whole_text_in_order(self):
        for text in [*HOSTILE, *random_texts(9, 1000)]:
            self.assertEqual(''.join(piece for _, piece in tokens(text)), text)

    def test_say_what_each_piece_is(self):
        self.assertEqual(
            list(tokens('a http://x, http://y')),
            [('text', 'a '), ('url', 'http://x'), ('text', ', '), ('url', 'http://y')])
        self.assertEqual(list(tokens('')), [])

    def test_entities_are_text(self):
        self.assertEqual(html.unescape(rich('&lt;')), '<p>&lt;</p>')
