"""Fetching the file: by its owner alone, after the password, whole or in ranges, and gone after a week."""
import os
from datetime import timedelta
from unittest import mock

import sqlalchemy as sa

from app import db, storage
from app.auth import sessions
from app.models import Export, ExportPart, User, utcnow
from app.queries.exports import KEPT
from app.services import accounts, exports
from tests.base import PASSWORD
from tests.exports.base import PAGE, ExportCase


class DownloadCase(ExportCase):
    def setUp(self):
        super().setUp()
        pieces = mock.patch.object(storage, 'PART', 500)
        pieces.start()
        self.addCleanup(pieces.stop)
        self.wrote('susan', os.urandom(900).hex())
        self.id = self.make()
        self.path = f'{PAGE}/{self.id}'


class Owner(DownloadCase):
    def act(self, act, username='susan'):
        with self.app.app_context():
            act(self.find(username))
            db.session.commit()

    def test_gets_the_file_under_a_good_name_and_no_cache_keeps_it(self):
        answer = self.susan.get(self.path)
        self.assertEqual((200, 'application/zip', 'no-store', 'nosniff'), (
            answer.status_code, answer.mimetype, answer.headers['Cache-Control'],
            answer.headers['X-Content-Type-Options']))
        self.assertEqual(f'attachment; filename="microblog-susan-{utcnow():%Y-%m-%d}.zip"',
                         answer.headers['Content-Disposition'])
        self.assertEqual(answer.content_length, len(answer.get_data()))
        self.assertGreater(self.rows(ExportPart), 3)
        answer.close()

    def test_alone_gets_it(self):
        john, other = self.log_in('john'), self.log_in('susan')
        for visitor in (john, other):
            self.make(john) if visitor is john else None
        self.assertEqual(404, john.get(self.path).status_code)
        self.assertEqual(404, john.submit(self.path, page=PAGE, current_password=PASSWORD).status_code)
        self.assertEqual(f'/auth/login?next={self.path}', self.visitor.get(self.path).location)
        self.assertEqual(401, self.visitor.get(self.path, headers={'Accept': 'application/json'}).status_code)

    def test_loses_it_with_the_session(self):
        copy = self.copy(self.susan)
        self.assertEqual(200, copy.get(self.path).status_code)
        self.susan.submit('/auth/logout', page='/about')
        for visitor in (self.susan, copy):
            self.assertEqual(302, visitor.get(self.path).status_code)

    def test_gets_nothing_while_suspended(self):
        self.act(accounts.suspend)
        self.assertEqual(302, self.susan.get(self.path).status_code)
        self.act(accounts.reinstate)
        self.assertEqual(302, self.susan.get(self.path).status_code)  # the session is over
        susan = self.log_in('susan')
        susan.submit(self.path, page=PAGE, current_password=PASSWORD)
        self.assertEqual(len(self.fetch(self.id, susan)), self.value(sa.select(Export.size)))

    def test_takes_it_along_when_leaving(self):
        self.susan.submit('/settings/delete', current_password=PASSWORD)
        self.assertEqual((0, 0), self.counts())

    def test_cannot_fetch_what_does_not_exist_or_is_not_whole(self):
        self.ask()
        for id in (self.id + 1, self.id + 99, 0, 2**63 - 1):
            self.assertEqual(404, self.susan.get(f'{PAGE}/{id}').status_code)


class Proof(DownloadCase):
    def setUp(self):
        super().setUp()
        self.other = self.log_in('susan')
        self.forget_proof(self.other)

    def test_is_asked_of_a_browser_in_which_the_password_was_not_typed_lately(self):
        page = self.other.get(self.path)
        self.assertEqual((200, 'text/html'), (page.status_code, page.mimetype))
        self.assertIn('Enter your password to download it.', page.text)
        self.assertNotIn(f'href="{self.path}"', page.text)
        answer = self.other.submit(self.path, current_password=PASSWORD)
        self.assertEqual((302, self.path), (answer.status_code, answer.location))
        self.assertEqual(self.fetch(self.id), self.fetch(self.id, self.other))

    def test_that_is_wrong_opens_nothing(self):
        for password in ('', 'wrong'):
            answer = self.other.submit(self.path, current_password=password)
            self.assertEqual((200, 'text/html'), (answer.status_code, answer.mimetype))
            self.assertIn('Enter your password to download it.', answer.text)
        self.assertEqual('text/html', self.other.get(self.path).mimetype)

    def test_is_good_for_ten_minutes(self):
        now, good = sessions.time(), sessions.PROVED_SECONDS
        for later, kind in ((good - 5, 'application/zip'), (good + 5, 'text/html'), (-3600, 'text/html')):
            with mock.patch.object(sessions, 'time', lambda later=later: now + later):
                answer = self.susan.get(self.path)
                self.assertEqual(kind, answer.mimetype, later)
                answer.close()

    def test_is_not_in_a_cookie_that_was_copied_before(self):
        visitor = self.log_in('susan')
        self.forget_proof(visitor)
        copy = self.copy(visitor)
        visitor.submit(self.path, current_password=PASSWORD)
        self.assertEqual(['application/zip', 'text/html'], [each.get(self.path).mimetype for each in (visitor, copy)])


