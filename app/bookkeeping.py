"""What is noted about the reader after the answer, in a short transaction of its own; it may fail into the log."""
from collections.abc import Callable

from flask import Response, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from app.database import impatient
from app.extensions import db


def note_later(response: Response, act: Callable, *arguments) -> None:
    """Run an act once the answer is sent; not at all when nobody looks: at a page fetched ahead, or at its headers."""
    purposes = request.headers.get('Sec-Purpose', ''), request.headers.get('Purpose', '')  # the second: Safari
    if request.method == 'HEAD' or any('prefetch' in purpose for purpose in purposes):
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def note() -> None:
        with app.app_context():
            try:
                with impatient(db.session.connection()):
                    act(*arguments)
                db.session.commit()
            except SQLAlchemyError as error:
                db.session.rollback()
                app.logger.warning('What a reader did could not be noted: %s', error)
    response.call_on_close(note)
