"""Look and privacy: what one saves is seen at once, and nothing else can be saved."""
import warnings

import sqlalchemy as sa

from app.models import User
from tests.accounts import AccountCase
from tests.world import Outline

LOOK = {'theme': 'dark', 'language': 'de', 'timezone': 'Asia/Tokyo'}


class SettingsCase(AccountCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def save(self, part='look', **fields):
        return self.susan.submit(f'/settings/{part}', page='/settings', **fields)

    def stored(self):
        with self.app.app_context():
            user = self.find('susan')
            return user.theme, user.language, user.timezone


class Page(SettingsCase):
    def test_shows_what_is_saved_and_leads_to_the_rest(self):
        self.change('susan', **LOOK, show_last_seen=False)
        page = self.susan.get('/settings', headers={'Accept-Language': 'fr'}).text
        self.assertEqual([], Outline(page).faults)
        for part in ('lang="de"', 'data-bs-theme="dark"', '<option selected value="de">',
                     '<option selected value="Asia/Tokyo">', 'susan@example.com'):
            self.assertIn(part, page)
        for path in ('/edit_profile', *(f'/settings/{part}' for part in ('email', 'password', 'sessions', 'delete'))):
            self.assertIn(f'href="{path}"', page)
            self.assertEqual(200, self.susan.get(path).status_code, path)

    def test_needs_login(self):
        self.assertEqual('/auth/login?next=/settings', self.visitor.get('/settings').location)

    def test_is_kept_by_no_cache(self):
        self.assertEqual('no-store', self.susan.get('/settings').headers['Cache-Control'])

    def test_is_made_without_a_warning(self):
        with warnings.catch_warnings():
            warnings.simplefilter('error')
            self.assertEqual(200, self.susan.get('/settings').status_code)


class Look(SettingsCase):
    def test_is_saved_and_seen_at_once(self):
        answer = self.save(**LOOK)
        self.assertEqual((302, '/settings'), (answer.status_code, answer.location))
        self.assertEqual(('dark', 'de', 'Asia/Tokyo'), self.stored())
        page = self.susan.get('/explore').text
        for part in ('<html lang="de"', 'data-bs-theme="dark"', 'data-timezone="Asia/Tokyo"'):
            self.assertIn(part, page)

    def test_can_follow_browser_and_device_again(self):
        self.save(**LOOK)
        self.save(theme='auto', language='', timezone='')
        self.assertEqual(('auto', '', ''), self.stored())

    def test_takes_nothing_that_is_not_offered(self):
        for field, wrong in (('theme', 'pink'), ('language', 'xx'), ('language', '../../etc'),
                             ('timezone', 'Mars/City'),
                             ('timezone', '../etc/passwd'), ('timezone', 'x' * 100_000), ('theme', '"><script>'),
                             ('language', 'de_AT'), ('theme', '')):
            answer = self.save(**{**LOOK, field: wrong})
            self.assertEqual(200, answer.status_code, wrong[:20])
            self.assertIn(f'id="{field}-error"', answer.text)
            self.assertEqual(('auto', '', ''), self.stored())

    def test_a_stored_zone_that_nobody_knows_any_more_breaks_no_page(self):
        self.wrote('susan', 'hello')
        for zone in ('Mars/City', '../etc/passwd', 'Europe', 'x\ty'):
            self.change('susan', timezone=zone)
            for path in ('/explore', '/user/susan', '/settings'):
                answer = self.susan.get(path)
                self.assertEqual(200, answer.status_code, (zone, path))
                self.assertIn('data-timezone=""', answer.text)
        self.assertEqual(302, self.save(**LOOK).status_code)

    def test_keeps_the_other_fields_when_one_is_wrong(self):
        page = self.save(**{**LOOK, 'theme': 'pink'}).text
        self.assertIn('<option selected value="de">', page)
        self.assertIn('<option selected value="Asia/Tokyo">', page)

    def test_changes_only_what_it_holds(self):
        self.save(**LOOK, is_admin='1', username='eve', show_last_seen='')
        with self.app.app_context():
            user = self.find('susan')
            self.assertEqual((False, True), (user.is_admin, user.show_last_seen))

    def test_needs_login_a_token_and_post(self):
        for part in ('look', 'privacy'):
            path = f'/settings/{part}'
            self.assertEqual(405, self.susan.get(path).status_code)
            self.assertEqual(400, self.susan.post(path, LOOK).status_code)
            answer = self.visitor.submit(path, page='/auth/login', **LOOK)
            self.assertEqual((302, '/auth/login'), (answer.status_code, answer.location))
        self.assertEqual(('auto', '', ''), self.stored())


class Privacy(SettingsCase):
    def test_hides_and_shows_when_one_was_here(self):
        for fields, shown in (({}, False), ({'show_last_seen': 'y'}, True)):
            answer = self.save('privacy', **fields)
            self.assertEqual((302, '/settings'), (answer.status_code, answer.location))
            self.assertEqual(shown, self.value(sa.select(User.show_last_seen)))

    def test_the_profile_tells_others_only_then(self):
        pages = []
        for shown in (True, False):
            self.change('susan', show_last_seen=shown)
            pages.append(self.visitor.get('/user/susan').text.count('Last seen'))
        self.assertEqual(1, pages[0] - pages[1])
