"""Counters are exact, whoever acts at the same moment."""
import threading

import sqlalchemy as sa

from app import db
from app.models import Post, User, followers
from tests.base import AppTestCase, make_user


class Counters(AppTestCase):
    def together(self, *acts):
        """Run acts at one moment, each with a session of its own; the errors."""
        errors: list[Exception] = []
        barrier = threading.Barrier(len(acts))

        def run(act):
            with self.app.app_context():
                try:
                    barrier.wait(timeout=60)
                    act()
                    db.session.commit()
                except Exception as error:
                    errors.append(error)
        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=180)
        return errors

    def test_eight_people_who_follow_one_another_at_once_are_counted_right(self):
        with self.app.app_context():
            ids = [make_user(f'person{number}').id for number in range(8)]

        def follow_all(id):
            def act():
                me = db.session.get(User, id)
                for other in ids:
                    me.follow(db.session.get(User, other))
                    db.session.commit()
            return act
        self.assertEqual([], self.together(*map(follow_all, ids)))
        with self.app.app_context():
            self.assertEqual(56, db.session.scalar(sa.select(sa.func.count()).select_from(followers)))
            for user in User.query.all():
                self.assertEqual((7, 7), (user.followers_count(), user.following_count()))

    def test_one_follow_sent_eight_times_at_once_counts_once(self):
        with self.app.app_context():
            john, susan = make_user('john').id, make_user('susan').id

        def act():
            db.session.get(User, john).follow(db.session.get(User, susan))
        self.assertEqual([], self.together(*[act] * 8))
        with self.app.app_context():
            self.assertEqual(1, db.session.get(User, susan).followers_count())

    def test_posts_of_one_person_written_at_once_are_all_counted(self):
        with self.app.app_context():
            susan = make_user('susan').id

        def act():
            for number in range(5):
                db.session.add(Post(body=f'post {number}', user_id=susan))
                db.session.commit()
        self.assertEqual([], self.together(*[act] * 8))
        with self.app.app_context():
            self.assertEqual(40, db.session.get(User, susan).posts_count)
            self.assertEqual(40, Post.query.count())
