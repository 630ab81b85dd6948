"""What is drawn once for many: each reader has their own in it, and is told where they are."""
import re

from app import db
from app.models import PrivateAccount
from tests.world import WorldCase

HERE = re.compile(r'href="([^"]+)"[^>]* aria-current="(\w+)"')
PLACES = {'/': ('/', 'page'), '/index': ('/', 'true'), '/explore': ('/explore', 'page'), '/search': ('/search', 'page'),
          '/notifications': ('/notifications', 'page'), '/messages': ('/messages', 'page'),
          '/send_message/john': ('/messages', 'true'), '/settings': ('/settings', 'page'),
          '/settings/sessions': ('/settings', 'true'), '/post/new': ('/post/new', 'page'),
          '/user/susan': ('/user/susan', 'page')}
ELSEWHERE = '/user/john', '/about', '/user/susan/followers', '/nothing/here'


class FragmentsTest(WorldCase):
    def setUp(self):
        super().setUp()
        self.clients = {name: self.log_in(name) for name in ('susan', 'john')}

    def menu(self, name: str, path: str) -> str:
        page = self.clients.get(name, self.visitor).get(path).text
        return page[page.index('<div class="rail">'):page.index('<main')]

    def test_the_menu_tells_where_one_is(self):
        for path, place in PLACES.items():
            self.assertEqual({place}, set(HERE.findall(self.menu('susan', path))), path)  # in rail and top line
        for path in ELSEWHERE:
            self.assertEqual([], HERE.findall(self.menu('susan', path)), path)
        for path in '/explore', '/auth/login', '/auth/register', '/search':
            self.assertEqual([(path, 'page')], HERE.findall(self.menu('', path)), path)

    def test_the_menu_of_a_profile_is_that_of_its_reader(self):
        self.assertEqual([], HERE.findall(self.menu('john', '/user/susan')))
        for name in self.clients:
            self.assertIn(f'href="/user/{name}"', self.menu(name, '/user/susan'))

    def test_the_form_for_a_new_post_is_the_reader_s(self):
        pages = {name: client.get('/').text for name, client in self.clients.items()}
        for name, page in pages.items():
            with self.app.app_context():
                user = self.find(name).id
            form = page[page.index('<form class="composer"'):].partition('</form>')[0]
            self.assertIn(f'data-keep="post-{user}"', form)
            self.assertIn(f'src="/avatar/{user}/88', form)
            self.assertIn('data-limit="500"', form)
        keys = [re.findall(r'name="(?:form_key|csrf_token)" value="([^"]+)"', page) for page in pages.values()]
        self.assertFalse(set(keys[0]) & set(keys[1]))

    def test_a_private_account_is_offered_its_followers(self):
        def offered(name):
            return self.clients[name].get('/').text.count('<option')

        before = offered('susan')
        with self.app.app_context():
            db.session.add(PrivateAccount(user_id=self.find('john').id))
            db.session.commit()
        self.assertEqual([before, before - 2], [offered('susan'), offered('john')])
