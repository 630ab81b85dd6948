"""Profiles, and the way on from names that people had before."""
from datetime import timedelta

import sqlalchemy as sa

from app import db
from app.models import User, utcnow
from tests.base import PASSWORD
from tests.world import LiveConfig, WorldCase, link, people_on, posts_on

SIZE = LiveConfig.POSTS_PER_PAGE


class Profile(WorldCase):
    def test_shows_the_posts_of_one_person_to_everybody(self):
        ids = self.wrote('john', 'one', 'two')[::-1]
        self.wrote('mary', 'three')
        self.assertEqual(ids, posts_on(self.visitor.get('/user/john').text))

    def test_answers_404_for_names_that_nobody_has(self):
        for name in ('nobody', 'a' * 10_000, '%F0%9F%98%80', "'; drop table user", '%25', '_', ' ', 'j*'):
            self.assertEqual(404, self.visitor.get(f'/user/{name}').status_code, name[:30])

    def test_hides_a_suspended_person(self):
        self.person('john', suspended_at=utcnow())
        for path in ('/user/john', '/@john', '/user/john/followers', '/user/john/following'):
            self.assertEqual(404, self.visitor.get(path).status_code, path)
        susan = self.log_in('susan')
        self.assertEqual(404, susan.submit('/follow/john', page='/').status_code)

    def test_never_shows_an_address(self):
        self.person('john', email='secret.address@example.com')
        self.log_in('john')
        self.assertNotIn('secret.address', self.visitor.get('/user/john').text)
        self.assertNotIn('secret.address', self.log_in('susan').get('/user/john').text)

    def test_tells_who_follows_whom(self):
        susan = self.log_in('susan')
        self.person('john')
        self.assertNotIn('Follows you', susan.get('/user/john').text)
        self.follows('john', 'susan')
        page = susan.get('/user/john').text
        self.assertIn('Follows you', page)
        self.assertIn('action="/follow/john"', page)
        self.follows('susan', 'john')
        self.assertIn('action="/unfollow/john"', susan.get('/user/john').text)

    def test_shows_when_somebody_was_there_unless_they_mind(self):
        self.person('john')
        self.assertIn('Last seen', self.visitor.get('/user/john').text)
        self.change('john', show_last_seen=False)
        self.assertNotIn('Last seen', self.visitor.get('/user/john').text)


class Names(WorldCase):
    def setUp(self):
        super().setUp()
        self.wrote('John', 'hello')

    def test_lead_on_with_301_from_another_spelling(self):
        for path in ('/user/john', '/user/JOHN/followers', '/user/jOHN/following'):
            answer = self.visitor.get(path)
            self.assertEqual(301, answer.status_code, path)
            self.assertIn('/user/John', answer.location)
            self.assertEqual(301, self.visitor.client.head(path).status_code)
            self.assertIn('no-', answer.headers['Cache-Control'])

    def test_lead_on_from_the_short_form(self):
        for path in ('/@John', '/@john'):
            answer = self.visitor.get(path)
            self.assertEqual((301, '/user/John'), (answer.status_code, answer.location))
        self.assertEqual(404, self.visitor.get('/@nobody').status_code)

    def test_keep_the_query_as_it_was(self):
        for query in ('before=12&before=13', 'endpoint=x', '_external=1&_scheme=javascript', '_method=POST',
                      '_anchor=x', 'username=susan', 'x=%C3%A9%26'):
            answer = self.visitor.get(f'/user/john?{query}')
            self.assertEqual((301, f'/user/John?{query}'), (answer.status_code, answer.location))

    def test_lead_on_from_a_former_name_until_somebody_else_has_it(self):
        john = self.log_in('John')
        john.submit('/edit_profile', username='Johnny', password=PASSWORD, name='', about_me='')
        self.assertEqual('/user/Johnny', self.visitor.get('/user/john').location)
        self.assertEqual('/user/Johnny', self.visitor.get('/@JOHN').location)
        with self.app.app_context():
            db.session.execute(sa.text('UPDATE former_username SET reserved_until = :then'),
                               {'then': utcnow() - timedelta(days=1)})
            db.session.commit()
        self.person('john', email='another@example.com')
        self.assertEqual(200, self.visitor.get('/user/john').status_code)


class FollowPages(WorldCase):
    def test_are_empty_with_a_sentence(self):
        self.person('susan')
        self.assertIn('Nobody follows susan yet', self.visitor.get('/user/susan/followers').text)
        self.assertIn('susan follows nobody yet', self.visitor.get('/user/susan/following').text)

    def test_list_the_newest_first(self):
        for name in ('susan', 'john', 'mary'):
            self.person(name)
        self.follows('john', 'susan')
        self.follows('mary', 'susan', 'john')
        self.assertEqual(['mary', 'john'], people_on(self.visitor.get('/user/susan/followers').text))
        self.assertEqual(['john', 'susan'], people_on(self.visitor.get('/user/mary/following').text))

    def test_say_of_each_person_what_their_first_paragraph_says(self):
        self.person('susan')
        self.person('john', about_me='Has a kettle.\nOr two.\n\nhttps://example.com/harbour')
        self.follows('john', 'susan')
        page = self.visitor.get('/user/susan/followers').text
        self.assertIn('Has a kettle.\nOr two.</p>', page)

    def test_leave_out_suspended_people(self):
        for name in ('susan', 'john', 'mary'):
            self.person(name)
        self.follows('john', 'susan')
        self.follows('mary', 'susan')
        self.change('mary', suspended_at=utcnow())
        self.assertEqual(['john'], people_on(self.visitor.get('/user/susan/followers').text))

    def test_offer_to_follow_only_those_one_does_not_follow(self):
        susan = self.log_in('susan')
        for name in ('john', 'mary', 'anna'):
            self.person(name)
        self.follows('anna', 'susan', 'john', 'mary')
        self.follows('susan', 'john')
        page = susan.get('/user/anna/following').text
        self.assertIn('action="/unfollow/john"', page)
        self.assertIn('action="/follow/mary"', page)
        self.assertNotIn('follow/susan"', page)


