"""Tags: noted with the post, by many at one moment, and for all posts that were there before."""
from unittest import mock

import sqlalchemy as sa

from app import db
from app.models import MAX_ID, Post, Tag, User, post_tag
from app.queries.pages import OLDER
from app.search import engine
from app.search.query import Query, with_tag
from app.services import posts, tags
from tests.base import make_post, make_user
from tests.together import TogetherCase


class Tags(TogetherCase):
    def tagged(self) -> dict[str, list[str]]:
        """The texts of the posts with each tag."""
        with self.app.app_context():
            rows = db.session.execute(sa.select(Tag.key, Post.body).outerjoin(
                post_tag, post_tag.c.tag_id == Tag.id).outerjoin(Post, Post.id == post_tag.c.post_id).order_by(Post.id))
            found: dict[str, list[str]] = {}
            for key, body in rows:
                found.setdefault(key, []).append(body)
        return found

    def test_are_noted_once_each_and_go_with_the_post(self):
        with self.app.app_context():
            susan = make_user()
            post = posts.publish(susan, '#Moss and #moss on #Straße, #2 and `#code`')
            posts.publish(susan, '#MOSS')
            db.session.commit()
            first = post.body
            self.assertEqual({'moss': [first, '#MOSS'], 'strasse': [first]}, self.tagged())
            posts.delete(susan, post)
            db.session.commit()
        self.assertEqual({'moss': ['#MOSS'], 'strasse': [None]}, self.tagged())

    def test_that_nobody_used_before_are_made_once_by_many_at_one_moment(self):
        people = [self.person(f'user{number}') for number in range(8)]
        words = [f'#tag{number}' for number in range(6)]

        def write(user):
            place = user.id % 3
            posts.publish(user, ' '.join(words[place:] + words[:place]))
        acts = [self.act(write, (User, id)) for id in people]
        self.assertEqual([], self.together(*acts))
        self.assertEqual({f'tag{number}': 8 for number in range(6)},
                         {key: len(found) for key, found in self.tagged().items()})

    def test_of_older_posts_are_filled_in_step_by_step_and_searched(self):
        with self.app.app_context():
            susan = make_user()
            with mock.patch('app.search.indexing.tags', lambda body: []):  # as it was
                ids = [make_post(susan, f'#Moss {number}' if number % 2 else 'no tag').id for number in range(7)]
            posts.publish(susan, '#moss new')
            db.session.commit()
            query = Query(terms=(with_tag('moss'),))
            self.assertEqual(1, len(engine().find(query, OLDER, MAX_ID, 10).ids))
            with mock.patch.object(tags, 'AT_ONCE', 3):
                for _step in range(5):
                    tags.fill_tags()
                    db.session.commit()
            self.assertEqual([*ids[5:0:-2]], engine().find(query, OLDER, MAX_ID, 10).ids[1:])
            with self.statements() as seen:
                tags.fill_tags()
            self.assertLessEqual(len(seen), 3, seen)
        self.assertEqual({'moss': ['#Moss 1', '#Moss 3', '#Moss 5', '#moss new']}, self.tagged())
