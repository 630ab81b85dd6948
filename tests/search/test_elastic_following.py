"""What happens to posts reaches Elasticsearch by tasks, late or twice, and always as the table has it."""
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import HiddenFromSearch, Post, Task, User
from app.search import SearchDown, elastic
from app.search.elastic import documents, following
from app.services import accounts, posts
from tests.search.elastic_case import ElasticCase


class Following(ElasticCase):
    def test_a_post_is_found_once_its_task_has_run(self):
        id, = self.wrote('susan', 'Small joys')
        self.assertEqual([], self.found('joys'))
        self.assertEqual([id], self.waiting())
        self.catch_up()
        self.assertEqual([id], self.found('joys'))
        self.assertEqual([], self.waiting())
        self.assertEqual(1, self.count('joys'))

    def test_writing_costs_one_statement_and_asks_nobody(self):
        susan = self.person('susan')
        asked = mock.patch.object(documents, 'write', side_effect=AssertionError)
        with asked, self.statements() as seen, self.app.app_context():
            posts.publish(db.session.get(User, susan), 'Small joys')
            db.session.commit()
        self.assertEqual(1, len([line for line in seen if 'task' in line]), seen)

    def test_what_is_taken_back_leaves_no_task(self):
        susan = self.person('susan')
        with self.app.app_context():
            posts.publish(db.session.get(User, susan), 'Small joys')
            db.session.rollback()
        self.assertEqual([], self.waiting())

    def test_a_deleted_post_goes(self):
        first, second = self.wrote('susan', 'Small joys', 'Great joys')
        self.catch_up()
        self.delete(first)
        self.catch_up()
        self.assertEqual([second], self.found('joys'))

    def test_a_changed_post_is_found_by_its_new_words(self):
        id, = self.wrote('susan', 'Small joys')
        self.catch_up()
        with self.app.app_context():
            db.session.get(Post, id).body = 'Great sorrows'
            db.session.commit()
        self.catch_up()
        self.assertEqual(([], [id]), (self.found('joys'), self.found('sorrows')))

    def test_many_posts_go_in_one_request(self):
        ids = self.wrote('susan', *map(str, range(30)))
        with mock.patch.object(documents, 'write', wraps=documents.write) as write:
            self.catch_up()
        self.assertEqual(1, len([call for call in write.call_args_list if call.args[2]]))
        self.assertEqual(ids[::-1], self.found_by('susan'))
        self.assertEqual([], self.waiting())

    def test_a_request_holds_a_bounded_number_of_posts(self):
        with mock.patch.object(following, 'AT_ONCE', 10):
            self.wrote('susan', *map(str, range(25)))
            with mock.patch.object(documents, 'write', wraps=documents.write) as write:
                self.catch_up()
        self.assertEqual([10, 10, 5], [len(call.args[2]) for call in write.call_args_list if call.args[2]])
        self.assertEqual(25, len(self.found_by('susan')))

    def test_two_at_once_that_saw_the_same_tasks_lose_none_that_came_between(self):
        first = self.wrote('susan', 'joy 1', 'joy 2')

        def others_meanwhile(ids):
            with mock.patch.object(following, 'bring_in_line', bring_in_line):
                self.run_tasks()
                first.extend(self.wrote('susan', 'joy 3'))
            bring_in_line(ids)
        bring_in_line = following.bring_in_line
        with self.app.test_request_context(), mock.patch.object(following, 'bring_in_line', others_meanwhile):
            following.index_posts([])
            db.session.commit()
        self.catch_up()
        self.assertEqual(first[::-1], self.found('joy'))

    def test_twice_is_once(self):
        id, = self.wrote('susan', 'Small joys')
        for _ in range(2):
            with self.app.test_request_context():
                following.index_posts([id])
                db.session.commit()
        self.refresh()
        self.assertEqual([id], self.found('joys'))

    def test_a_post_that_is_deleted_while_it_is_indexed_does_not_stay(self):
        id, = self.wrote('susan', 'Small joys')

        def delete_first(client, targets, kept, removed):
            if kept:  # somebody deletes it, and the task for that is done, before this one writes
                self.delete(id)
            return write(client, targets, kept, removed)
        write = documents.write
        with mock.patch.object(documents, 'write', delete_first):
            self.catch_up()
        self.assertEqual([], self.found('joys'))

    def test_nor_do_old_words_of_one_that_is_changed_meanwhile(self):
        id, = self.wrote('susan', 'Small joys')

        def change_first(client, targets, kept, removed):
            with self.app.app_context():
                db.session.execute(sa.update(Post).values(body='Great sorrows'))
                db.session.commit()
            return write(client, targets, kept, removed)
        write = documents.write
        with mock.patch.object(documents, 'write', change_first):
            self.catch_up()
        self.assertEqual(([], [id]), (self.found('joys'), self.found('sorrows')))

    def test_nor_is_one_missing_that_is_to_be_found_again_meanwhile(self):
        id, = self.wrote('susan', 'Small joys')
        with self.app.app_context():
            db.session.add(HiddenFromSearch(user_id=self.find('susan').id))
            db.session.commit()

        def show_first(client, targets, kept, removed):
            with self.app.app_context():
                db.session.execute(sa.delete(HiddenFromSearch))
                db.session.commit()
            return write(client, targets, kept, removed)
        write = documents.write
        with mock.patch.object(documents, 'write', show_first):
            self.catch_up()
        self.assertEqual([id], self.found('joys'))


