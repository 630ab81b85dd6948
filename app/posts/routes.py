"""A post's own page, writing one on a page of its own, and deleting."""
from flask import current_app, flash, redirect, render_template, request, url_for
from flask_babel import _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from app.auth.sessions import me, viewer
from app.extensions import db
from app.forms import Form
from app.incoming import cursor
from app.languages import isolated
from app.main.forms import PostForm
from app.main.routes import publish
from app.models import Visibility
from app.posts import bp
from app.posts.replies import field
from app.queries import engagement, muting, relations, threads
from app.queries import posts as reading
from app.services import posts

READ_BY = {Visibility.PUBLIC: _l('Everyone can read it'), Visibility.UNLISTED: _l('Everyone can read it, unlisted'),
           Visibility.FOLLOWERS: _l('Followers can read it'), Visibility.MENTIONED: _l('Mentioned people can read it')}


@bp.route('/new', methods=['GET', 'POST'])
@login_required
def new():
    """Write a post; `?text=` begins it, so that nothing is lost to a log-in in between."""
    form = PostForm(post=request.args.get('text'))
    if form.validate_on_submit() and publish(form):
        return redirect(url_for('main.index'))
    form.offer(relations.widest_offered(me()))
    return render_template('posts/new.html', title=_('New post'), form=form)


@bp.route('/<id:id>')
def show(id):
    """A post with what stands above it and the answers to it; a repost leads to what it passes on."""
    post = reading.one(viewer(), id)
    if post.repost_of_id is not None:
        return redirect(url_for('posts.show', id=post.repost_of_id))
    thread = threads.around(viewer(), post, cursor('after'), current_app.config['POSTS_PER_PAGE'])
    left_out = 'muted' not in request.args and muting.leave_out(viewer(), post, thread)
    engagement.note(viewer(), [post, *thread.posts])
    title = _('Post by %(name)s', name=isolated(post.author.display_name))
    form, objection = field(post)
    return render_template('posts/show.html', title=title, post=post, thread=thread, readers=READ_BY, form=form,
                           objection=objection, left_out=left_out,
                           is_thread_muted=relations.has_muted_thread(viewer(), post))


@bp.route('/<id:id>/thread')
def thread(id):
    """A whole thread on one page, to be printed or read at a stretch."""
    post = reading.one(viewer(), id)
    found, more = threads.whole(viewer(), post, cursor('after'))
    heard = found if 'muted' in request.args else muting.heard(viewer(), post, found)
    engagement.note(viewer(), [node.post for node in heard if node.post is not None])
    return render_template('posts/thread.html', title=_('Thread'), nodes=heard, more=more, focus=post,
                           left_out=len(heard) < len(found))


@bp.route('/<id:id>/delete', methods=['GET', 'POST'])
@login_required
def delete(id):
    """Ask once more, then delete."""
    post = reading.one(viewer(), id)
    form = Form()
    if form.validate_on_submit():
        posts.delete(me(), post)
        db.session.commit()
        flash(_('Your post is deleted.'), 'success')
        return redirect(url_for('main.user', username=me().username))
    posts.check_can_delete(me(), post)
    return render_template('posts/delete.html', title=_('Delete this post?'), form=form, post=post)
