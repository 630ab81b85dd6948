"""Asking for one's data, watching how far it is, and fetching the file."""
from babel.numbers import format_percent
from babel.units import format_unit
from flask import Response, jsonify, redirect, render_template, request, url_for
from flask_babel import _, get_locale
from flask_login import login_required
from werkzeug.wsgi import FileWrapper

from app import events
from app.auth.sessions import is_proved, me, note_proof
from app.exceptions import NotFound
from app.exports import bp
from app.exports.forms import ExportForm
from app.models import Export
from app.queries import exports as reading
from app.services import credentials, exports
from app.settings.security import carried_out
from app.storage import PART, StoredFile

KILO, MEGA = 1000, 1_000_000


@bp.route('/export_posts', methods=['GET', 'POST'])
@login_required
def index():
    """Ask for a file with everything that is one's own, and see how far it is."""
    form = new_form()

    def ask() -> None:
        prove(form)
        exports.request(me(), str(get_locale()), form.form_key.data or '')
    return redirect(url_for('exports.index')) if carried_out(form, ask) else page(form)


@bp.route('/export_posts/progress')
@login_required
def progress():
    """How far it is, for the script: per cent, null when nothing is being packed."""
    return jsonify(percent=reading.state(me()).percent)


@bp.route('/export_posts/<id:id>', methods=['GET', 'POST'])
@login_required
def download(id):
    """Fetch the file, if the password was typed a short while ago."""
    export = reading.finished(me(), id)
    if export is None:
        raise NotFound('export')
    form = new_form()
    if carried_out(form, lambda: prove(form)):
        return redirect(url_for('exports.download', id=id))
    return send(export) if request.method != 'POST' and is_proved() else page(form)


def new_form() -> ExportForm:
    """The form, without the password of somebody who has typed it a short while ago."""
    form = ExportForm()
    if is_proved():
        del form.current_password
    return form


def prove(form: ExportForm) -> None:
    """Check the password, if the form asks for it; Refused when it is another."""
    if form.current_password is not None:
        credentials.check_current(me(), form.current_password.data)
        note_proof()


def page(form: ExportForm) -> str:
    """The page that says what there is and what is being made."""
    state = reading.state(me())
    size = size_in_words(state.made.size) if state.made is not None else ''
    percent = format_percent((state.percent or 0) / 100, locale=get_locale())
    return render_template('exports/index.html', title=_('Your data'), form=form, state=state, size=size,
                           percent=percent, is_proved=is_proved())


def send(export: Export) -> Response:
    """The file, or the range of it that was asked for; read piece by piece as the client takes it."""
    events.log_now('export_fetched', me())
    file = FileWrapper(StoredFile(export), PART)  # type: ignore[arg-type]
    response = Response(file, mimetype='application/zip', direct_passthrough=True)
    name = f'microblog-{me().username}-{export.finished_at:%Y-%m-%d}.zip'
    response.headers['Content-Disposition'] = f'attachment; filename="{name}"'
    response.headers['Cache-Control'] = 'no-store'
    response.content_length = export.size
    response.set_etag(f'export-{export.id}-{export.run}')
    response.make_conditional(request, accept_ranges=has_one_range(), complete_length=export.size)
    response.accept_ranges = 'bytes'
    return response


def has_one_range() -> bool:
    """True when one range of bytes is asked for; what is malformed, or several, is answered with the whole file."""
    return request.range is not None and request.range.units == 'bytes' and len(request.range.ranges) == 1


def size_in_words(size: int) -> str:
    """A number of bytes as the reader says it."""
    unit, number = ('megabyte', size / MEGA) if size >= MEGA else ('kilobyte', max(size, KILO) / KILO)
    return format_unit(round(number, 1 if number < 10 else 0), f'digital-{unit}', 'short', locale=get_locale())
