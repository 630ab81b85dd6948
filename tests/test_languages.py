"""What is kept of each language in memory, and that pages go on speaking it."""
from unittest import mock

from babel import Locale, localedata
from babel.core import get_global
from babel.units import format_unit

import config
from app import languages
from tests.base import AppTestCase, Visitor
from tests.parts import once_only


@once_only
class KnownOfLanguages(AppTestCase):
    def test_what_no_page_says_is_forgotten(self):
        Visitor(self.app, {'Accept-Language': 'fr'}).get('/auth/login')
        self.assertNotIn('territories', localedata.load('fr'))
        self.assertNotIn('length-meter', localedata.load('fr')['unit_patterns'])

    def test_what_pages_say_is_kept(self):
        with self.app.test_request_context(headers={'Accept-Language': 'de'}):
            self.assertEqual('de', languages.select_language())
        self.assertEqual('Französisch', localedata.load('de')['languages']['fr'])
        self.assertEqual('3 MB', format_unit(3, 'digital-megabyte', 'short', locale='de').replace('\xa0', ' '))

    def test_how_regions_are_found_is_forgotten_where_no_language_of_the_site_needs_it(self):
        likely = get_global('likely_subtags')
        with mock.patch.dict(likely):
            languages.forget_regions([*config.LANGUAGES, 'zh_Hant'])
            self.assertEqual('Hant', Locale.parse('zh_Hant').script)
            languages.forget_regions(list(config.LANGUAGES))
            self.assertFalse(likely)
            self.assertEqual(list(config.LANGUAGES), [Locale.parse(name).language for name in config.LANGUAGES])
        self.assertTrue(likely)
