"""What is kept of each language in memory, and that pages go on speaking it."""
from babel import localedata
from babel.units import format_unit

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
