"""The views that the lively site offers: every page, as everybody who comes there meets it."""
from dataclasses import dataclass, field

from tests.base import PASSWORD
from tests.browser.lively import LONG, LivelySite
from tests.browser.site import Reader

OLD_TOKEN = "document.querySelector('main [name=csrf_token]').value = 'old'"
FAULT = "document.querySelector('main form:has(textarea)').action = '/fault/%s'"


@dataclass(frozen=True)
class View:
    """A page as somebody meets it, perhaps after a form was sent."""

    name: str
    path: str
    who: str = ''
    status: int = 200
    fields: dict[str, str] = field(default_factory=dict)  # what is typed into a form, which is then sent
    script: str = ''  # what happens to the form meanwhile

    def show(self, reader: Reader) -> int:
        """Lead the reader there; the status."""
        status = reader.go(self.path)
        if self.fields:
            reader.fill(**self.fields)
            reader.page.evaluate(self.script)
            with reader.page.expect_navigation() as answer:
                reader.page.locator(f'main form:has([name={next(iter(self.fields))}]) [type=submit]').click()
            status = answer.value.status
        return status


def views(site: LivelySite) -> list[View]:
    """Every page of the site, as a visitor, a member, a newcomer and somebody unconfirmed meet it."""
    return [*_visitor(site), *_member(site), *_keeper(site), *_faults(),
            View('home-empty', '/', 'newcomer'), View('keyboard', '/keyboard'),
            View('welcome', '/welcome', 'newcomer'), View('welcome-people', '/welcome/people', 'newcomer'),
            View('welcome-post', '/welcome/post', 'newcomer'), View('profile-empty', '/user/newcomer', 'newcomer'),
            View('messages-empty', '/messages', 'early'), View('requests-empty', '/messages/requests', 'early'),
            View('talk-unconfirmed', '/send_message/susan', 'early'),
            View('notifications-empty', '/notifications', 'newcomer'),
            View('home-unconfirmed', '/', 'early'), View('new-unconfirmed', '/post/new', 'early'),
            View('likes-empty', '/likes', 'newcomer'), View('blocked-empty', '/settings/blocked', 'newcomer'),
            View('muted-empty', '/settings/muted', 'newcomer'), View('asked-empty', '/follow_requests', 'newcomer'),
            View('export-coming', '/export_posts', 'newcomer'), View('export-made', '/export_posts', 'early')]


def _visitor(site: LivelySite) -> list[View]:
    return [
        View('tag', '/tag/kettle'), View('tag-empty', '/tag/nothing'),
        View('explore', '/explore'), View('search', '/search'), View('found', '/search?q=da'),
        View('not-found', '/search?q=' + 'z' * 400), View('found-posts', '/search?q="the+kettle"+-tide+the'),
        View('found-nobody', '/search?q=from:nobody_here'),
        View('profile-long', f'/user/{LONG}'), View('profile-arabic', '/user/layla'),
        View('followers', '/user/susan/followers'), View('nobody', '/user/newcomer/followers'),
        View('post-cjk', f'/post/{site.post_of("haruka")}'), View('about', '/about'),
        View('post-word', f'/post/{site.post_of(LONG)}'),
        View('login', '/auth/login'), View('register', '/auth/register'),
        View('forgotten', '/auth/reset_password_request'),
        View('reset', f'/auth/reset_password/{site.token("reset_password", "david")}'),
        View('confirm', f'/auth/confirm/{site.token("confirm_email", "early")}'),
        View('change', f'/auth/change_email/{site.token("change_email", "david", email="david@new.example")}'),
        View('no-more-mail', f'/notifications/unsubscribe/{site.unsubscribing("david")}'),
        View('dead-link', '/auth/confirm/forged', status=403), View('missing', '/nowhere', status=404),
        View('gone', f'/post/{site.deleted_post()}', status=410), View('method', '/auth/logout', status=405),
        View('replies', f'/post/{site.crowded}?after={site.crowded}'),
        View('thread-long', f'/post/{site.crowded}/thread'),
        View('rules', '/rules'), View('profile-private', '/user/hermit'),
        View('login-refused', '/auth/login', fields={'username': 'susan', 'password': 'wrong'}),
        View('register-refused', '/auth/register',
             fields={'username': 'Susan', 'email': 'nowhere', 'password': 'short', 'password2': 'other'}),
    ]


