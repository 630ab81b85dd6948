"""Signs of new posts against a plain look at everything."""
from unittest import mock

from hypothesis import given

from app import db
from app.models import UserSession
from app.queries import home as homes
from app.queries import news
from tests.queries.base import QueryTestCase
from tests.queries.test_timelines import EXAMPLES, Site, worlds


class NewsAgainstALook(QueryTestCase):
    def tearDown(self):
        for statement in (news._state, news._state_with_posts):
            statement.cache_clear()
        super().tearDown()

    @EXAMPLES
    @given(worlds())
    def test_any_cursor_gives_the_exact_posts(self, sizes):
        self.clear()
        window = sizes['windows'][0]
        self.enterContext(mock.patch.multiple(homes, WINDOWS=sizes['windows'], FEW=sizes['few'], LITERALS=3))
        self.enterContext(mock.patch.object(news, 'WINDOW', window))
        news._state_with_posts.cache_clear()  # it has the size in it
        site = Site(sizes)
        db.session.add(UserSession(token_hash=UserSession.hash_of('token'), user_id=site.viewer.id))
        db.session.commit()
        ids = site.home()
        known = site.random.sample(ids, min(len(ids), 3))
        for cursor in [0, *(id + step for id in ids[:5] for step in (-1, 0))]:
            wanted = sorted(id for id in ids if id > cursor and id not in known)
            state = news.state_with_posts('token', cursor, known)
            self.assertEqual(wanted[:site.count], news.posts(site.viewer, cursor, known, site.count))
            if wanted:
                self.assertTrue(state.may_have_posts, (cursor, state))
            elif state.may_have_posts:  # then only for want of a larger window, or because of who is suspended
                self.assertTrue(state.sign <= -window or state.sign not in ids)
