"""Catalogues are complete and sound, every string of the site is in them, and pages really speak each language."""
import ast
import html
import importlib
import io
import re
import tempfile
import unittest
from gettext import GNUTranslations
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from unicodedata import east_asian_width
from unittest import mock

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po
from flask import render_template
from jinja2 import Environment, nodes

import config
from app import create_app
from app.models import User
from app.policies.notifications import KINDS
from tests.base import TestConfig
from tests.parts import once_only
from tests.world import LiveConfig, WorldCase

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / 'app' / 'templates'
CATALOGUES = ROOT / 'app' / 'translations'
LANGUAGES = [code for code in config.LANGUAGES if code != 'en']
RIGHT_TO_LEFT = ('ar',)
# What a button shows, and the name it has for those who do not see it (WCAG 2.5.3).
NAMED = {(None, 'Follow'): 'Follow %(name)s', (None, 'Following'): 'Following: unfollow %(name)s',
         ('device', 'Log out'): 'Log out %(device)s'}

PLACEHOLDER = re.compile(r'%\((\w+)\)s')
SPOKEN = ('title', 'aria-label', 'aria-description', 'aria-roledescription', 'aria-valuetext', 'alt', 'placeholder',
          'label', 'summary')
BRAND = 'Microblog'
WORD = re.compile(r'[^\W\d_]')
SENTENCE = re.compile(r'[A-Z][a-z]')  # how a string for readers begins; class names and endpoints are in lower case
MARKS = {'_', '_l', 'ngettext', 'gettext', 'lazy_gettext', 'lazy_ngettext', 'pgettext', 'npgettext', 'lazy_pgettext'}
SPEAKERS = {'flash': (0,), 'Refused': (1,), 'Forbidden': (0,), 'NotFound': (0,), 'DataRequired': (0,), 'EqualTo': (1,)}
SPOKEN_KEYWORDS = {'title', 'description', 'label', 'message'}


def catalogue(language: str) -> Catalog:
    """The catalogue of a language as it stands in the source."""
    with (CATALOGUES / language / 'LC_MESSAGES' / 'messages.po').open('rb') as file:
        return read_po(file, locale=language)


def entries(language: str) -> list[Message]:
    """Its entries without the head."""
    return [message for message in catalogue(language) if message.id]


def compiled(language: str) -> GNUTranslations:
    """The catalogue as the site reads it."""
    stream = io.BytesIO()
    write_mo(stream, catalogue(language))
    stream.seek(0)
    return GNUTranslations(stream)


def forms(message: Message) -> tuple[str, ...]:
    """The translation, in each of its plural forms."""
    return message.string if isinstance(message.string, tuple) else (message.string,)


def source(message: Message) -> tuple[str, ...]:
    """The English string, in both of its plural forms."""
    return message.id if isinstance(message.id, tuple) else (message.id,)


def identity(message: Message) -> tuple[str | None, ...]:
    """What an entry is looked up by: one English word may have several places."""
    return message.context, *source(message)


def names(text: str) -> list[str]:
    return sorted(PLACEHOLDER.findall(text))


def faults(message: Message, numbers: list[set[int]]) -> list[str]:
    """What is wrong with the placeholders of an entry; `numbers` are those that each plural form stands for."""
    found = []
    for index, text in enumerate(forms(message)):
        wanted = names(source(message)[-1])
        if names(text) != wanted and not may_leave_out(message, text, numbers[index]):
            found.append(f'{text!r} has {names(text)}, not {wanted}')
        if '%' in PLACEHOLDER.sub('', text).replace('%%', ''):
            found.append(f'{text!r} has a broken placeholder')
        if text and spaces(text) != spaces(source(message)[-1]) and east_asian_width(text[-1]) not in 'FW':
            found.append(f'{text!r} begins or ends with another space than the source')
    return found


def spaces(text: str) -> tuple[bool, bool]:
    """Whether the text begins and ends with a space; full-width signs carry theirs in themselves."""
    return text[0].isspace(), text[-1].isspace()


def may_leave_out(message: Message, text: str, numbers: set[int]) -> bool:
    """A form for one number may say it in words ("two people"), and where English has no number for one, none."""
    if not message.pluralizable:
        return False
    missing = set(names(source(message)[1])) - set(names(text))
    small = len(numbers) == 1 or (numbers <= {0, 1} and names(source(message)[0]) == names(text))
    return small and missing <= {'num', 'count'} and set(names(text)) <= set(names(source(message)[1]))


