"""A conversation in a browser: with script on a desk, without it on a phone."""
from playwright.sync_api import expect

from tests.browser.site import NARROW, WIDE, BrowserCase, needs_chromium
from tests.parts import once_only


class Conversation:
    """The test; the cases at the end say in which browser."""

    def test_somebody_writes_for_followers_and_is_answered(self):
        susan, david = self.site.person('susan'), self.site.person('david')
        self.site.follows(david, susan)
        writer, reader = self.member(susan), self.member(david)
        writer.go('/post/new')
        writer.page.get_by_label('Who can read it').select_option(label='Followers')
        writer.send('Post', post='Who brings bread?')
        reader.go(f'/user/{susan}')
        reader.page.locator('article', has_text='Who brings bread?').get_by_role('link', name='Reply').click()
        expect(reader.page.locator('textarea[name=post]')).to_have_value(f'@{susan} ')
        expect(reader.page.get_by_label('Who can read it')).to_have_value('2')
        reader.send('Reply', post=f'@{susan} I do')
        reader.sees('Your reply is published.')
        expect(reader.page.locator('.up article')).to_contain_text('Who brings bread?')
        expect(reader.page.locator('.focus')).to_contain_text('I do')
        writer.go(f'/user/{susan}')
        writer.page.locator('article', has_text='Who brings bread?').locator('.when').click()
        expect(writer.page.locator('.replies article')).to_contain_text('I do')
        overflow = 'document.documentElement.scrollWidth - window.innerWidth'
        self.assertLessEqual(writer.page.evaluate(overflow), 0)


@once_only
@needs_chromium
class ScriptedThreadTest(Conversation, BrowserCase):
    options = {'viewport': WIDE}


@once_only
@needs_chromium
class PlainThreadTest(Conversation, BrowserCase):
    options = {'viewport': NARROW, 'java_script_enabled': False}
