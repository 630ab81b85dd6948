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
        writer.send('Reply', post=f'@{david} Thank you')
        writer.sees('Your reply is published.')
        overflow = 'document.documentElement.scrollWidth - window.innerWidth'
        self.assertLessEqual(writer.page.evaluate(overflow), 0)


@once_only
@needs_chromium
class ScriptedThreadTest(Conversation, BrowserCase):
    options = {'viewport': WIDE}

    def test_a_key_leads_to_the_field_under_the_post_and_a_reload_keeps_what_is_in_it(self):
        author = self.site.person('susan')
        id, = self.site.wrote(author, 'Who brings bread?')
        reader = self.member(self.site.person('david'))
        reader.go(f'/post/{id}')
        reader.page.keyboard.press('r')
        field = reader.page.locator('textarea[name=post]')
        expect(field).to_be_focused()
        field.press('End')
        field.press_sequentially('I do')
        reader.page.reload()
        expect(field).to_have_value(f'@{author} I do')


@once_only
@needs_chromium
class PlainThreadTest(Conversation, BrowserCase):
    options = {'viewport': NARROW, 'java_script_enabled': False}
