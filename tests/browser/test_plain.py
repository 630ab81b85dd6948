"""What people do to each other's posts and to each other, on a phone whose browser runs no script."""
from playwright.sync_api import expect

from tests.browser.site import NARROW, BrowserCase, Reader, needs_chromium
from tests.parts import once_only


@once_only
@needs_chromium
class PlainWalkTest(BrowserCase):
    options = {'viewport': NARROW, 'java_script_enabled': False, 'has_touch': True}

    def act(self, reader: Reader, word: str, pressed: str) -> None:
        """Press a button below the first post; afterwards it says whether it is pressed."""
        with reader.page.expect_navigation():
            reader.page.locator('article').first.get_by_role('button', name=word).click()
        button = reader.page.locator('article').first.get_by_role('button', name=word)
        expect(button).to_have_attribute('aria-pressed', pressed)

    def choose(self, reader: Reader, name: str, act: str) -> None:
        """Open the menu beside somebody's name and follow what it offers."""
        reader.go(f'/user/{name}')
        reader.page.locator('.profile summary').click()
        reader.follow(act)

    def test_posts_are_liked_reposted_and_found_by_tag(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        writer, reader = self.member(susan), self.member(david)
        writer.go('/')
        writer.send('Post', post=f'Bread for @{david} #{susan}')
        reader.go(f'/user/{susan}')
        for word in ('Like', 'Repost'):
            for pressed in ('true', 'false', 'true'):
                self.act(reader, word, pressed)
        reader.go(f'/user/{david}')
        reader.sees('Bread for')  # what he passed on stands on his page
        reader.go('/likes')
        reader.sees('Bread for')
        reader.follow(f'#{susan}')
        reader.sees('Bread for')
        self.assertEqual(f'/tag/{susan}', reader.path())
        writer.go('/notifications')
        writer.sees(david)

    def test_somebody_is_muted_and_blocked_and_let_in_again(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        reader = self.member(susan)
        self.choose(reader, david, 'Mute')
        reader.send('Mute')
        reader.go('/settings/muted')
        reader.send(f'Unmute {david}')
        reader.misses(f'@{david}')
        self.choose(reader, david, 'Block')
        reader.follow('Do not block')
        reader.offers(f'Follow {david}')
        self.choose(reader, david, 'Block')
        reader.send(f'Block {david}')
        reader.sees('is blocked')
        reader.go('/settings/blocked')
        reader.send(f'Unblock {david}')
        reader.misses(f'@{david}')

    def test_a_private_account_lets_people_in(self):
        susan, david, marc = (self.site.person(word) for word in ('susan', 'david', 'marc'))
        reader = self.member(susan)
        reader.go('/settings')
        reader.follow('Make private')
        reader.send('Make private')
        reader.sees('Your account is private')
        others = {name: self.member(name) for name in (david, marc)}
        for other in others.values():
            other.go(f'/user/{susan}')
            other.send(f'Follow {susan}')
            other.offers(f'Requested: ask {susan} no more')
        reader.go('/follow_requests')
        reader.send(f'Accept: let {david} follow you')
        reader.send(f'Decline the request of {marc}')
        reader.sees('Nobody asks to follow you')
        for name, button in ((david, f'Following: unfollow {susan}'), (marc, f'Follow {susan}')):
            others[name].go(f'/user/{susan}')
            others[name].offers(button)
