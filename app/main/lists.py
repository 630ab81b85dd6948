"""Lists of posts besides the timelines: those with a tag, and those that one likes."""
from flask import current_app, render_template, request
from flask_babel import pgettext
from flask_login import login_required

from app.auth.sessions import me, viewer
from app.exceptions import NotFound
from app.incoming import cursor
from app.main import bp
from app.queries import engagement, tags
from app.text import scanning


@bp.route('/tag/<name>')
def tag(name):
    """The posts with a tag; one that nobody has used looks like one that nobody may see."""
    if scanning.tags(f'#{name}') != [name]:
        raise NotFound('tag')
    page = tags.page(viewer(), name, cursor('before'), cursor('after'), current_app.config['POSTS_PER_PAGE'])
    engagement.note(viewer(), page.posts)
    return render_template('tag.html', name=tags.most_written(name, page.posts), page=page)


@bp.route('/likes')
@login_required
def likes():
    """What the reader likes."""
    page = engagement.liked(me(), request.args.get('before'), request.args.get('after'),
                            current_app.config['POSTS_PER_PAGE'])
    engagement.note(me(), page.posts)
    return render_template('likes.html', title=pgettext('tab', 'Likes'), page=page)
