"""Blocking and muting people."""
from flask import flash, redirect, render_template, url_for
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me, safe_next
from app.exceptions import NotFound
from app.extensions import db
from app.forms import Form
from app.languages import isolated
from app.models import User
from app.queries import people, posts
from app.queries import relations as reading
from app.relations import bp
from app.relations.forms import SPANS, MuteForm
from app.services import blocks, mutes


def find(username: str) -> User:
    """Somebody whom the viewer may know of, or has blocked; NotFound otherwise."""
    user = people.known(me(), username)
    if user is None:
        raise NotFound('user')
    return user


@bp.route('/block/<username>', methods=['GET', 'POST'])
@login_required
def block(username):
    """Ask once more, then block somebody."""
    user, form = find(username), Form()
    if form.validate_on_submit():
        blocks.block(me(), user)
        db.session.commit()
        flash(_('%(name)s is blocked.', name=isolated(user.display_name)), 'success')
        return redirect(url_for('main.user', username=user.username))
    blocks.check_is_another(me(), user)
    title = _('Block %(name)s?', name=isolated(user.display_name))
    return render_template('relations/block.html', title=title, form=form, user=user)


@bp.route('/unblock/<username>', methods=['POST'])
@login_required
def unblock(username):
    """Block somebody no more."""
    user = find(username)
    blocks.unblock(me(), user)
    db.session.commit()
    flash(_('%(name)s is not blocked any more.', name=isolated(user.display_name)), 'success')
    return redirect(safe_next(url_for('main.user', username=user.username)))


@bp.route('/mute/<username>', methods=['GET', 'POST'])
@login_required
def mute(username):
    """Ask for how long, then mute somebody."""
    user, form = find(username), MuteForm()
    if form.validate_on_submit():
        mutes.mute(me(), user, SPANS[form.span.data], form.hides_notifications.data)
        db.session.commit()
        flash(_('%(name)s is muted.', name=isolated(user.display_name)), 'success')
        return redirect(url_for('main.user', username=user.username))
    mutes.check_is_another(me(), user)
    title = _('Mute %(name)s', name=isolated(user.display_name))
    return render_template('relations/mute.html', title=title, form=form, user=user,
                           relation=reading.of(me(), user))


@bp.route('/unmute/<username>', methods=['POST'])
@login_required
def unmute(username):
    """Mute somebody no more."""
    user = find(username)
    mutes.unmute(me(), user)
    db.session.commit()
    flash(_('%(name)s is not muted any more.', name=isolated(user.display_name)), 'success')
    return redirect(safe_next(url_for('main.user', username=user.username)))


@bp.route('/post/<id:id>/mute', methods=['POST'])
@login_required
def mute_thread(id):
    """Be told nothing more of the conversation that a post belongs to."""
    post = posts.one(me(), id)
    mutes.mute_thread(me(), post)
    db.session.commit()
    flash(_('You get no more notifications about this conversation.'), 'success')
    return redirect(safe_next(url_for('posts.show', id=id)))


@bp.route('/post/<id:id>/unmute', methods=['POST'])
@login_required
def unmute_thread(id):
    """Be told of a conversation again."""
    post = posts.one(me(), id)
    mutes.unmute_thread(me(), post)
    db.session.commit()
    flash(_('You get notifications about this conversation again.'), 'success')
    return redirect(safe_next(url_for('posts.show', id=id)))
