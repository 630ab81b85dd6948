"""Asking for everything that is one's own: once, with the password, made in the background, told when it is there."""
from unittest import mock

import sqlalchemy as sa

from app import archive, db
from app.models import Event, Export, Notification, Task
from app.tasks import GiveUp
from tests.base import PASSWORD, hidden_fields
from tests.exports.base import PAGE, ExportCase


class Asking(ExportCase):
    def test_makes_a_file_that_its_owner_is_told_of(self):
        self.wrote('susan', 'Low tide at six.')
        self.assertEqual((302, PAGE), ((answer := self.ask()).status_code, answer.location))
        self.assertIn('Your file is being made', self.susan.get(PAGE).text)
        self.assertEqual(0, self.rows(Notification))
        self.run_tasks()
        page = self.susan.get(PAGE).text
        self.assertIn('Your file is ready', page)
        id = self.value(sa.select(Export.id))
        self.assertIn(f'href="{PAGE}/{id}"', page)
        self.assertEqual(['Low tide at six.'], [post['text'] for post in self.data(id, 'posts')])
        self.assertEqual('export', self.value(sa.select(Notification.kind)))

    def test_begins_in_the_settings(self):
        self.assertIn(f'href="{PAGE}"', self.susan.get('/settings').text)

    def test_is_noted_among_the_events_of_the_account(self):
        self.ask()
        self.assertEqual(1, self.value(sa.select(sa.func.count()).where(Event.kind == 'export_requested')))
        self.assertIn('Own data asked for as a file', self.susan.get('/settings/events').text)

    def test_costs_the_request_one_task(self):
        for hashes in (['verify'], []):  # not again for a while
            if hashes:
                self.forget_proof()
            with self.work() as done:
                self.ask()
            self.assertEqual((1, hashes), (done.tasks, done.hashes))
            self.run_tasks()

    def test_again_replaces_the_file_once_the_new_one_is_whole(self):
        first = self.make()
        self.ask()
        self.assertIn(f'{PAGE}/{first}"', self.susan.get(PAGE).text)
        self.fetch(first)
        self.run_tasks()
        second = self.value(sa.select(Export.id))
        self.assertEqual([404, 200], [self.susan.get(f'{PAGE}/{id}').status_code for id in (first, second)])
        self.assertEqual(1, self.rows(Export))

    def test_is_open_to_who_has_not_confirmed_the_address(self):
        self.person('early', confirm_by=sa.func.now())
        self.assertEqual(302, self.ask(self.log_in('early')).status_code)


class Once(ExportCase):
    def test_two_clicks_make_one_file(self):
        form = {**hidden_fields(self.susan.get(PAGE).text), 'current_password': PASSWORD}
        copies = [self.copy(self.susan) for _ in range(4)]
        statuses = self.at_once(*(lambda copy=copy: copy.post(PAGE, form).status_code for copy in copies))
        self.assertEqual([302] * 4, statuses)
        self.assertEqual(1, self.rows(Export))
        self.assertEqual(1, self.value(sa.select(sa.func.count()).where(Task.name == 'pack_export')))

    def test_the_same_form_again_makes_no_other_file_even_when_the_first_is_there(self):
        form = {**hidden_fields(self.susan.get(PAGE).text), 'current_password': PASSWORD}
        for _click in range(2):
            self.assertEqual(302, self.susan.post(PAGE, form).status_code)
            self.run_tasks()
        self.assertEqual(1, self.value(sa.select(sa.func.count()).where(Task.name == 'pack_export')))

    def test_other_forms_while_it_is_made_change_nothing(self):
        ids = set()
        for _form in range(3):
            self.ask()
            ids.add(self.value(sa.select(Export.id)))
        self.assertEqual(1, len(ids))

    def test_people_do_not_get_in_each_others_way(self):
        john = self.log_in('john')
        self.assertNotEqual(self.make(), self.make(john))
        self.assertEqual(2, self.rows(Export))


