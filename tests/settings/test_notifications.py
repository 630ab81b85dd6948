"""Choosing what one hears of, and where."""
from app.policies.notifications import KINDS, Ways
from app.queries.notifications import ways
from tests.world import Outline, WorldCase


class Choosing(WorldCase):
    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def ticked(self) -> set[tuple[str, str]]:
        boxes = Outline(self.susan.get('/settings').text).all('input')
        return {(box['name'], box['value']) for box in boxes if box['name'] in ('site', 'mail') and 'checked' in box}

    def ways(self) -> dict[str, Ways]:
        with self.app.app_context():
            return ways(self.find('susan').id)

    def save(self, site=(), mail=(), **options):
        ticked = {'site': list(site), 'mail': list(mail)}
        return self.susan.submit('/settings/notifications', page='/settings', **ticked, **options)

    def test_begins_with_what_the_rules_have(self):
        self.turn_mail_on()
        wanted = {(way, kind) for kind in KINDS for way in ('site', 'mail') if getattr(KINDS[kind], way)}
        self.assertEqual(wanted, self.ticked())

    def test_keeps_what_is_ticked(self):
        self.turn_mail_on()
        answer = self.save(['message'], ['follow', 'message'], follow=True)
        self.assertIn('Your notification settings are saved.', answer.text)
        self.assertEqual({('site', 'message'), ('mail', 'follow'), ('mail', 'message')}, self.ticked())
        self.save(KINDS, [])
        self.assertEqual({kind: Ways(True, False) for kind in KINDS}, self.ways())

    def test_without_mail_leaves_mails_as_they_were(self):
        self.assertNotIn('name="mail"', self.susan.get('/settings').text)
        self.save([])
        self.assertEqual({kind: Ways(False, each.mail) for kind, each in KINDS.items()}, self.ways())

    def test_refuses_what_is_no_kind(self):
        answer = self.save(['nonsense'])
        self.assertIn('On the site', answer.text)
        self.assertEqual((200, KINDS), (answer.status_code, self.ways()))

    def test_refuses_get_and_strangers(self):
        self.assertEqual(405, self.susan.get('/settings/notifications').status_code)
        answer = self.visitor.submit('/settings/notifications', page='/auth/login', site=[])
        self.assertTrue(answer.location.startswith('/auth/login'))
        self.assertEqual(KINDS, self.ways())
