"""Vendored files are what their makers published, nothing is served that no page uses, and pages stay small."""
import base64
import gzip
import hashlib
import re
import unittest
from pathlib import Path

import flask_moment

APP = Path(__file__).resolve().parent.parent / 'app'
STATIC = APP / 'static'
MOMENT = STATIC / 'vendor/moment'
TEMPLATES = sorted((APP / 'templates').rglob('*.*'))

# Of moment.js 2.29.4 as published on npm. Flask-Moment's own constant belongs to the other build, the one with all
# locales, which is four times as large; the two constants below are those of the same release.
MOMENT_SHA512 = 'CryKbMe7sjSCDPl18jtJI5DR5jtkUWxPXWaLCst6QjH8wxDexfRJic2WRmRXmstr2Y8SxDDWuBO6CQC6IE4KTA=='
LOCALES_SHA256 = {
    'ar.js': '73485f16cb9317f156bab05ba8a3233fa87513cf1cb52728fefc53703ffd5b3e',
    'de.js': '20fb0d0967e2720d135a6894165bf96e327b42bdedcbf45a9b2f9e44da7986dc',
    'es.js': '2a8f1790d492fc338933a032a862f99998f31bcaf7a0e4fc298b6a3cb04cdf7e',
    'fr.js': 'd87b4eb850bc7742c104557450d0a70d18a48a917335221af08d23850667523e',
    'zh-cn.js': '53138532aad7c571af10cf6b17a678552e9a9e7ef5014d250f97af8dc61ae6e1',
}

PHYSICAL_CSS = re.compile(r'(?:margin|padding|border|inset)-(?:left|right)|(?<![\w.-])(?:left|right)\s*:|'
                          r'(?:text-align|float)\s*:\s*(?:left|right)')
PHYSICAL_CLASS = re.compile(r'(?:m|p)[se]-(?:\w+-)?\d|float-|text-(?:start|end|left|right)|dropdown|input-group')


def read(path: Path) -> str:
    return path.read_text(encoding='utf-8')


def packed(*names: str) -> int:
    """The bytes of files together, as a server with gzip sends them."""
    return sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names)


class VendorTest(unittest.TestCase):
    def test_moment_is_the_published_file(self):
        digest = hashlib.sha512((MOMENT / 'moment.min.js').read_bytes()).digest()
        self.assertEqual(base64.b64encode(digest).decode(), MOMENT_SHA512)

    def test_moment_has_the_version_that_flask_moment_was_made_for(self):
        self.assertIn(f'version="{flask_moment.default_moment_version}"', read(MOMENT / 'moment.min.js'))

    def test_locales_are_the_published_files(self):
        found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (MOMENT / 'locale').iterdir()}
        self.assertEqual(found, LOCALES_SHA256)

    def test_the_licence_lies_beside(self):
        self.assertIn('Permission is hereby granted', read(MOMENT / 'LICENSE'))


class IconTest(unittest.TestCase):
    def test_every_icon_that_a_template_draws_exists_and_none_is_spare(self):
        drawn = set()
        for path in TEMPLATES:
            drawn |= set(re.findall(r"icon\('([\w-]+)'", read(path)))
        self.assertEqual(drawn, set(re.findall(r'<symbol id="([\w-]+)"', read(STATIC / 'icons.svg'))))


class SizeTest(unittest.TestCase):
    def test_the_stylesheet_is_small(self):
        self.assertLess((STATIC / 'microblog.css').stat().st_size, 20_000)
        self.assertLess(packed('microblog.css'), 6_000)

    def test_the_scripts_are_small(self):
        self.assertLess(packed(*(path.name for path in STATIC.glob('*.js'))), 15_000)

    def test_templates_are_short(self):
        for path in TEMPLATES:
            self.assertLessEqual(len(read(path).splitlines()), 80, path.name)


class TemplateTest(unittest.TestCase):
    """What the content security policy, the escaping of text and both directions of writing ask of every template."""

    def test_no_inline_style_script_or_handler(self):
        for path in TEMPLATES:
            with self.subTest(path.name):
                self.assertNotRegex(read(path), r'(?i)\sstyle=|<style|<script(?![^>]*\ssrc=)|\son[a-z]+="|javascript:')

    def test_nothing_is_declared_safe(self):
        for path in TEMPLATES:
            self.assertNotRegex(read(path), r'\|\s*safe\b|autoescape', path.name)

    def test_no_other_host_is_asked(self):
        for path in [*TEMPLATES, STATIC / 'microblog.css', *STATIC.glob('*.js')]:
            self.assertNotRegex(read(path), r'(?:src|href)="(?:https?:)?//|url\("?(?:https?:)?//|@import', path.name)

    def test_no_class_knows_left_or_right(self):
        for path in TEMPLATES:
            for names in re.findall(r'class="([^"]*)"', read(path)):
                self.assertNotRegex(names, PHYSICAL_CLASS, path.name)

    def test_the_stylesheet_knows_start_and_end_only(self):
        style = read(STATIC / 'microblog.css')
        self.assertNotRegex(style, PHYSICAL_CSS)
        for rule in re.findall(r'(?<![\w-])(?:margin|padding|inset|border-width):([^;}]*)', style):
            sides = re.sub(r'\(.*?\)', '', re.sub(r'\([^()]*\)', '', rule)).split()  # four: the right, then the left
            self.assertTrue(len(sides) < 4 or sides[1] == sides[3], rule)

    def test_only_tokens_name_colours(self):
        rules = read(STATIC / 'microblog.css').partition('/* 2.')[2]
        self.assertEqual(re.findall(r'#(?:[0-9a-f]{6}|[0-9a-f]{3})\b', rules), [])


if __name__ == '__main__':
    unittest.main()
