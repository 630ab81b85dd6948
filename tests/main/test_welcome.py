"""After registering: who one is, whom one reads, a first post; each step may be left out."""
from tests.world import WorldCase

STEPS = ('/welcome', '/welcome/people', '/welcome/post')


class Welcome(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def test_leads_from_one_step_to_the_next_with_and_without_doing_it(self):
        self.wrote('john', 'Hello')
        answer = self.susan.submit('/welcome', name='Susan', about_me='Tea.')
        self.assertEqual((302, '/welcome/people'), (answer.status_code, answer.location))
        self.assertIn('Follow john', self.susan.get('/welcome/people').text)
        answer = self.susan.submit('/follow/john', page='/welcome/people', next='/welcome/people')
        self.assertEqual('/welcome/people', answer.location)
        self.assertNotIn('Follow john', self.susan.get('/welcome/people').text)
        answer = self.susan.submit('/welcome/post', post='Good morning', follow=True)
        self.assertIn('Good morning', answer.text)
        self.assertIn('Tea.', self.susan.get('/user/susan').text)
        for step, further in zip(STEPS, (*STEPS[1:], '/'), strict=True):
            self.assertIn(f'href="{further}">', self.susan.get(step).text.partition('<main')[2])

    def test_begins_where_an_account_is_new(self):
        form = {'username': 'david', 'email': 'david@example.com', 'password': 'seven green bottles'}
        answer = self.visitor.submit('/auth/register', password2=form['password'], **form)
        answer = self.visitor.submit(answer.location, username='david', password=form['password'])
        self.assertEqual('/welcome', answer.location)
        self.assertIn('/welcome/people', self.visitor.get('/').text)

    def test_keeps_what_is_refused(self):
        answer = self.susan.submit('/welcome', name='x' * 51, about_me='Tea.')
        self.assertEqual(200, answer.status_code)
        self.assertIn('Tea.', answer.text)
        self.assertIn('is-invalid', answer.text)

    def test_suggests_who_wrote_lately_the_most_followed_first(self):
        for name in ('silent', 'john', 'david'):
            self.person(name)
        self.wrote('john', 'Hello')
        self.wrote('david', 'Hello')
        self.follows('silent', 'david')
        text = self.susan.get('/welcome/people').text
        self.assertLess(text.index('Follow david'), text.index('Follow john'))
        self.assertNotIn('Follow silent', text)
        self.assertNotIn('Follow susan', text)
