"""What somebody was told, and what they want to be told."""
import sqlalchemy as sa
import sqlalchemy.orm as so

from app.extensions import db
from app.models import Notification, NotificationChoice, User
from app.policies.notifications import KINDS, Ways, is_told


def ways(user_id: int) -> dict[str, Ways]:
    """Where a person wants to hear of each kind."""
    rows = db.session.scalars(sa.select(NotificationChoice).where(NotificationChoice.user_id == user_id))
    return KINDS | {row.kind: Ways(row.site, row.mail) for row in rows if row.kind in KINDS}


def unread(viewer: User, id: int) -> Notification | None:
    """One thing that the viewer was told and has not read, with its actor."""
    return db.session.scalar(_told(viewer).where(Notification.id == id, Notification.is_read.is_(False)))


def page(viewer: User, before: int | None, after: int | None, count: int):
    """What the viewer was told, the newest first: (notifications, newer, older), the last two as cursors or None."""
    told = _told(viewer).where(Notification.on_site.is_(True))
    upwards = after is not None
    if upwards:
        told = told.where(Notification.id > after).order_by(Notification.id)
    else:
        told = told.where(sa.true() if before is None else Notification.id < before).order_by(Notification.id.desc())
    found = list(db.session.scalars(told.limit(count + 1)).all())
    more, found = len(found) > count, found[:count]
    if (upwards and not more) or (before is not None and not found):  # near the top, or beyond the end
        return page(viewer, None, None, count)
    if upwards:
        found.reverse()
    newer = found[0].id if found and (more if upwards else before is not None) else None
    older = found[-1].id if found and (upwards or more) else None
    return found, newer, older


def _told(viewer: User) -> sa.Select:
    """What the viewer was told; of the actor only what a list shows."""
    actor = so.contains_eager(Notification.actor).load_only(User.username, User.name, User.avatar_version)
    return sa.select(Notification).join(Notification.actor).where(is_told(viewer)).options(actor)