class Ranges(DownloadCase):
    def part(self, wanted: str, **headers):
        answer = self.susan.get(self.path, headers={'Range': f'bytes={wanted}', **headers})
        content = answer.get_data()
        answer.close()
        return answer, content

    def test_of_every_kind_are_answered(self):
        whole = self.fetch(self.id)
        size = len(whole)
        for wanted, start, end in (('0-0', 0, 1), ('0-499', 0, 500), ('499-501', 499, 502), (f'{size - 1}-', size - 1,
                                   size), ('-10', size - 10, size), ('700-', 700, size), ('0-99999999', 0, size)):
            answer, content = self.part(wanted)
            self.assertEqual((206, f'bytes {start}-{end - 1}/{size}', str(end - start)), (
                answer.status_code, answer.headers['Content-Range'], answer.headers['Content-Length']), wanted)
            self.assertEqual(whole[start:end], content, wanted)

    def test_beyond_the_end_are_refused(self):
        self.assertEqual(416, self.part('99999999-')[0].status_code)

    def test_that_are_several_or_none_give_the_whole_file(self):
        for wanted in ('0-1,3-4', '5-1', 'x', '', '--5'):
            answer, content = self.part(wanted)
            self.assertEqual((200, self.fetch(self.id), 'bytes'), (
                answer.status_code, content, answer.headers['Accept-Ranges']), wanted)
        self.assertEqual(200, self.susan.get(self.path, headers={'Range': 'lines=1-2'}).status_code)

    def test_are_noted_like_the_whole_file(self):
        with self.assertLogs('app.events', 'INFO') as log:
            self.part('0-')
        self.assertIn('export_fetched', log.output[0])

    def test_of_another_file_give_the_whole_one(self):
        answer, content = self.part('10-20', **{'If-Range': '"export-0-0"'})
        self.assertEqual((200, self.fetch(self.id)), (answer.status_code, content))
        self.assertEqual(206, self.part('10-20', **{'If-Range': answer.headers['ETag']})[0].status_code)

    def test_read_only_the_pieces_that_they_need(self):
        with self.statements() as seen:
            self.part('1200-1300')
        self.assertEqual(1, sum('export_part' in line for line in seen), seen)


class Streaming(DownloadCase):
    def test_keeps_no_connection_while_the_client_takes_its_time(self):
        answer = self.susan.get(self.path, buffered=False)
        with self.app.app_context():
            pool, checked_out = db.engine.pool, []
            for _piece in answer.response:
                checked_out.append(pool.checkedout())
        self.assertGreater(len(checked_out), 3)
        self.assertEqual({0}, set(checked_out))
        answer.close()

    def test_of_a_file_that_is_removed_meanwhile_breaks_off(self):
        answer = self.susan.get(self.path, buffered=False)
        pieces = iter(answer.response)
        next(pieces)
        with self.app.app_context():
            storage.remove_parts(ExportPart.export_id == self.id)
        self.assertRaises(OSError, list, pieces)


class Removal(DownloadCase):
    def tidy(self) -> None:
        with self.app.app_context():
            exports.remove_exports()
            db.session.commit()

    def test_after_a_week_takes_row_and_pieces(self):
        self.tidy()
        self.assertEqual(200, self.susan.get(self.path).status_code)
        self.change_rows(Export, finished_at=utcnow() - KEPT + timedelta(minutes=1), created_at=utcnow() - 2 * KEPT)
        self.tidy()
        self.assertEqual(200, self.susan.get(self.path).status_code)
        self.change_rows(Export, finished_at=utcnow() - KEPT)
        self.assertEqual(404, self.susan.get(self.path).status_code)
        self.assertIn('Make the file', self.susan.get(PAGE).text)
        self.tidy()
        self.assertEqual((0, 0), self.counts())

    def test_is_periodic_work(self):
        from app.tasks import jobs, periodic
        self.assertIn('remove_exports', periodic)
        self.assertIs(exports.remove_exports, jobs['remove_exports'])

    def test_takes_what_was_never_made(self):
        self.ask()
        self.change_rows(Export, created_at=utcnow() - KEPT)
        self.tidy()
        self.assertEqual(1, self.rows(Export))
        self.assertEqual(200, self.susan.get(self.path).status_code)

    def test_takes_the_pieces_that_a_killed_run_has_left(self):
        pieces = self.rows(ExportPart)
        with self.app.app_context():
            db.session.add_all([ExportPart(export_id=self.id, run=1, number=n, content=b'x') for n in range(99)])
            db.session.commit()
        self.tidy()
        self.assertEqual(pieces, self.rows(ExportPart))
        self.fetch(self.id)

    def test_leaves_what_is_being_written(self):
        self.ask()
        with self.app.app_context():
            id = self.value(sa.select(sa.func.max(Export.id)))
            db.session.add(ExportPart(export_id=id, run=1, number=0, content=b'x'))
            db.session.commit()
        pieces = self.rows(ExportPart)
        self.tidy()
        self.assertEqual(pieces, self.rows(ExportPart))

    def test_of_an_account_takes_its_file(self):
        with self.app.app_context():
            db.session.execute(sa.delete(User).where(User.username == 'susan'))
            db.session.commit()
        self.assertEqual((0, 0), self.counts())
