"""In which language and direction pages speak."""
import re

from tests.world import WorldCase

ASKED = [('de', 'de'), ('de-AT,en;q=0.5', 'de'), ('en;q=0.1,ES-mx', 'es'), ('de;q=0', 'en'), ('ar', 'ar'),
         ('it,fr;q=0.3,en;q=0.1', 'fr'), ('xx', 'en'), ('', 'en'), ('zh-CN', 'zh'), ('*', 'en'), (';;;q=,', 'en'),
         ('de;q=abc', 'en'), ('\xff\xfe', 'en'), ('e' * 9000, 'en')]


def spoken(page: str) -> tuple[str, str]:
    """Language and direction that a page declares."""
    return re.search(r'<html lang="([^"]*)" dir="([^"]*)"', page).groups()


class Language(WorldCase):
    def test_is_the_best_that_the_browser_asks_for(self):
        for header, language in ASKED:
            answer = self.visitor.get('/explore', headers={'Accept-Language': header})
            self.assertEqual(200, answer.status_code, header[:20])
            self.assertEqual(language, spoken(answer.text)[0][:2], header[:20])

    def test_turns_the_page_where_it_is_written_from_right_to_left(self):
        self.assertEqual(('ar', 'rtl'), spoken(self.visitor.get('/explore', headers={'Accept-Language': 'ar'}).text))
        self.assertEqual(('en', 'ltr'), spoken(self.visitor.get('/explore').text))

    def test_is_chosen_without_an_account(self):
        answer = self.visitor.submit('/language', page='/explore', language='es', next='/about')
        self.assertEqual((302, '/about'), (answer.status_code, answer.location))
        for path in ('/about', '/nowhere', '/auth/login'):
            page = self.visitor.get(path, headers={'Accept-Language': 'de'}).text
            self.assertEqual('es', spoken(page)[0], path)

    def test_is_that_of_the_account_whatever_the_browser_keeps(self):
        susan = self.log_in('susan')
        susan.post('/language', {'language': 'fr'})
        self.assertEqual('fr', spoken(susan.get('/').text)[0])
        self.change('susan', language='de')
        self.assertEqual('de', spoken(susan.get('/').text)[0])

    def test_is_not_changed_to_one_that_is_not_offered(self):
        for language in ('xx', '', '../de', 'de\r\nSet-Cookie: a=b', 'e' * 5000):
            answer = self.visitor.post('/language', {'language': language})
            self.assertEqual((302, None), (answer.status_code, answer.headers.get('Set-Cookie')))
        self.assertEqual(302, self.visitor.post('/language').status_code)

    def test_is_changed_by_a_form_only(self):
        self.assertEqual(405, self.visitor.get('/language?language=de').status_code)

    def test_goes_back_to_own_pages_only(self):
        for target in ('//evil.example', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)'):
            answer = self.visitor.submit('/language', page='/explore', language='es', next=target)
            self.assertEqual('/explore', answer.location, target)

    def test_ignores_a_cookie_that_somebody_wrote(self):
        for value in ('xx', '"<script>"', '%00', 'de' * 2000):
            answer = self.visitor.get('/explore', headers={'Cookie': f'language={value}'})
            self.assertEqual((200, 'en'), (answer.status_code, spoken(answer.text)[0]), value[:20])
