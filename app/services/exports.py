"""Taking one's own data along: a file that is packed in the background and kept for a week."""
import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa
import sqlalchemy.orm as so

from app import archive, events, storage
from app.exceptions import AccountGone
from app.extensions import db
from app.models import Export, ExportPart, Submission, User, add_once, lock_people, rows_changed, utcnow
from app.queries import exports as reading
from app.services import notifications
from app.tasks import enqueue, every, long_job, report

AT_ONCE = 100


def request(user: User, language: str, form_key: str = '') -> None:
    """Pack everything that is a person's own; the pages in this language.

    Asking again while it is packed, or with the same form, changes nothing. What was packed before stays until the
    new file is whole.
    """
    if not lock_people(user.id):  # two forms at one moment: the second waits here, and then sees the first
        raise AccountGone('user')
    if reading.state(user).is_pending or not _is_new(user, form_key):
        return
    rows_changed(sa.delete(Export).where(Export.user_id == user.id, Export.finished_at.is_(None)))
    export = Export(user_id=user.id)
    db.session.add(export)
    db.session.flush()
    enqueue(pack_export, user_id=user.id, key=reading.task_key(export.id), export=export.id, language=language)
    events.record('export_requested', user)


def _is_new(user: User, form_key: str) -> bool:
    """True for a form that comes for the first time."""
    key = hashlib.sha256(f'export\n{form_key}'.encode()).hexdigest()
    return not form_key or add_once(Submission(user_id=user.id, key=key, result_id=0))


@long_job
def pack_export(export: int, language: str) -> None:
    """Write the file. Each run has pieces of its own: a second one begins anew, and the first to end counts."""
    found = db.session.get(Export, export)
    if found is None or found.finished_at is not None:
        return
    user = db.session.get_one(User, found.user_id)
    db.session.close()  # which takes a while: the connection is for others meanwhile
    try:
        with storage.new_file(export) as file:
            archive.write(file, user, language, report)
    except AccountGone:
        return
    _finish(user, export, file)


def _finish(user: User, export: int, file: storage.NewFile) -> None:
    """Let the file be there, and tell its owner."""
    whole = sa.update(Export).where(Export.id == export, Export.finished_at.is_(None))
    if rows_changed(whole.values(finished_at=utcnow(), run=file.run, size=file.size)):
        notifications.tell(user.id, 'export')
    enqueue(remove_exports)


@every(timedelta(hours=1))
def remove_exports() -> None:
    """Remove files that are too old or were replaced by a newer one, and pieces that a killed run has left."""
    ids = db.session.scalars(sa.select(Export.id).where(_is_over(utcnow())).limit(AT_ONCE)).all()
    db.session.rollback()  # pieces are removed over other connections
    for id in ids:
        storage.remove_parts(ExportPart.export_id == id)
    storage.remove_parts(sa.exists().where(Export.id == ExportPart.export_id, Export.run != ExportPart.run))
    rows_changed(sa.delete(Export).where(Export.id.in_(ids)))


def _is_over(now: datetime) -> sa.ColumnElement[bool]:
    """That a file is too old, or that its owner has a newer one."""
    newer: type[Export] = so.aliased(Export)
    is_replaced = sa.exists().where(newer.user_id == Export.user_id, newer.id > Export.id, newer.run.is_not(None))
    is_old = sa.and_(Export.created_at < now - reading.KEPT, ~reading.is_kept(now))  # the first has an index
    return sa.or_(is_old, sa.and_(Export.run.is_not(None), is_replaced))
