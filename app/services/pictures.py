"""Pictures of people that come from elsewhere."""
from flask import current_app

from app import gravatar
from app.extensions import db
from app.models import Avatar, User, utcnow
from app.tasks import enqueue, job


def look_for(user: User) -> None:
    """Ask Gravatar for the person's picture in the background, when the site does that at all."""
    if current_app.config['GRAVATAR'] and user.is_confirmed:  # an address of somebody else tells nothing
        db.session.flush()
        week = utcnow().strftime('%G-%V')
        enqueue(fetch_picture, user_id=user.id, key=f'picture:{user.id}:{user.avatar_version}:{week}', owner=user.id)


@job
def fetch_picture(owner: int) -> None:
    """Keep the picture that Gravatar has for the person's address, or none."""
    user = db.session.get(User, owner)
    if user is None:
        return
    picture = gravatar.fetch(user.email)
    kept = db.session.get(Avatar, owner)
    if picture == (kept.picture if kept is not None else None):
        return
    if picture is None:
        db.session.delete(kept)
    elif kept is None:
        db.session.add(Avatar(user_id=owner, picture=picture, media_type=gravatar.MEDIA_TYPE))
    else:
        kept.picture, kept.updated_at = picture, utcnow()
    user.avatar_version += 1
