"""What people do here from the first visit on, with real letters: with script and without, on a desk and on a phone."""
from tests.base import PASSWORD
from tests.browser.site import NARROW, WIDE, BrowserCase, Reader, needs_chromium, postal_site, unique
from tests.parts import once_only

OTHER = 'nine brown kettles'
ERRORS = (('/nowhere', 404), ('/user/nobody_here', 404), ('/post/1', 404), ('/post/' + '9' * 300, 404),
          ('/auth/logout', 405), ('/auth/reset_password/forged', 403))


class Story:
    """The tests; the cases at the end say in which browser."""

    @classmethod
    def start_site(cls):
        return postal_site()

    def register(self, word: str) -> tuple[Reader, str]:
        """A new account whose address is confirmed by the link of the letter; the reader and the username."""
        reader, name = self.reader(), unique(word)
        reader.go('/auth/register')
        reader.send('Create account', username=name, email=f'{name}@example.com', password=PASSWORD, password2=PASSWORD)
        reader.sees('We have sent an e-mail to')
        reader.go(self.site.link(f'{name}@example.com', 'Confirm your address'))
        reader.send('Confirm address')
        reader.sees(f'Welcome, {name}')
        return reader, name

    def write(self, reader: Reader, body: str) -> None:
        """Publish a post on the home page."""
        reader.go('/')
        reader.send('Post', post=body)
        reader.sees('Your post is published.')
        self.assertIn(body, reader.posts())

    def test_two_people_register_write_and_read_each_other(self):
        susan, her_name = self.register('susan')
        susan.send('Log in', username=her_name, password=PASSWORD)
        self.write(susan, 'Good morning from the harbour')
        david, his_name = self.register('david')
        david.send('Log in', username=f'{his_name}@example.com', password=PASSWORD)
        david.sees('Step 1 of 3')
        david.send('Save and go on', name='', about_me='Walks before breakfast.')
        david.sees('the most followed first')
        david.follow('Go on')
        david.follow('Skip and go home')
        david.sees('It is quiet here, so far')
        david.go('/explore')
        self.assertIn('Good morning from the harbour', david.posts())
        david.follow(f'{her_name} @{her_name}')
        self.assertEqual(['Good morning from the harbour'], david.posts())
        self.write(david, 'Good evening from the hills')
        susan.go('/')
        self.assertEqual(['Good morning from the harbour'], susan.posts())
        susan.go(f'/user/{his_name}')
        self.assertEqual(['Good evening from the hills'], susan.posts())

    def test_who_is_not_confirmed_reads_only(self):
        reader, name = self.reader(), unique('early')
        reader.go('/auth/register')
        reader.send('Create account', username=name, email=f'{name}@example.com', password=PASSWORD, password2=PASSWORD)
        reader.send('Log in', username=name, password=PASSWORD)
        reader.go('/')
        reader.sees(f'open the link we sent to {name}@example.com')
        self.assertEqual(0, reader.page.locator('textarea').count())
        reader.send('Resend link')
        reader.sees('We sent you an e-mail a moment ago')

    def test_a_form_keeps_what_was_typed_and_says_what_is_wrong(self):
        reader = self.reader()
        reader.go('/auth/register')
        reader.send('Create account', username='no spaces', email='nowhere', password='short', password2='other')
        self.assertEqual('no spaces', reader.page.input_value('[name=username]'))
        self.assertEqual('nowhere', reader.page.input_value('[name=email]'))
        self.assertEqual('', reader.page.input_value('[name=password]'))
        self.assertIn('error', reader.page.title())
        self.assertEqual('true', reader.page.get_attribute('[name=password2]', 'aria-invalid'))

    def test_following_fills_the_home_page_and_unfollowing_empties_it(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        self.site.wrote(david, 'Rain on the hills')
        reader = self.member(susan)
        reader.go(f'/user/{david}')
        reader.press(f'Follow {david}')
        reader.offers(f'Following: unfollow {david}')
        reader.go('/')
        self.assertEqual(['Rain on the hills'], reader.posts())
        reader.go(f'/user/{david}/followers')
        reader.sees(f'@{susan}')
        reader.go(f'/user/{david}')
        reader.press(f'Following: unfollow {david}')
        reader.offers(f'Follow {david}')
        reader.go('/')
        self.assertEqual([], reader.posts())

    def test_people_are_found_by_the_beginning_of_their_name(self):
        word = unique('quince')
        names = [self.site.person(f'{word}_a'), self.site.person(f'{word}_b', name='Élodie Straße')]
        reader = self.reader()
        reader.go('/search')
        reader.send('Search', q=word.upper())
        reader.sees(f'words that begin with “{word.upper()}”')
        for name in names:
            reader.sees(f'@{name}')
        reader.send('Search', q='@' + names[0])
        reader.misses(f'@{names[1]}')
        reader.send('Search', q='élodie')
        reader.sees(f'@{names[1]}')
        reader.send('Search', q='xyzzy%')
        reader.sees('Nothing found')
        self.assertNotIn(f'@{names[0]}', reader.page.content())

    def test_a_profile_is_edited(self):
        susan = self.site.person('susan')
        reader = self.member(susan)
        reader.go('/edit_profile')
        reader.send('Save profile', name='Susan Ärmel', about_me='Tea.\n\nhttps://example.com/tea')
        reader.sees('Your profile is saved.')
        self.assertEqual('Susan Ärmel', reader.page.locator('h1').inner_text())
        self.assertEqual('https://example.com/tea',
                         reader.page.locator('.profile .body a').first.get_attribute('href'))

    def test_old_links_lead_to_a_renamed_person(self):
        susan, after = self.site.person('susan'), unique('renamed')
        reader = self.member(susan)
        reader.go('/edit_profile')
        reader.send('Save profile', username=after)
        self.assertEqual(after, reader.page.input_value('main [name=username]'))
        reader.send('Save profile', username=after, password=PASSWORD)
        self.assertEqual(f'/user/{after}', reader.path())
        visitor = self.reader()
        for old in (f'/user/{susan}', f'/@{susan}'):
            visitor.go(old)
            self.assertEqual(f'/user/{after}', visitor.path())

    def test_a_new_password_logs_other_browsers_out(self):
        susan = self.site.person('susan')
        here, there = self.member(susan), self.member(susan)
        here.go('/settings/password')
        here.send('Change password', current_password='wrong one', password=OTHER, password2=OTHER)
        here.sees('This is not your current password.')
        here.send('Change password', current_password=PASSWORD, password=OTHER, password2=OTHER)
        here.sees('Your password is changed.')
        self.assertTrue(here.is_in())
        self.assertFalse(there.is_in())
        there.log_in(susan)
        there.sees('Username, e-mail or password is wrong.')
        there.log_in(susan, OTHER)
        self.assertTrue(there.is_in())
        self.site.letter(f'{susan}@example.com', 'password')

    def test_a_new_address_is_confirmed_and_the_old_one_told(self):
        susan = self.site.person('susan')
        new = f'{susan}@new.example'
        reader = self.member(susan)
        reader.go('/settings/email')
        reader.send('Change address', email=new, current_password=PASSWORD)
        reader.sees(f'We have sent an e-mail to {new}')
        reader.sees(f'{susan}@example.com')
        reader.go(self.site.link(new, 'Confirm your new address'))
        reader.send('Confirm address')
        reader.sees(f'Your address is {new} now.')
        self.site.letter(f'{susan}@example.com', 'was changed')
        other = self.reader()
        other.log_in(new)
        self.assertTrue(other.is_in())

    def test_a_lost_password_is_set_by_a_letter_once(self):
        susan = self.site.person('susan')
        logged_in, reader = self.member(susan), self.reader()
        reader.go('/auth/login')
        reader.follow('I forgot my password')
        reader.send('Send me a link', email=f'{susan}@example.com')
        reader.sees('an e-mail with a link is on its way')
        link = self.site.link(f'{susan}@example.com', 'Set a new password')
        reader.go(link)
        reader.send('Set password', password=OTHER, password2=OTHER)
        reader.sees('Your password is set.')
        reader.send('Log in', username=susan, password=OTHER)
        self.assertTrue(reader.is_in())
        self.assertFalse(logged_in.is_in())
        self.assertEqual(403, reader.go(link))

    def test_sessions_are_listed_and_ended(self):
        susan = self.site.person('susan')
        here, there, elsewhere = self.member(susan), self.member(susan), self.member(susan)
        here.go('/settings/sessions')
        self.assertEqual(3, here.page.locator('main li').count())
        self.assertEqual(1, here.page.locator('.badge', has_text='This device').count())
        here.page.locator('main li button').first.click()
        here.sees('That device is logged out.')
        self.assertEqual([False, True], sorted([there.is_in(), elsewhere.is_in()]))
        here.go('/settings/sessions')
        here.send('Log out all other devices')
        self.assertEqual([True, False, False], [reader.is_in() for reader in (here, there, elsewhere)])

    def test_a_copied_cookie_is_dead_after_logging_out(self):
        reader = self.member(self.site.person('susan'))
        thief = self.reader()
        thief.context.add_cookies(reader.context.cookies())
        self.assertTrue(thief.is_in())
        reader.go('/')
        reader.log_out()
        reader.sees('You are logged out.')
        self.assertFalse(reader.is_in())
        self.assertFalse(thief.is_in())

    def test_a_post_is_deleted_after_a_question(self):
        susan = self.site.person('susan')
        id, = self.site.wrote(susan, 'Never mind')
        reader = self.member(susan)
        reader.go(f'/user/{susan}')
        reader.page.locator('article summary').click()
        reader.follow('Delete post')
        reader.sees('Delete this post?')
        reader.sees('Never mind')
        reader.send('Delete post')
        reader.sees('Your post is deleted.')
        self.assertEqual([], reader.posts())
        self.assertEqual(410, reader.go(f'/post/{id}'))
        reader.sees('This post was deleted')

    def test_theme_and_language_are_chosen(self):
        reader = self.member(self.site.person('susan'))
        reader.go('/settings')
        reader.page.get_by_label('Dark').check()
        reader.page.locator('[name=language]').select_option('ar')
        with reader.page.expect_navigation():
            reader.page.locator('#look button').click()
        page = reader.page.locator('html')
        self.assertEqual(('ar', 'rtl', 'dark'),
                         tuple(page.get_attribute(name) for name in ('lang', 'dir', 'data-bs-theme')))
        self.assertEqual('rgb(18, 23, 22)', reader.page.evaluate('getComputedStyle(document.body).backgroundColor'))

    def test_a_visitor_chooses_a_language(self):
        reader = self.reader()
        reader.go('/about')
        reader.page.locator('footer select').select_option('de')
        with reader.page.expect_navigation():
            reader.page.locator('footer button').click()
        self.assertEqual('/about', reader.path())
        self.assertEqual('de', reader.page.get_attribute('html', 'lang'))

    def test_an_error_has_a_page_with_ways_on(self):
        reader = self.reader()
        for path, status in ERRORS:
            with self.subTest(path[:20]):
                self.assertEqual(status, reader.go(path))
                self.assertEqual(1, reader.page.locator('h1').count())
        self.assertEqual(404, reader.go('/nowhere'))
        reader.follow('Go home')
        self.assertEqual('/explore', reader.path())


@once_only
@needs_chromium
class ScriptedStoryTest(Story, BrowserCase):
    options = {'viewport': WIDE}


@once_only
@needs_chromium
class PlainStoryTest(Story, BrowserCase):
    """The same on a phone whose browser runs no script."""

    options = {'viewport': NARROW, 'java_script_enabled': False, 'has_touch': True}

    def test_the_last_menu_of_a_page_can_be_scrolled_above_the_bar(self):
        susan = self.site.person('susan')
        self.site.wrote(susan, 'Never mind')
        reader = self.member(susan)
        reader.go(f'/user/{susan}')
        reader.page.locator('article summary').click()
        last, bar = (reader.page.locator(part).bounding_box() for part in ('article .menu > div', '.site'))
        height = reader.page.evaluate('document.documentElement.scrollHeight')
        self.assertGreaterEqual(height - last['y'] - last['height'], bar['height'])
