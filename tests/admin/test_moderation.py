"""Pages for those who look after people and posts: for admins who have typed their password, and each act is noted."""
import sqlalchemy as sa

from app import db, events
from app.models import Event, Post, Task, User, UserSession
from tests.base import PASSWORD, make_user
from tests.world import WorldCase


class ModerationCase(WorldCase):
    def setUp(self):
        super().setUp()
        with self.app.app_context():
            make_user('root', is_admin=True)
        self.admin = self.log_in('root')
        self.john = self.log_in('john')

    def do(self, act: str, username: str = 'john'):
        """Press one of the buttons on somebody's page."""
        return self.admin.submit(f'/admin/people/{username}/{act}', page=f'/admin/people/{username}')

    def kinds(self) -> set[str]:
        """What John is told of his account."""
        with self.app.app_context():
            user = self.find('john')
            rows = db.session.execute(sa.select(Event.kind, Event.address).where(Event.user_id == user.id))
            return {kind for kind, address in rows if address == events.COMMAND_LINE}

    def forget_proof(self) -> None:
        with self.admin.client.session_transaction() as session:
            del session['proved_at']


class People(ModerationCase):
    def test_are_found_by_the_beginning_of_name_or_address(self):
        self.person('johanna', email='x@elsewhere.example')
        for words, found in (('jo', {'johanna', 'john'}), ('@JOHN', {'john'}), ('X@Else', {'johanna'}), ('ohn', set()),
                             ('%', set()), ('', {'johanna', 'john', 'root'})):
            page = self.admin.get('/admin/people', query_string={'q': words}).text
            shown = {name for name in ('john', 'johanna', 'root') if f'/admin/people/{name}"' in page}
            self.assertEqual(found, shown, words)

    def test_are_suspended_and_let_in_again(self):
        self.wrote('john', 'his words')
        with self.assertLogs('app.events', 'INFO') as log:
            self.assertEqual(302, self.do('suspend').status_code)
        self.assertRegex(' '.join(log.output), 'event=moderated user=[0-9]+ from=127.0.0.1 .* act=suspend account=')
        self.assertEqual(302, self.john.get('/').status_code)
        self.assertNotIn('his words', self.visitor.get('/explore').text)
        self.assertIn('Suspended', self.admin.get('/admin/people/john').text)
        self.do('suspend')
        self.do('reinstate')
        self.assertIn('his words', self.visitor.get('/explore').text)
        self.assertEqual({'suspended', 'reinstated'}, self.kinds())

    def test_are_logged_out_everywhere(self):
        self.do('sign_out')
        self.do('sign_out')
        self.assertEqual(302, self.john.get('/').status_code)
        self.assertEqual(1, self.rows(UserSession))  # the admin's own
        self.assertEqual({'sessions_ended'}, self.kinds())

    def test_are_deleted_after_a_question(self):
        self.assertIn('cannot be undone', self.admin.get('/admin/people/john/delete').text)
        self.assertEqual(2, self.rows(User))
        self.admin.submit('/admin/people/john/delete')
        self.assertEqual(1, self.rows(User))
        self.assertEqual(404, self.do('suspend').status_code)

    def test_who_look_after_the_site_are_left_to_the_operator(self):
        self.change('john', is_admin=True)
        for username in ('john', 'root'):
            for act in ('suspend', 'sign_out', 'delete'):
                self.assertEqual(403, self.do(act, username).status_code)
        self.assertEqual((2, 2), (self.rows(User), self.rows(UserSession)))


class Posts(ModerationCase):
    def test_are_removed_with_a_reason_that_their_author_reads(self):
        id, other = self.wrote('john', 'bad words', 'other words')
        self.assertIn(f'/admin/posts/{id}', self.admin.get('/admin/posts?author=john').text)
        for reason in ('', '  ', 'x' * 301):
            self.assertEqual(200, self.admin.submit(f'/admin/posts/{id}', reason=reason).status_code)
        self.turn_mail_on()
        self.assertEqual(302, self.admin.submit(f'/admin/posts/{id}', reason='It names somebody').status_code)
        self.assertEqual(404, self.admin.submit(f'/admin/posts/{id}', reason='again').status_code)
        self.assertEqual([other], [self.value(sa.select(Post.id))])
        self.assertEqual(1, self.value(sa.select(User.posts_count).where(User.username == 'john')))
        self.assertEqual(410, self.visitor.get(f'/post/{id}').status_code)
        task = self.value(sa.select(Task).where(Task.name == 'post_removed'))
        self.assertEqual({'body': 'bad words', 'reason': 'It names somebody'},
                         {name: task.arguments[name] for name in ('body', 'reason')})
        self.assertEqual({'post_removed'}, self.kinds())
        self.run_tasks()
        self.assertEqual('done', self.value(sa.select(Task.state).where(Task.name == 'post_removed')))

    def test_their_author_reads_the_reason_without_mail_too(self):
        first, second = self.wrote('john', 'bad words', 'other words')
        self.admin.submit(f'/admin/posts/{first}', reason='It names <somebody>')
        self.admin.submit(f'/admin/posts/{second}', reason='This one too')
        page = self.john.get('/settings/events').text
        for words in ('A post of yours was removed', 'It names &lt;somebody&gt;', 'This one too', 'by the operator'):
            self.assertIn(words, page)
        self.assertNotIn('Its author', self.visitor.get(f'/post/{first}').text)

    def test_tasks_that_were_given_up_are_tried_again(self):
        with self.app.app_context():
            db.session.add(Task(name='deliver', state='failed', arguments={}))
            db.session.commit()
        self.admin.submit('/admin/tasks/retry', page='/admin/status')
        self.assertEqual('waiting', self.value(sa.select(Task.state).where(Task.name == 'deliver')))


class Access(ModerationCase):
    PAGES = ('/admin/people', '/admin/people/susan', '/admin/people/susan/delete', '/admin/posts')

    def test_nobody_else_hears_of_the_pages(self):
        self.person('susan')
        for path in (*self.PAGES, '/admin/proof'):
            self.assertEqual(404, self.john.get(path).status_code, path)
            self.assertEqual(302, self.visitor.get(path).status_code, path)
        self.assertEqual(404, self.john.submit('/admin/people/susan/suspend', page='/').status_code)

    def test_the_password_is_asked_for_after_a_while(self):
        self.person('susan')
        self.forget_proof()
        for path in self.PAGES:
            self.assertEqual(f'/admin/proof?next={path}', self.admin.get(path).location)
        self.assertEqual('/admin/proof', self.admin.submit('/admin/people/susan/delete', page='/').location)
        self.assertEqual(200, self.admin.submit('/admin/proof', current_password='wrong').status_code)
        answer = self.admin.submit('/admin/proof?next=/admin/posts', current_password=PASSWORD)
        self.assertEqual('/admin/posts', answer.location)
        self.assertEqual(200, self.admin.get('/admin/posts').status_code)
        self.assertEqual(3, self.rows(User))
