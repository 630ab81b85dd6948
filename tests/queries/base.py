"""What the tests of queries share: an application on a database of its own, and builders."""
import os
import tempfile
import unittest
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

import config
from app import database
from app.extensions import db
from app.models import Post, User, utcnow


def make_app(url: str) -> Flask:
    """An application with models and nothing else."""
    app = Flask(__name__)
    app.config.update(SITE_CLOSED=False, SQLALCHEMY_DATABASE_URI=url,
                      SQLALCHEMY_ENGINE_OPTIONS=database.engine_options(url))
    db.init_app(app)
    return app


class AppTestCase(unittest.TestCase):
    """Empty tables for each test, on TEST_DATABASE_URL or a temporary SQLite file."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        os.environ.setdefault('DATABASE_URL', '')
        url = config.database('TEST_DATABASE_URL') if os.environ.get('TEST_DATABASE_URL') else None
        cls.app = make_app(url or f'sqlite:///{Path(folder) / "test.db"}')
        cls.enterClassContext(cls.app.app_context())
        db.drop_all()
        db.create_all()
        cls.addClassCleanup(cls.drop)

    @classmethod
    def drop(cls):
        db.session.remove()
        db.drop_all()
        db.engine.dispose()

    def setUp(self):
        self.clear()

    def clear(self):
        """Empty all tables."""
        db.session.rollback()
        db.session.expunge_all()
        for table in reversed(db.metadata.sorted_tables):
            db.session.execute(sa.delete(table))
        db.session.commit()

    def make_user(self, username: str, **values) -> User:
        user = User(username=username, email=f'{username}@example.com', **values)
        db.session.add(user)
        db.session.flush()
        return user

    def make_post(self, author: User, body: str = 'words', ago: float = 0, **values) -> Post:
        """A post, `ago` seconds old."""
        post = Post(body=body, author=author, timestamp=utcnow() - timedelta(seconds=ago), **values)
        db.session.add(post)
        db.session.flush()
        return post