class Refusal(ExportCase):
    def test_of_a_wrong_password_keeps_everything_as_it_is(self):
        self.forget_proof()
        for password, words in (('wrong', 'This is not your current password.'), ('', 'Fill this in.'),
                                ('x' * 100_000, 'This is not your current password.')):
            answer = self.ask(password=password)
            self.assertEqual(200, answer.status_code)
            self.assertIn(words, answer.text)
        self.assertEqual((0, 0), (self.rows(Export), self.rows(Task)))

    def test_needs_login_and_a_token(self):
        self.assertEqual(f'/auth/login?next={PAGE}', self.visitor.get(PAGE).location)
        self.assertEqual(400, self.susan.post(PAGE, {'current_password': PASSWORD}).status_code)
        self.assertEqual(0, self.rows(Export))


class Watching(ExportCase):
    def percent(self, visitor=None):
        return (visitor or self.susan).get(f'{PAGE}/progress').json['percent']

    def test_says_how_far_it_is(self):
        self.assertIsNone(self.percent())
        self.ask()
        self.assertEqual(0, self.percent())
        self.change_rows(Task, progress=42, state='running')
        self.assertEqual(42, self.percent())
        page = self.susan.get(PAGE).text
        self.assertRegex(page, r'<progress [^>]*max="100" value="42">')
        self.assertIn('42%', page)
        self.assertIn('Look again', page)
        self.assertIsNone(self.percent(self.log_in('john')))

    def test_costs_one_statement_besides_the_session(self):
        self.ask()
        with self.statements() as seen:
            self.percent()
        self.assertEqual(2, len(seen), seen)

    def test_ends_when_it_is_there(self):
        self.make()
        self.assertIsNone(self.percent())

    def test_rises_while_it_is_made(self):
        self.wrote('susan', *['words'] * 10)
        self.ask()
        seen = []
        with mock.patch('app.services.exports.report', seen.append):
            self.run_tasks()
        self.assertEqual(sorted(seen), seen)
        self.assertGreaterEqual(len(seen), 20)
        self.assertLessEqual(seen[-1], 99)
        self.assertGreater(seen[-1], 90)


class Failure(ExportCase):
    def fail(self, error: Exception) -> None:
        """Let the task meet a fault."""
        with mock.patch.object(archive.pages, 'draw', side_effect=error), self.assertLogs(self.app.logger, 'ERROR'):
            self.run_tasks()

    def test_is_told_in_plain_words_with_a_way_to_try_again(self):
        self.ask()
        self.fail(GiveUp('no paper'))
        page = self.susan.get(PAGE).text
        self.assertIn('The file could not be made. Start again', page)
        self.assertNotIn('no paper', page)
        self.assertIn('Make the file', page)
        self.assertEqual((1, 0), self.counts())
        id = self.make()
        self.assertEqual([], self.data(id, 'posts'))
        self.assertEqual(1, self.rows(Export))

    def test_is_tried_again_by_itself_and_leaves_nothing_half_done(self):
        self.wrote('susan', 'words')
        self.ask()
        self.fail(RuntimeError('a fault'))
        self.assertEqual((1, 0), self.counts())
        page = self.susan.get(PAGE).text
        self.assertIn('It is tried again by itself.', page)
        self.assertNotIn('Make the file', page)
        self.change_rows(Task, run_after=Task.created_at)
        self.run_tasks()
        self.assertEqual(['words'], [post['text'] for post in self.data(self.value(sa.select(Export.id)), 'posts')])

    def test_of_a_task_that_is_gone_is_told_too(self):
        self.ask()
        with self.app.app_context():
            db.session.execute(sa.delete(Task))
            db.session.commit()
        self.assertIn('The file could not be made.', self.susan.get(PAGE).text)

    def test_keeps_the_file_before(self):
        first = self.make()
        self.ask()
        self.fail(GiveUp('no paper'))
        page = self.susan.get(PAGE).text
        self.assertIn('The file could not be made.', page)
        self.assertIn(f'{PAGE}/{first}', page)
        self.fetch(first)

    def test_to_find_its_owner_is_none(self):
        self.wrote('susan', *['words ' * 50] * 30)
        self.ask()
        real, seen = archive.pages.draw, []

        def draw(*arguments):
            self.susan.submit('/settings/delete', current_password=PASSWORD)
            seen.append(True)
            return real(*arguments)
        with mock.patch.object(archive.pages, 'draw', draw), self.assertNoLogs(self.app.logger, 'ERROR'):
            self.run_tasks()
        self.assertEqual(([True], (0, 0)), (seen, self.counts()))
