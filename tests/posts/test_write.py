"""Writing a post: on the home page and on a page of its own, and what is refused."""
from datetime import timedelta
from threading import Barrier, Thread
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import Post, User, Visibility, utcnow
from tests.base import PASSWORD, hidden_fields
from tests.world import WorldCase

FAMILY = '\U0001f468\u200d\U0001f469\u200d\U0001f467'


class WriteCase(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def write(self, text: str, path: str = '/', **fields):
        return self.susan.submit(path, post=text, **fields)


class Write(WriteCase):
    def test_works_on_both_pages_and_leads_home(self):
        for path in ('/', '/index', '/post/new'):
            answer = self.write(f'from {path}', path)
            self.assertEqual((302, '/'), (answer.status_code, answer.location))
        self.assertEqual(['from /', 'from /index', 'from /post/new'], self.bodies())
        page = self.susan.get('/').text
        self.assertIn('Your post is published.', page)
        self.assertNotIn('Your post is published.', self.susan.get('/').text)
        self.assertEqual(3, self.value(sa.select(User.posts_count)))

    def test_says_when_it_mentions_nobody_who_could_read_it(self):
        self.person('john')
        for text, is_alone in (('to none', True), ('to @susan', True), ('to @nobody', True), ('to @john', False)):
            self.write(text, visibility=str(Visibility.MENTIONED.value))
            page = self.susan.get('/').text
            self.assertEqual(is_alone, 'Your post mentions nobody, so only you can see it.' in page, text)
            self.assertEqual(not is_alone, 'Your post is published.' in page, text)

    def test_begins_with_the_text_of_the_address(self):
        self.assertIn('hello &lt;b&gt;</textarea>', self.susan.get('/post/new?text=hello+<b>').text)

    def test_a_text_is_kept_over_a_log_in_in_between(self):
        visitor = self.new_visitor()
        token = hidden_fields(visitor.get('/auth/login').text)['csrf_token']
        answer = visitor.post('/', {'csrf_token': token, 'post': 'kept & safe'})
        self.assertEqual(302, answer.status_code)
        self.assertIn('What you typed is still here.', visitor.get(answer.location).text)
        answer = visitor.submit(answer.location, username='susan', password=PASSWORD)
        self.assertIn('kept &amp; safe</textarea>', visitor.get(answer.location).text)

    def test_a_megabyte_is_refused_before_it_is_counted(self):
        answer = self.write('x' * 900_000)
        self.assertIn('This is much too long.', answer.text)
        self.assertEqual(0, self.rows(Post))

    def test_needs_login(self):
        for path in ('/', '/post/new'):
            answer = self.visitor.submit(path, page='/auth/login', post='hello')
            self.assertEqual((302, []), (answer.status_code, self.bodies()), path)

    def test_needs_a_confirmed_address(self):
        self.turn_mail_on()
        self.change('susan', confirm_by=utcnow() + timedelta(days=1))
        answer = self.susan.submit('/', page='/explore', post='hello')
        self.assertEqual((403, []), (answer.status_code, self.bodies()))
        self.assertIn('Confirm your e-mail address', answer.text)

    def test_needs_no_confirmation_where_nobody_could_give_it(self):
        self.change('susan', confirm_by=utcnow() + timedelta(days=1))
        self.assertEqual((302, ['hello']), (self.write('hello').status_code, self.bodies()))

    def test_takes_the_language_of_its_author(self):
        self.change('susan', language='de')
        self.write('Guten Tag')
        self.assertEqual('de', self.value(sa.select(Post.language)))

    def test_counts_characters_as_people_see_them(self):
        address = 'https://example.com/' + 'x' * 200
        for text in ('a' * 500, FAMILY * 400, 'a\r\n' * 249 + 'ab', f'{"a" * 476} {address}', '\U0001f600' * 500):
            self.assertEqual(302, self.write(text).status_code, text[:20])
        self.assertEqual(5, self.rows(Post))

    def test_stores_tidy_lines(self):
        self.write('  one\r\ntwo  \r\r\n\n\n\n\n\nthree\n ')
        self.assertEqual(['one\ntwo\n\n\nthree'], self.bodies())

    def test_neutralises_control_and_turning_characters(self):
        self.write('a\x07b\x1b[31mc\u202ed\u2066e\ufefff')
        self.assertEqual(['ab[31mcdef'], self.bodies())


class Refusal(WriteCase):
    def test_says_at_the_field_what_is_wrong_and_keeps_what_was_typed(self):
        for text, message in (('a' * 501, 'This is 1 character too long'), (FAMILY * 401, 'Shorten it'),
                              ('x' * 20_000, 'This is 19500 characters too long')):
            for path in ('/', '/post/new'):
                answer = self.write(text, path)
                self.assertEqual(200, answer.status_code)
                self.assertIn(message, answer.text)
                self.assertIn(text, answer.text)
                self.assertIn('aria-invalid="true"', answer.text)
        self.assertEqual([], self.bodies())

    def test_takes_nothing_that_cannot_be_seen(self):
        for text in ('', ' ', '\r\n\t ', '\u200b\u200d\ufeff', '\u202e\u2066', '\x07\x1b', '\u3164\u2800', '\u00ad',
                     '\ufe0f', '\U000e0001\U000e0041', '\u0301', '\u180e'):
            answer = self.write(text)
            self.assertEqual(200, answer.status_code, ascii(text))
            self.assertIn('Write something first.', answer.text)
        self.assertEqual(200, self.susan.submit('/').status_code)
        self.assertEqual([], self.bodies())

    def test_keeps_markup_that_was_typed_as_text(self):
        text = '</textarea><script>alert(1)</script>' + 'x' * 500
        page = self.write(text).text
        self.assertNotIn('<script>alert', page)
        self.assertIn('&lt;/textarea&gt;', page)

    def test_refuses_nul_with_a_page(self):
        answer = self.write('a\0b')
        self.assertEqual((400, []), (answer.status_code, self.bodies()))
        self.assertIn('We did not understand this request', answer.text)

    def test_takes_the_first_of_repeated_fields(self):
        self.susan.submit('/', post=['one', 'two'])
        self.assertEqual(['one'], self.bodies())


class Once(WriteCase):
    def test_a_form_that_is_sent_three_times_makes_one_post(self):
        fields = {**hidden_fields(self.susan.get('/').text), 'post': 'once'}
        for _time in range(3):
            self.assertEqual(302, self.susan.post('/', fields).status_code)
        self.assertEqual((['once'], 1), (self.bodies(), self.value(sa.select(User.posts_count))))

    def test_another_text_with_the_same_key_is_another_post(self):
        fields = hidden_fields(self.susan.get('/').text)
        for text in ('one', 'two', 'one'):
            self.susan.post('/', {**fields, 'post': text})
        self.assertEqual(['one', 'two'], self.bodies())

    def test_the_same_text_from_a_new_page_is_another_post(self):
        self.write('again')
        self.write('again')
        self.assertEqual(['again', 'again'], self.bodies())

    def test_keys_of_two_people_do_not_meet(self):
        john = self.log_in('john')
        for visitor in (self.susan, john):
            token = hidden_fields(visitor.get('/').text)['csrf_token']
            visitor.post('/', {'csrf_token': token, 'form_key': 'the same', 'post': 'hello'})
        self.assertEqual(['hello', 'hello'], self.bodies())

    def test_absurd_keys_do_no_harm(self):
        for key in ('', 'k' * 100_000, '<>', '\U0001f600', '\x07'):
            self.assertEqual(302, self.write('hello', form_key=key).status_code)
        self.assertEqual(5, self.rows(Post))

    def test_a_form_whose_post_was_deleted_says_so_and_makes_no_other(self):
        fields = {**hidden_fields(self.susan.get('/').text), 'post': 'once'}
        self.susan.post('/', fields)
        path = f'/post/{self.value(sa.select(Post.id))}/delete'
        self.susan.submit(path)
        answer = self.susan.post('/', fields)
        self.assertIn('This post was published and deleted.', answer.text)
        self.assertEqual((200, []), (answer.status_code, self.bodies()))

    def test_an_id_that_another_process_took_at_the_same_moment_is_drawn_anew(self):
        taken, = self.wrote('john', 'first')
        with mock.patch('app.models.post.new_id', side_effect=[taken, taken + 1]):
            self.assertEqual(302, self.write('second').status_code)
        self.assertEqual((['first', 'second'], [1, 1]), (self.bodies(), self.counts()))
        with mock.patch('app.models.post.new_id', return_value=taken):
            self.assertEqual(503, self.write('third').status_code)
        self.assertEqual((['first', 'second'], [1, 1]), (self.bodies(), self.counts()))

    def counts(self) -> list[int]:
        with self.app.app_context():
            return list(db.session.scalars(sa.select(User.posts_count)))

    def test_eight_at_once_make_one_post(self):
        fields = {**hidden_fields(self.susan.get('/').text), 'post': 'once'}
        self.assertEqual([302] * 8, self.at_once(8, '/', fields))
        self.assertEqual((['once'], 1), (self.bodies(), self.value(sa.select(User.posts_count))))

    def test_eight_follows_at_once_are_one(self):
        self.person('john')
        fields = hidden_fields(self.susan.get('/').text)
        self.assertEqual([302] * 8, self.at_once(8, '/follow/john', fields))
        self.assertEqual(1, self.value(sa.select(User.followers_number).where(User.username == 'john')))
        self.assertEqual([302] * 8, self.at_once(8, '/unfollow/john', fields))
        self.assertEqual(0, self.value(sa.select(User.followers_number).where(User.username == 'john')))

    def test_eight_deletions_at_once_are_one(self):
        id, = self.wrote('susan', 'hello')
        statuses = self.at_once(8, f'/post/{id}/delete', hidden_fields(self.susan.get('/').text))
        self.assertEqual(1, statuses.count(302), statuses)
        self.assertLessEqual(set(statuses), {302, 404, 410})
        self.assertEqual(([], 0), (self.bodies(), self.value(sa.select(User.posts_count))))

    def at_once(self, count: int, path: str, fields: dict) -> list[int]:
        """Send a form from several threads at one moment; the statuses of the answers."""
        cookie = self.susan.client.get_cookie('session').value
        ready, statuses = Barrier(count), []

        def send():
            client = self.app.test_client()
            client.set_cookie('session', cookie)
            ready.wait()
            statuses.append(client.post(path, data=fields).status_code)
        threads = [Thread(target=send) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return statuses