class Authors(ElasticCase):
    def setUp(self):
        super().setUp()
        self.ids = self.wrote('susan', *(f'joy {n}' for n in range(7)))
        self.other, = self.wrote('mary', 'joy of others')
        self.catch_up()

    def test_who_is_not_to_be_found_leaves_and_may_come_back(self):
        with self.app.app_context():
            susan = self.find('susan').id
            db.session.add(HiddenFromSearch(user_id=susan))
            elastic.author_removed(susan)
            db.session.commit()
        with mock.patch.object(following, 'AT_ONCE', 3):  # in several steps
            self.catch_up()
        self.assertEqual([self.other], self.found('joy'))
        with self.app.app_context():
            db.session.execute(sa.delete(HiddenFromSearch))
            elastic.author_added(susan)
            db.session.commit()
        with mock.patch.object(following, 'AT_ONCE', 3):
            self.catch_up()
        self.assertEqual([self.other, *self.ids[::-1]], self.found('joy'))

    def test_who_left_leaves_nothing_behind(self):
        with self.app.app_context():
            accounts.delete(self.find('susan'))
            db.session.commit()
        self.catch_up()
        self.assertEqual([self.other], self.found('joy'))

    def test_not_even_what_was_indexed_in_the_last_second(self):
        self.wrote('susan', 'the last joy')
        self.run_tasks()
        with self.app.app_context():
            accounts.delete(self.find('susan'))
            db.session.commit()
        self.catch_up()
        self.assertEqual([self.other], self.found('joy'))

    def test_what_they_write_afterwards_stays_out_too(self):
        with self.app.app_context():
            db.session.add(HiddenFromSearch(user_id=self.find('susan').id))
            db.session.commit()
        self.wrote('susan', 'hidden joy')
        self.catch_up()
        self.assertEqual([], self.found('hidden'))

    def test_the_work_waits_while_the_server_is_away(self):
        with self.app.app_context():
            db.session.add(HiddenFromSearch(user_id=self.find('susan').id))
            elastic.author_removed(self.find('susan').id)
            db.session.commit()
        with mock.patch.object(following.asking, 'ids', side_effect=SearchDown), self.quietly():
            self.run_tasks()
        with self.app.app_context():
            self.assertEqual(1, db.session.scalar(sa.select(sa.func.count()).select_from(Task).where(
                Task.name == 'index_posts_of', Task.state == 'waiting')))
        self.catch_up()
        self.assertEqual([self.other], self.found('joy'))
