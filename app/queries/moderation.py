"""What those who look after the site see: everybody and every post, whatever others may see of them."""
import sqlalchemy as sa
import sqlalchemy.orm as so

from app.exceptions import NotFound
from app.extensions import db
from app.models import Post, User, email_key, username_key

SHOWN = 50


def people(words: str) -> list[User]:
    """Accounts whose username or e-mail address begins so, by name; the newest ones when nothing is asked for."""
    if not words:
        return list(db.session.scalars(sa.select(User).order_by(User.id.desc()).limit(SHOWN)))
    begins = sa.or_(User.username_key.startswith(username_key(words.lstrip('@')), autoescape=True),
                    User.email_key.startswith(email_key(words), autoescape=True))
    return list(db.session.scalars(sa.select(User).where(begins).order_by(User.username_key).limit(SHOWN)))


def person(username: str) -> User:
    """The account of this name; NotFound when there is none."""
    found = db.session.scalar(sa.select(User).where(User.username_key == username_key(username)))
    if found is None:
        raise NotFound('user')
    return found


def posts(username: str = '') -> list[Post]:
    """The newest posts, of everybody or of one."""
    newest = sa.select(Post).where(Post.repost_of_id.is_(None)).join(Post.author).options(
        so.contains_eager(Post.author)).order_by(Post.id.desc())
    if username:
        newest = newest.where(Post.user_id == person(username).id)
    return list(db.session.scalars(newest.limit(SHOWN)))


def post(id: int) -> Post:
    """A post with its author; NotFound when there is none."""
    found = db.session.get(Post, id)
    if found is None:
        raise NotFound('post')
    return found