class FollowCursors(WorldCase):
    """Three pages of followers."""

    class config(LiveConfig):
        POSTS_PER_PAGE = 3

    def setUp(self):
        super().setUp()
        self.person('susan')
        self.names = [f'fan{n}' for n in range(8)]
        with self.app.app_context():
            for name in self.names:
                db.session.add(User(username=name, email=f'{name}@example.com'))
            db.session.commit()
        for name in self.names:
            self.follows(name, 'susan')
        self.names.reverse()

    def test_lead_to_the_end_and_back(self):
        page, seen = self.visitor.get('/user/susan/followers').text, []
        self.assertIsNone(link(page, 'prev'))
        while True:
            seen += people_on(page)
            if link(page, 'next') is None:
                break
            page = self.visitor.get(link(page, 'next')).text
        self.assertEqual(self.names, seen)
        page = self.visitor.get(link(page, 'prev')).text
        self.assertEqual(self.names[3:6], people_on(page))
        self.assertEqual(self.names[:3], people_on(self.visitor.get(link(page, 'prev')).text))

    def test_stay_right_while_somebody_follows(self):
        older = link(self.visitor.get('/user/susan/followers').text, 'next')
        self.person('john')
        self.follows('john', 'susan')
        self.assertEqual(self.names[3:6], people_on(self.visitor.get(older).text))

    def test_show_the_first_page_when_they_are_absurd_or_lie_beyond_the_end(self):
        for value in ('', '-', '-1', 'abc', '9' * 300, '9' * 5000, '1-', '-5-5', '１-１',
                      '9999999999999999-1', '1-999999999999999999', '1' + '0' * 20 + '-1', '0-0', '1-1'):
            for name in ('before', 'after'):
                if name == 'after' and value in ('0-0', '1-1', '1-999999999999999999'):
                    continue  # just above the oldest one
                answer = self.visitor.get('/user/susan/followers', query_string={name: value})
                self.assertEqual(200, answer.status_code)
                self.assertEqual(self.names[:3], people_on(answer.text), (name, value[:30]))


class Following(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')
        self.wrote('john', 'an old post')

    def followers(self):
        return self.value(sa.select(User.followers_number).where(User.username == 'john'))

    def test_follows_and_shows_the_past_posts_at_once(self):
        answer = self.susan.submit('/follow/john', page='/user/john')
        self.assertEqual((302, '/user/john'), (answer.status_code, answer.location))
        page = self.susan.get('/').text
        self.assertIn('an old post', page)
        self.assertIn('You follow john.', page)

    def test_needs_login(self):
        for path in ('/follow/john', '/unfollow/john'):
            answer = self.visitor.submit(path, page='/auth/login')
            self.assertEqual((302, '/auth/login'), (answer.status_code, answer.location), path)
        self.assertEqual(0, self.followers())

    def test_refuses_get(self):
        for path in ('/follow/john', '/unfollow/john'):
            answer = self.susan.get(path)
            self.assertEqual((405, 0), (answer.status_code, self.followers()))
            self.assertIn('POST', answer.headers['Allow'])

    def test_refuses_oneself(self):
        for path in ('/follow/susan', '/unfollow/susan', '/follow/SUSAN'):
            self.assertEqual(403, self.susan.submit(path, page='/').status_code)

    def test_answers_404_for_nobody(self):
        for path in ('/follow/nobody', '/unfollow/nobody'):
            self.assertEqual(404, self.susan.submit(path, page='/').status_code)

    def test_refuses_who_has_not_confirmed_their_address(self):
        self.turn_mail_on()
        self.change('susan', confirm_by=utcnow() + timedelta(days=1))
        answer = self.susan.submit('/follow/john', page='/explore')
        self.assertEqual((403, 0), (answer.status_code, self.followers()))
        self.assertIn('Confirm your e-mail address', answer.text)

    def test_twice_is_once(self):
        for _time in range(3):
            self.assertEqual(302, self.susan.submit('/follow/john', page='/').status_code)
        self.assertEqual(1, self.followers())
        for _time in range(3):
            self.assertEqual(302, self.susan.submit('/unfollow/john', page='/').status_code)
        self.assertEqual(0, self.followers())

    def test_goes_back_to_own_pages_only(self):
        for target in ('/explore?before=1', '//evil.example', '/\\evil.example', 'https://evil.example'):
            answer = self.susan.submit('/follow/john', page='/', next=target)
            expected = target if target.startswith('/explore') else '/user/john'
            self.assertEqual(expected, answer.location)

    def test_knows_a_person_by_any_spelling_of_the_name(self):
        self.assertEqual('/user/john', self.susan.submit('/follow/JOHN', page='/').location)
        self.assertEqual(1, self.followers())
