"""The page with what somebody was told, and the link in mails that asks for no more of them."""
from datetime import timedelta
from itertools import groupby

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me
from app.bookkeeping import note_later
from app.extensions import csrf, db
from app.incoming import cursor
from app.models import utcnow
from app.notifications import bp, news
from app.queries import events, people, relations, told
from app.queries import notifications as reading
from app.services import notifications, places
from app.times import day, local_date

ARRIVING = timedelta(seconds=10)  # what is as young as that may have come after the page was read


@bp.route('/notifications')
def index():
    """What somebody was told: a page, or with `?since=` what the script asks for now and then."""
    return news.answer() if 'since' in request.args else page()


@login_required
def page():
    """The page. What it shows is read from then on, but new as long as one looks at it."""
    page = told.page(me(), cursor('before'), cursor('after'), current_app.config['POSTS_PER_PAGE'], local_date)
    days = [(name, list(entries)) for name, entries in groupby(page.told, key=lambda entry: day(entry.created_at))]
    actors = [entry.actor for entry in page.told if entry.kind == 'follow' and len(entry.actor_ids) == 1]
    response = make_response(render_template(
        'notifications/index.html', title=_('Notifications'), days=days, newer=page.newer, older=page.older,
        place_of=places.of, following_ids=people.followed_among(me(), actors), alarms=events.before(me(), page.told),
        requests=relations.number_of_requests(me())))
    unread = [id for entry in page.told if not entry.is_read for id in entry.ids]
    if unread:
        note_later(response, notifications.see, me().id, unread)
    if me().unread_notifications > len(unread) and not told.has_more_unread(me(), page):
        note_later(response, notifications.see_hidden, me().id, utcnow() - ARRIVING)
    return response


@bp.route('/notifications/read', methods=['POST'])
@login_required
def read():
    """Mark everything as read."""
    notifications.see_all(me())
    db.session.commit()
    flash(_('All notifications are marked as read.'), 'success')
    return redirect(url_for('notifications.index'))


@csrf.exempt  # mail programs send it, without a page and without a session (RFC 8058); the token says whose it is
@bp.route('/notifications/unsubscribe/<token>', methods=['GET', 'POST'])
def unsubscribe(token):
    """Get no more mails of one kind, by the link in one of them; looking at it changes nothing."""
    found = notifications.of_unsubscribe_token(token)
    if found is None:
        return render_template('auth/dead_link.html', title=_('This link does not work any more')), 403
    user, kind = found
    if request.method == 'POST':
        notifications.refuse_mail(user, kind)
        db.session.commit()
    return render_template('notifications/unsubscribe.html', title=_('E-mails from this site'), kind=kind,
                           is_off=not reading.ways(user.id)[kind].mail)