class Template:
    """What a template says: its own words outside of marks, found without rendering it."""

    def __init__(self, text: str, markup: bool = True):
        self.text, self.markup = text, markup
        self.environment = Environment(autoescape=True)

    def unmarked(self) -> list[str]:
        """Words that no translator will ever see."""
        raw = ''.join(self._raw())
        found = Words(raw).found if self.markup else [raw]
        return [word.strip() for word in found if is_word(word)] + self._literals()

    def _raw(self):
        """The text around Jinja's own; an expression leaves one character that is no letter."""
        for _, kind, value in self.environment.lex(self.text):
            if kind == 'data':
                yield value
            elif kind == 'variable_begin':
                yield '\ufffc'

    def _literals(self) -> list[str]:
        """Strings for readers inside of expressions."""
        tree = self.environment.parse(self.text)
        marked = {id(constant) for call in tree.find_all(nodes.Call) if getattr(call.node, 'name', '') in MARKS
                  for constant in call.find_all(nodes.Const)}
        return [constant.value for constant in tree.find_all(nodes.Const)
                if id(constant) not in marked and isinstance(constant.value, str) and SENTENCE.match(constant.value)]


class Words(HTMLParser):
    """Text and spoken attributes of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[str] = []
        self.feed(page)
        self.close()

    def handle_data(self, data):
        self.found.append(data)

    def handle_starttag(self, tag, attrs):
        values = {name: value or '' for name, value in attrs}
        self.found += [value for name, value in values.items()
                       if name in SPOKEN or (name.startswith('data-') and SENTENCE.match(value))]
        if tag == 'input' and values.get('type') in ('submit', 'button', 'reset'):
            self.found.append(values.get('value', ''))
        if tag == 'meta' and re.search('description|title', values.get('name', '') + values.get('property', '')):
            self.found.append(values.get('content', ''))


def is_word(text: str) -> bool:
    return bool(WORD.search(text.replace(BRAND, '')))


def unmarked_in_python(tree: ast.Module) -> list[str]:
    """Strings for readers that go out without a mark: notices, refusals, titles, labels and hints of fields."""
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = getattr(call.func, 'id', getattr(call.func, 'attr', ''))
        places = SPEAKERS.get(name, (0,) if name.endswith('Field') else ())
        arguments = [call.args[place] for place in places if place < len(call.args)]
        arguments += [keyword.value for keyword in call.keywords if keyword.arg in SPOKEN_KEYWORDS]
        found += [node.value for node in arguments
                  if isinstance(node, ast.Constant) and isinstance(node.value, str) and SENTENCE.match(node.value)]
    return found


@once_only
class Catalogues(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        command = importlib.import_module('app.cli.translate')
        with tempfile.TemporaryDirectory() as folder, create_app(TestConfig).app_context(), \
                mock.patch.object(command, 'folder', lambda: Path(folder)), command.extracted() as template:
            extracted = read_po(io.BytesIO(template.read_bytes()))
        cls.ids = {identity(message) for message in extracted if message.id}

    def test_every_offered_language_has_one_and_no_other_does(self):
        self.assertEqual(sorted(LANGUAGES), sorted(path.parts[-3] for path in CATALOGUES.glob('*/*/messages.po')))
        for language in LANGUAGES:
            self.assertEqual(language, str(catalogue(language).locale))
            self.assertEqual(get_plural(language)[1], catalogue(language).plural_expr, language)
            self.assertNotEqual('Settings', compiled(language).gettext('Settings'))

    def test_every_string_of_the_code_is_in_each(self):
        self.assertGreater(len(self.ids), 100)
        for language in LANGUAGES:
            known = {identity(message) for message in entries(language)}
            self.assertEqual(set(), self.ids - known, f'not in "{language}"; run: flask translate update')
            self.assertEqual(set(), known - self.ids, f'only in "{language}"; run: flask translate update')

    def test_nothing_old_is_left(self):
        for language in LANGUAGES:
            self.assertEqual([], list(catalogue(language).obsolete), language)

    def test_every_entry_is_translated_and_none_is_a_guess(self):
        for language in LANGUAGES:
            empty = [message.id for message in entries(language) if not all(text.strip() for text in forms(message))]
            self.assertEqual([], empty, language)
            self.assertEqual([], [message.id for message in entries(language) if message.fuzzy], language)
            self.assertFalse(catalogue(language).fuzzy, language)

    def test_every_plural_form_is_there(self):
        for language in LANGUAGES:
            for message in entries(language):
                wanted = catalogue(language).num_plurals if message.pluralizable else 1
                self.assertEqual(wanted, len(forms(message)), f'{language}: {message.id}')

    def test_placeholders_are_those_of_the_source(self):
        for language in LANGUAGES:
            which = compiled(language).plural
            numbers = [{number for number in range(200) if which(number) == index}
                       for index in range(catalogue(language).num_plurals)]
            for message in entries(language):
                self.assertEqual([], faults(message, numbers), language)

    def test_french_signs_keep_their_word_on_the_line(self):
        for message in entries('fr'):
            for text in forms(message):
                self.assertNotRegex(text, r'« | [»;:?!]', message.id)

    def test_the_name_of_a_button_has_the_words_that_it_shows(self):
        for language in LANGUAGES:
            words = {(message.context, message.id): message.string for message in entries(language)}
            for shown, name in NAMED.items():
                self.assertIn(words[shown].casefold(), words[None, name].casefold(), language)

    def test_a_bad_placeholder_is_seen(self):
        numbers = [{1}, {0, 2, 3}]
        for text in ('Hallo', 'Hallo %(nam)s', 'Hallo %(name)', 'Hallo %(name)s %(name)s', 'Hallo %s %(name)s',
                     'Hallo %(name)s ', '100 % %(name)s'):
            self.assertTrue(faults(Message('Hello %(name)s', text), numbers), text)
        self.assertEqual([], faults(Message('Hello %(name)s', '%(name)s, hallo'), numbers))
        english = ('%(num)s post', '%(num)s posts')
        self.assertEqual([], faults(Message(english, ('Ein Beitrag', '%(num)s Beiträge')), numbers))
        self.assertTrue(faults(Message(english, ('%(num)s Beitrag', 'Beiträge')), numbers))


class Sources(unittest.TestCase):
    def test_no_template_says_a_word_without_a_mark(self):
        paths = [path for path in TEMPLATES.rglob('*') if path.suffix in ('.html', '.txt')]
        self.assertGreater(len(paths), 50)
        for path in paths:
            template = Template(path.read_text(), markup=path.suffix == '.html')
            self.assertEqual([], template.unmarked(), path.relative_to(ROOT))

    def test_no_module_says_a_word_without_a_mark(self):
        for path in ROOT.glob('app/**/*.py'):
            if 'cli' not in path.parts:
                self.assertEqual([], unmarked_in_python(ast.parse(path.read_text())), path.relative_to(ROOT))

    def test_every_name_in_a_sentence_keeps_its_own_direction(self):
        """A name like "Will & Co." loses its full stop to the other end in a sentence that runs the other way."""
        for path in [*TEMPLATES.rglob('*.*'), *ROOT.glob('app/**/*.py')]:
            bare = re.findall(r'(?:\bname=|\bsaid\([\w.]+, )[\w.]+\.display_name[,)]', path.read_text())
            self.assertEqual([], bare, path.relative_to(ROOT))

    def test_no_template_ends_a_label_or_a_sentence_with_a_sign_of_its_own(self):
        """French has a space before a colon, Chinese wide signs: '%(label)s: %(message)s' says it."""
        for path in TEMPLATES.rglob('*'):
            if path.suffix in ('.html', '.txt'):
                self.assertNotRegex(path.read_text(), r'(?m)\}\}(?:: *(?:\{|$)|[.;!?](?!\w))', path.relative_to(ROOT))

    def test_no_script_says_a_sentence_of_its_own(self):
        for path in ROOT.glob('app/static/*.js'):
            said = re.findall(r"""['"`]([A-Z][a-z]+ [a-z][^'"`\n]*)['"`]""", path.read_text())
            self.assertEqual([], said, path.name)

    def test_an_unmarked_word_is_seen(self):
        for text in ('<p>Hello</p>', '<p>{{ name }} wrote</p>', '<img alt="Picture">', '<p>Microblogs</p>',
                     '<a title="Go {{ x }}">{{ y }}</a>', '{% set title = "Hello" %}', '{% if x %}or{% endif %}',
                     '{{ row("Hello", _("You")) }}', '<b data-say="Too long">1</b>', '<input type="submit" value="go">',
                     '<meta name="description" content="A site">', '<p aria-label="{{ "Hello" if x }}"></p>'):
            self.assertTrue(Template(text).unmarked(), text)
        for text in ('<p>{{ _("Hello") }}</p>', '<p>@{{ name }} · 12, Microblog</p>', '<a class="btn on">&nbsp;</a>',
                     '{# Why #}', '{{ ngettext("One", "%(num)s more", n) }}', '<b data-copy="{{ url }}" title="">…</b>',
                     '<input type="text" value="go">', '{{ face(user, "face-l", _("Picture of %(name)s", name=x)) }}'):
            self.assertEqual([], Template(text).unmarked(), text)

    def test_an_unmarked_word_in_a_module_is_seen(self):
        for text in ('flash("Saved.")', 'raise Refused("name", "Too long.")', 'StringField("Name")',
                     'page(title="Home")', 'field(_l("Name"), description="Up to 30")', 'forms.BooleanField("Stay")'):
            self.assertTrue(unmarked_in_python(ast.parse(text)), text)
        for text in ('flash(_("Saved."))', 'raise Refused("name", _l("Too long."))', 'NotFound("post")',
                     'page(title=x)'):
            self.assertEqual([], unmarked_in_python(ast.parse(text)), text)


class SpokenConfig(LiveConfig):
    """The site with the catalogues as they are now, compiled apart from those that a running site uses."""

    BABEL_TRANSLATION_DIRECTORIES = ''


@once_only
class Pages(WorldCase):
    config = SpokenConfig
    folder: tempfile.TemporaryDirectory
    visited = {'/explore': 'Explore', '/auth/login': 'Log in', '/auth/register': 'Create account', '/about': 'About',
               '/auth/reset_password_request': 'Set a new password', '/search': 'Search',
               '/nowhere': 'There is nothing at this address'}
    own = {'/': 'Home', '/settings': 'Settings', '/edit_profile': 'Edit profile', '/post/new': 'New post',
           '/settings/password': 'Change password', '/settings/email': 'Change e-mail address',
           '/settings/sessions': 'Where you are logged in', '/settings/events': 'Recent activity',
           '/settings/delete': 'Delete account'}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        for language in LANGUAGES:
            path = Path(cls.folder.name) / language / 'LC_MESSAGES' / 'messages.mo'
            path.parent.mkdir(parents=True)
            with path.open('wb') as file:
                write_mo(file, catalogue(language))
        cls.config.BABEL_TRANSLATION_DIRECTORIES = cls.folder.name
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.cleanup()

    def assert_speaks(self, language: str, page: str, title: str) -> None:
        """The page declares its language and direction, has the translated title, and no whole string in English."""
        direction = 'rtl' if language in RIGHT_TO_LEFT else 'ltr'
        self.assertRegex(page, f'<html lang="{language}[^"]*" dir="{direction}"')
        translated = html.escape(compiled(language).gettext(title), quote=False)
        self.assertIn(f'<title>{translated} · Microblog</title>', html.unescape(page))
        self.assertEqual([], english(language, ' '.join(Words(page).found)))

    def test_speak_each_language_to_visitors(self):
        self.wrote('susan', 'xyz')
        for language in LANGUAGES:
            visitor = self.new_visitor(**{'Accept-Language': language})
            for path, title in self.visited.items():
                with self.subTest(language=language, path=path):
                    self.assert_speaks(language, visitor.get(path).text, title)

    def test_speak_the_language_of_the_account(self):
        susan = self.log_in('susan')
        for language in LANGUAGES:
            self.change('susan', language=language)
            for path, title in self.own.items():
                with self.subTest(language=language, path=path):
                    self.assert_speaks(language, susan.get(path).text, title)
            page = susan.submit('/settings/password', current_password='no', password='12', password2='1').text
            self.assertEqual([], english(language, ' '.join(Words(page).found)))

    def test_keep_a_name_apart_from_a_sentence_of_the_other_direction(self):
        self.person('john', name='Will & Co.')
        susan = self.log_in('susan')
        for language, name in (('ar', '\u2068Will & Co.\u2069'), ('de', 'Will & Co.')):
            self.change('susan', language=language)
            for path, sentence in (('/send_message/john', 'Write to %(name)s'),
                                   ('/user/john', '%(name)s has not written yet.')):
                with self.subTest(language=language, path=path):
                    said = compiled(language).gettext(sentence) % {'name': name}
                    self.assertIn(said, html.unescape(susan.get(path).text))

    def test_load_the_words_of_moment_in_their_language(self):
        for language in ('en', *LANGUAGES):
            page = self.visitor.get('/explore', headers={'Accept-Language': language}).text
            scripts = re.findall(r'<script src="([^"]*/moment/locale/([\w-]+)\.js[^"]*)"', page)
            self.assertEqual(language != 'en', bool(scripts), language)
            for address, name in scripts:
                self.assertTrue(name.startswith(language))
                with self.visitor.get(address) as script:
                    self.assertIn(f"defineLocale('{name}'", script.text.replace('"', "'"))

    def test_letters_speak_each_language(self):
        values = {'user': User(username='susan'), 'link': 'https://example.com/x', 'stop': 'https://example.com/y',
                  'address': 'susan@example.com'}
        rows = [SimpleNamespace(kind=kind, actor=User(username='john')) for kind in KINDS]
        for language in LANGUAGES:
            for path in (TEMPLATES / 'email').glob('[!_]*'):
                for row in rows if path.name.startswith('news.') else rows[:1]:
                    with self.app.test_request_context(headers={'Accept-Language': language}):
                        letter = render_template(f'email/{path.name}', row=row, **values)
                    self.assertEqual([], english(language, letter), f'{language}: {path.name} {row.kind}')


def english(language: str, text: str) -> list[str]:
    """English strings of more than one word in a text of another language."""
    text = ' '.join(html.unescape(text).split())
    parts = [re.split(r'%\(\w+\)s', source(message)[0]) for message in entries(language)
             if forms(message)[0] != source(message)[0]]
    whole = [max(pieces, key=len).strip() for pieces in parts]
    return [piece for piece in whole if ' ' in piece and len(piece) > 8 and piece in text]
