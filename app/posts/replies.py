"""Answering a post, and who may read and answer one's own."""
from flask import flash, redirect, render_template, url_for
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me, viewer
from app.exceptions import Gone, NotFound, Refused
from app.extensions import db
from app.forms import refuse
from app.languages import isolated
from app.main.forms import PostForm, ReachForm
from app.models import Post
from app.policies.replies import objection
from app.posts import bp
from app.queries import posts as reading
from app.queries import replies as standings
from app.services import reach, replies


@bp.route('/<id:id>/reply', methods=['GET', 'POST'])
@login_required
def reply(id):
    """Answer a post; when it was deleted meanwhile the page keeps what was typed."""
    form = PostForm()
    try:
        post = wanted(id)
        if form.validate_on_submit():
            if answer := send(form, post):
                return redirect(url_for('posts.show', id=answer.id))
            post = wanted(id)  # it may have been deleted in this moment
    except (Gone, NotFound):
        if not form.is_submitted():
            raise
        return too_late(form)
    if not form.is_submitted():
        begin(form, post)
    return render_template('posts/reply.html', title=_('Reply to %(name)s', name=isolated(post.author.display_name)),
                           form=form, post=post, objection=offer(form, post))


def wanted(id: int) -> Post:
    """The post that is answered: of a repost the original."""
    post = reading.one(me(), id)
    return post.original or post


def field(post) -> tuple[PostForm | None, str | None]:
    """The form of an answer as a post's own page has it, and why there may be none; nothing for visitors."""
    if viewer() is None:
        return None, None
    form = PostForm(formdata=None)
    begin(form, post)
    return form, offer(form, post)


def begin(form: PostForm, post) -> None:
    """Name those whom the answer is for, and let as many people read it as read the post."""
    names = ' '.join(f'@{name}' for name in standings.names(me(), post))
    form.post.data = f'{names} ' if names else ''
    form.visibility.data = post.visibility


def offer(form: PostForm, post) -> str | None:
    """Offer those readers whom an answer can have; the reason when there may be none."""
    standing = standings.standing(me(), post.id)
    if standing is None:
        return None
    form.offer(standing.widest)
    return objection(standing)


def send(form: PostForm, post):
    """The answer; None when the act wrote at the field why there is none."""
    try:
        answer = replies.reply(me(), post, form.post.data or '', form.form_key.data or '',
                               visibility=form.visibility.data, replies_from=form.replies_from.data)
        db.session.commit()
    except Refused as error:
        db.session.rollback()
        refuse(form, error)
        return None
    flash(_('Your reply is published.'), 'success')
    return answer


def too_late(form: PostForm):
    """The page of an answer to what is not there any more."""
    form.validate()
    form.post.errors = [_('The post that you answer was deleted meanwhile. Copy your text to keep it.')]
    return render_template('posts/reply.html', title=_('Reply'), form=form, post=None, objection=None), 410


@bp.route('/<id:id>/options', methods=['GET', 'POST'])
@login_required
def options(id):
    """Change who reads one's own post and who replies."""
    post = reading.one(me(), id)
    reach.check_can_change(me(), post)
    form = ReachForm(obj=post)
    form.visibility.choices = {one: word for one, word in form.visibility.choices.items() if one >= post.visibility}
    if form.validate_on_submit():
        try:
            reach.change(me(), post, form.visibility.data, form.replies_from.data)
            db.session.commit()
        except Refused as error:
            db.session.rollback()
            refuse(form, error)
        else:
            flash(_('Your choice is saved.'), 'success')
            return redirect(url_for('posts.show', id=id))
    return render_template('posts/options.html', title=_('Who reads it and who replies'), form=form, post=post)
