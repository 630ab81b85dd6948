"""Pictures of people."""
from app import db
from app.models import Avatar
from tests.world import WorldCase


class Picture(WorldCase):
    def setUp(self):
        super().setUp()
        self.id = self.person('susan')

    def test_is_drawn_from_the_number_of_the_account_when_there_is_none(self):
        answer = self.visitor.get(f'/avatar/{self.id}/128?v=0')
        self.assertEqual((200, 'image/svg+xml'), (answer.status_code, answer.mimetype))
        self.assertIn(b'<svg', answer.data)
        self.assertNotIn(b'<script', answer.data)
        self.assertNotIn(b'susan', answer.data)

    def test_differs_between_people_and_stays_for_one(self):
        other = self.person('john')
        first = self.visitor.get(f'/avatar/{self.id}/80').data
        self.assertEqual(first, self.visitor.get(f'/avatar/{self.id}/256').data)
        self.assertNotEqual(first, self.visitor.get(f'/avatar/{other}/80').data)

    def test_is_the_stored_one_when_there_is_one(self):
        with self.app.app_context():
            db.session.add(Avatar(user_id=self.id, picture=b'\xff\xd8\xff picture', media_type='image/jpeg'))
            db.session.commit()
        answer = self.visitor.get(f'/avatar/{self.id}/128')
        self.assertEqual((b'\xff\xd8\xff picture', 'image/jpeg'), (answer.data, answer.mimetype))

    def test_may_be_kept_for_a_year_and_has_no_cookie(self):
        answer = self.visitor.get(f'/avatar/{self.id}/128?v=0')
        self.assertIn('immutable', answer.headers['Cache-Control'])
        self.assertNotIn('Set-Cookie', answer.headers)

    def test_is_kept_under_no_address_but_its_own(self):
        self.change('susan', avatar_version=2)
        for version, kept in (('?v=2', True), ('', False), ('?v=1', False), ('?v=3', False), ('?v=', False)):
            answer = self.visitor.get(f'/avatar/{self.id}/128{version}')
            self.assertEqual(kept, 'immutable' in answer.headers['Cache-Control'], version)
            self.assertNotEqual(kept, 'no-cache' in answer.headers['Cache-Control'], version)

    def test_has_sizes_from_1_to_512(self):
        for size, status in ((0, 404), (1, 200), (512, 200), (513, 404), ('9' * 19, 404), ('9' * 300, 404),
                             ('-1', 404), ('1.5', 404), ('x', 404), ('', 404)):
            self.assertEqual(status, self.visitor.get(f'/avatar/{self.id}/{size}').status_code, str(size)[:20])

    def test_is_not_there_for_nobody(self):
        for id in (self.id + 1000, 0, 2**63 - 1, 2**63, '9' * 300, '-1', 'x', '%00', '١'):
            self.assertIn(self.visitor.get(f'/avatar/{id}/80').status_code, (400, 404), str(id)[:20])

    def test_is_on_the_pages_by_an_address_of_its_own(self):
        self.assertIn(f'src="/avatar/{self.id}/', self.visitor.get('/user/susan').text)
