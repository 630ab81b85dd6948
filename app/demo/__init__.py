"""A small lively site to try things on and to take pictures of: 30 people, 600 posts in six languages, and likes.

Its people are known by their addresses, at a name that nobody can have (RFC 2606), so they can be taken away again.
"""
import json
import random
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path

import sqlalchemy as sa

from app.exceptions import Refused
from app.extensions import db
from app.models import Post, User, utcnow
from app.policies import passwords
from app.services import accounts, engagement, tags

DOMAIN = 'demo.invalid'
WORDS = Path(__file__).with_name('words.json')
DAYS = 30
FOLLOWS, LIKES = 8, 300
ANSWERED = 5  # one post of as many is answered by the next one


def load(password: str | None = None) -> tuple[int, int]:
    """Make people and posts; how many. Refused where there is anybody already. Without a password nobody can log in."""
    if db.session.scalar(sa.select(User.id).limit(1)) is not None:
        raise Refused('demo', 'there are people on this site already; this is for an empty one')
    chance = random.Random(2026)  # noqa: S311 the same site each time  # nosec B311
    words = json.loads(WORDS.read_text(encoding='utf-8'))
    people = _people(words, password)
    _follow(people, chance)
    written = _write(people, words, chance)
    for post in chance.sample(written, LIKES):
        engagement.like(chance.choice([person for person in people if person.id != post.user_id]), post)
    return len(people), len(written)


def remove() -> int:
    """Delete the people that `load` has made, with what they wrote; how many."""
    made = db.session.scalars(sa.select(User).where(User.email_key.endswith(f'@{DOMAIN}'))).all()
    for user in made:
        accounts.delete(user)
    return len(made)


def _people(words: dict, password: str | None) -> list[User]:
    people = [User(username=username, email=f'{username}@{DOMAIN}', name=name, about_me=about, language=language,
                   created_at=utcnow() - timedelta(days=DAYS + 10))
              for language, part in words.items() for username, name, about in part['people']]
    if password:
        passwords.check_password(password)
        people[0].set_password(password)  # hashed once: it is slow on purpose
        for person in people[1:]:
            person.password_hash = people[0].password_hash
    db.session.add_all(people)
    db.session.flush()
    return people


def _follow(people: list[User], chance: random.Random) -> None:
    for person in people:
        for other in chance.sample(people, FOLLOWS):
            person.follow(other)


def _write(people: list[User], words: dict, chance: random.Random) -> list[Post]:
    """Every beginning with every end, in all languages by turns, the oldest first."""
    texts = [(language, f'{begin} {end}') for language, part in words.items()
             for begin, end in product(part['begin'], part['end'])]
    chance.shuffle(texts)
    moments = sorted(utcnow() - timedelta(minutes=chance.uniform(1, DAYS * 24 * 60)) for _text in texts)
    posts: list[Post] = []
    for number, ((language, text), moment) in enumerate(zip(texts, moments, strict=True)):
        parent = posts[-1] if number % ANSWERED == ANSWERED - 1 else None
        posts.append(_post(people, words, chance, (parent and parent.language) or language, text, moment, parent))
    db.session.flush()
    tags.note(*posts)
    return posts


def _post(people: list[User], words: dict, chance: random.Random, language: str, text: str, moment: datetime,
          parent: Post | None) -> Post:
    author = chance.choice([person for person in people if person.language == language])
    body = text if parent is None else chance.choice(words[language]['answers'])
    post = Post(body=body, user_id=author.id, language=language, timestamp=moment, parent=parent)
    db.session.add(post)
    db.session.flush()
    return post
