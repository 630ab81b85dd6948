"""A post's own page, writing one on a page of its own, and deleting."""
from flask import flash, redirect, render_template, request, url_for
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me, viewer
from app.extensions import db
from app.forms import Form
from app.main.forms import PostForm
from app.main.routes import publish
from app.posts import bp
from app.queries import engagement
from app.queries import posts as reading
from app.services import posts
from app.templating import isolated


@bp.route('/new', methods=['GET', 'POST'])
@login_required
def new():
    """Write a post; `?text=` begins it, so that nothing is lost to a log-in in between."""
    form = PostForm(post=request.args.get('text'))
    if form.validate_on_submit() and publish(form):
        return redirect(url_for('main.index'))
    return render_template('posts/new.html', title=_('New post'), form=form)


@bp.route('/<id:id>')
def show(id):
    """A post."""
    post = reading.one(viewer(), id)
    engagement.note(viewer(), [post])
    title = _('Post by %(name)s', name=isolated(post.author.display_name))
    return render_template('posts/show.html', title=title, post=post)


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
