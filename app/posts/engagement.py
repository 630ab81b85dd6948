"""Likes and reposts: the acts, who did them, and what one likes oneself."""
from collections.abc import Callable

from flask import current_app, redirect, render_template, request, url_for
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me, safe_next, viewer
from app.extensions import db
from app.incoming import wants_piece
from app.posts import bp
from app.queries import engagement as lists
from app.queries import people
from app.queries import posts as reading
from app.services import engagement


@bp.route('/<id:id>/like', methods=['POST'])
@login_required
def like(id):
    """Like a post."""
    return act(id, engagement.like, '_like.html')


@bp.route('/<id:id>/unlike', methods=['POST'])
@login_required
def unlike(id):
    """Take the like back."""
    return act(id, engagement.unlike, '_like.html')


@bp.route('/<id:id>/repost', methods=['POST'])
@login_required
def repost(id):
    """Pass a post on."""
    return act(id, engagement.repost, '_repost.html')


@bp.route('/<id:id>/unrepost', methods=['POST'])
@login_required
def unrepost(id):
    """Take the repost back."""
    return act(id, engagement.unrepost, '_repost.html')


def act(id: int, do: Callable, part: str):
    """Do it and go on where the reader was; the script gets the button as it is now."""
    post = do(me(), reading.there(viewer(), id))
    db.session.commit()
    if wants_piece():
        lists.note(me(), [post])
        return render_template('posts/_touched.html', post=post, part=part)
    return redirect(safe_next(url_for('posts.show', id=post.id)))


@bp.route('/<id:id>/likes')
def likes(id):
    """Who likes a post."""
    return crowd(id, lists.likers, _('People who like this post'))


@bp.route('/<id:id>/reposts')
def reposts(id):
    """Who has passed a post on."""
    return crowd(id, lists.reposters, _('People who reposted this post'))


def crowd(id: int, read: Callable, title: str) -> str:
    """A page of people about a post."""
    post = reading.one(viewer(), id)
    post = post.original or post
    found, newer, older = read(viewer(), post, request.args.get('before'), request.args.get('after'),
                               current_app.config['POSTS_PER_PAGE'])
    return render_template('posts/crowd.html', title=title, post=post, people=found, newer=newer, older=older,
                           following_ids=people.followed_among(viewer(), found))