def _member(site: LivelySite) -> list[View]:
    own = site.post_of('susan')
    talk = site.talk()
    me = 'susan'
    return [
        View('notifications', '/notifications', me), View('home', '/', me), View('likes', '/likes', me),
        View('post-likes', f'/post/{own}/likes', me), View('post-reposts', f'/post/{own}/reposts', me),
        View('block', '/block/marc', me), View('blocked', '/settings/blocked', me), View('mute', '/mute/marc', me),
        View('profile-blocked', '/user/pest', me), View('muted', '/settings/muted', me),
        View('asked', '/follow_requests', me), View('thread', f'/post/{talk[0]}', me),
        View('thread-middle', f'/post/{talk[2]}', me), View('thread-whole', f'/post/{talk[0]}/thread', me),
        View('reply', f'/post/{talk[1]}/reply', me), View('options', f'/post/{talk[0]}/options', me),
        View('home-older', f'/?before={own - (2000 << 16) * 60_000}', me),
        View('explore-member', '/explore', me), View('found-member', '/search?q=d', me),
        View('profile-own', '/user/susan', me), View('profile-other', '/user/david', me),
        View('following', '/user/susan/following', me), View('post-own', f'/post/{own}', me),
        View('delete', f'/post/{own}/delete', me), View('new', '/post/new', me), View('edit', '/edit_profile', me),
        View('settings', '/settings', me), View('password', '/settings/password', me),
        View('email', '/settings/email', me), View('devices', '/settings/sessions', me),
        View('events', '/settings/events', me),
        View('messages', '/messages', me), View('requests', '/messages/requests', me),
        View('talk', '/send_message/david', me), View('talk-new', '/send_message/haruka', me),
        View('talk-arabic', '/send_message/layla', me), View('talk-long', f'/send_message/{LONG}', me),
        View('talk-request', '/send_message/newcomer', me), View('talk-none', '/send_message/marc', me),
        View('talk-refused', '/send_message/david', me, fields={'message': 'word ' * 410}),
        View('message-new', '/messages/new', me),
        View('message-nobody', '/messages/new', me, fields={'recipient': 'x', 'message': 'Hello'}),
        View('talk-delete', '/send_message/david/delete', me),
        View('message-delete', f'/messages/{site.wrote_to("susan", "david", "Never mind that.")}/delete', me),
        View('close', '/settings/private', me), View('open', '/settings/public', me),
        View('profile-hermit', '/user/hermit', me), View('leave', '/settings/delete', me),
        View('export', '/export_posts', me),
        View('missing-member', '/nowhere', me, status=404),
        View('home-refused', '/', me, fields={'post': 'word ' * 120}),
        View('edit-refused', '/edit_profile', me, fields={'username': 'not good'}),
        View('password-refused', '/settings/password', me,
             fields={'current_password': PASSWORD, 'password': 'password', 'password2': 'password'}),
    ]


def _keeper(site: LivelySite) -> list[View]:
    me = 'keeper'
    return [
        View('status', '/admin/status', me), View('admin-people', '/admin/people', me),
        View('admin-nobody', '/admin/people?q=zzz', me),
        View('admin-person', '/admin/people/david', me), View('admin-posts', '/admin/posts', me),
        View('admin-delete', '/admin/people/david/delete', me), View('admin-site', '/admin/site', me),
        View('admin-remove', f'/admin/posts/{site.post_of("david")}', me), View('admin-proof', '/admin/proof', me),
        View('admin-site-refused', '/admin/site', me, fields={'name': '', 'banner': 'w' * 600}),
    ]


def _faults() -> list[View]:
    """What went wrong, on a page and with a form that was sent."""
    words = {'post': 'Low tide at six.\n\nWhoever wants to see the old wreck: bring boots.'}
    return [
        *(View(f'fault-{status}', f'/fault/{status}', status=status) for status in (400, 403, 413, 429, 500, 503)),
        *(View(f'post-{status}', '/', 'susan', status, words, FAULT % status) for status in (413, 429, 500, 503)),
        View('post-late', '/', 'susan', 400, words, OLD_TOKEN),
        View('login-late', '/auth/login', '', 400, {'username': 'susan', 'password': PASSWORD}, OLD_TOKEN),
    ]
