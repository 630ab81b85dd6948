"""People: who they are, whom they follow, how they prove it."""
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa
import sqlalchemy.orm as so
from flask import current_app
from flask_login import UserMixin

from app import hashing, tokens
from app.extensions import db
from app.models.base import Base
from app.models.checks import EMAIL, USERNAME, checks
from app.models.following import Following, followers
from app.models.keys import email_key, name_key, username_key
from app.models.types import BigKey, UTCDateTime, key_string, utcnow

if TYPE_CHECKING:
    from app.models.post import Post

RESET_SECONDS = 3600


def new_stamp() -> str:
    """A security stamp: tokens carry its fingerprint and die when it is renewed."""
    return secrets.token_hex(16)


class User(Following, UserMixin, Base):
    """One account. Names and addresses are unique by their keys, so that case does not matter anywhere."""

    __tablename__ = 'user'
    __table_args__ = (*checks('username', USERNAME), *checks('email', EMAIL))

    id: so.Mapped[int] = so.mapped_column(BigKey, primary_key=True)
    username: so.Mapped[str] = so.mapped_column(sa.String(30))
    username_key: so.Mapped[str] = so.mapped_column(key_string(30), unique=True)
    email: so.Mapped[str] = so.mapped_column(sa.String(120))
    email_key: so.Mapped[str] = so.mapped_column(key_string(255), unique=True)
    password_hash: so.Mapped[str | None] = so.mapped_column(sa.String(256))
    security_stamp: so.Mapped[str] = so.mapped_column(sa.String(32), default=new_stamp)
    name: so.Mapped[str] = so.mapped_column(sa.String(50), default='')
    name_key: so.Mapped[str] = so.mapped_column(key_string(50), default='', index=True)
    about_me: so.Mapped[str] = so.mapped_column(sa.Text, default='')
    language: so.Mapped[str] = so.mapped_column(sa.String(16), default='')  # '': what the browser asks for
    theme: so.Mapped[str] = so.mapped_column(sa.String(8), default='auto')
    timezone: so.Mapped[str] = so.mapped_column(sa.String(64), default='')  # '': the browser's
    shortcuts: so.Mapped[bool] = so.mapped_column(default=True, server_default=sa.true())  # keys, see static/keys.js
    created_at: so.Mapped[datetime] = so.mapped_column(UTCDateTime, default=utcnow)
    last_seen: so.Mapped[datetime | None] = so.mapped_column(UTCDateTime, default=utcnow)
    show_last_seen: so.Mapped[bool] = so.mapped_column(default=True)
    # NULL: confirmed. No index: a planner would begin at "IS NULL", which is nearly everybody.
    confirm_by: so.Mapped[datetime | None] = so.mapped_column(UTCDateTime)
    confirmation_sent_at: so.Mapped[datetime | None] = so.mapped_column(UTCDateTime)
    suspended_at: so.Mapped[datetime | None] = so.mapped_column(UTCDateTime)
    is_admin: so.Mapped[bool] = so.mapped_column(default=False)
    avatar_version: so.Mapped[int] = so.mapped_column(default=0)
    posts_count: so.Mapped[int] = so.mapped_column(default=0)
    followers_number: so.Mapped[int] = so.mapped_column(default=0)
    following_number: so.Mapped[int] = so.mapped_column(default=0)
    unread_notifications: so.Mapped[int] = so.mapped_column(default=0, server_default='0')
    unread_messages: so.Mapped[int] = so.mapped_column(default=0, server_default='0')

    was_private = False  # when the session was opened whose person this is

    posts: so.WriteOnlyMapped['Post'] = so.relationship(back_populates='author', passive_deletes=True)
    following: so.WriteOnlyMapped['User'] = so.relationship(
        secondary=followers, primaryjoin=(followers.c.follower_id == id),
        secondaryjoin=(followers.c.followed_id == id), back_populates='followers', viewonly=True)
    followers: so.WriteOnlyMapped['User'] = so.relationship(
        secondary=followers, primaryjoin=(followers.c.followed_id == id),
        secondaryjoin=(followers.c.follower_id == id), back_populates='following', viewonly=True)

    if TYPE_CHECKING:
        session_token: str | None
    else:
        session_token = None  # of the session that this object was loaded for

    def __repr__(self) -> str:
        return f'<User {self.username}>'

    @so.validates('username')
    def _fill_username_key(self, key: str, value: str) -> str:
        self.username_key = username_key(value)
        return value

    @so.validates('email')
    def _fill_email_key(self, key: str, value: str) -> str:
        self.email_key = email_key(value)
        return value

    @so.validates('name')
    def _fill_name_key(self, key: str, value: str) -> str:
        self.name_key = name_key(value)
        return value

    def get_id(self) -> str | None:
        """What the session cookie holds: the random token of a session row, never the account's id."""
        return self.session_token

    # Flask-Login compares `get_id()`, by which all people without a session would be the same one.
    __eq__, __ne__, __hash__ = object.__eq__, object.__ne__, object.__hash__

    @property
    def is_active(self) -> bool:
        return self.suspended_at is None

    @property
    def is_confirmed(self) -> bool:
        """True unless the address waits for its confirmation and the site has mail to confirm it by."""
        return self.confirm_by is None or not current_app.config['MAIL_SERVER']

    @property
    def display_name(self) -> str:
        """The name to show: the one the person chose, else the username."""
        return self.name or self.username

    def avatar(self, size: int) -> str:
        """The address of the person's picture, `size` pixels wide; it changes when the picture does."""
        return f'/avatar/{self.id}/{size}?v={self.avatar_version}'

    def set_password(self, password: str) -> None:
        """Set the password; every token that was made before dies with the old security stamp."""
        self.password_hash = hashing.hash_password(password)
        self.renew_stamp()

    def check_password(self, password: str) -> bool:
        """True when this is the account's password; as slow for an account that has none."""
        if not self.password_hash:
            return hashing.waste_time(password)
        return hashing.verify_password(self.password_hash, password)

    def renew_stamp(self) -> None:
        """Make every reset and confirmation link that was sent before worthless."""
        self.security_stamp = new_stamp()

    def get_reset_password_token(self, expires_in: int = RESET_SECONDS) -> str:
        """A token that lets its holder set a new password once, for at most an hour (seconds)."""
        claims = {'reset_password': self.id, 'stamp': tokens.fingerprint(self.security_stamp)}
        return tokens.sign('reset_password', claims, min(expires_in, RESET_SECONDS))

    @staticmethod
    def verify_reset_password_token(token: str) -> 'User | None':
        """The person that a reset token was made for, or None when it is not good (any more)."""
        claims = tokens.read('reset_password', token) or {}
        id = claims.get('reset_password')
        user = db.session.get(User, id) if isinstance(id, int) else None
        if user is None or claims.get('stamp') != tokens.fingerprint(user.security_stamp):
            return None
        return user
