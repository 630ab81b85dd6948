"""The two timelines, and what belongs to no other place."""
from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import _
from flask_login import login_required

from app import languages, words
from app.auth.sessions import me, safe_next, viewer
from app.exceptions import NotFound, Refused
from app.extensions import csrf, db
from app.forms import refuse
from app.incoming import cursor
from app.main import bp
from app.main.forms import PostForm
from app.policies.visibility import is_site_open_to
from app.queries import engagement, people, relations, timelines
from app.queries.folding import fold
from app.queries.posts import is_for_nobody_else
from app.services import posts

YEAR = 365 * 24 * 3600
SUGGESTED = 5
PUBLIC = ('static', 'bootstrap.static', 'admin.healthz', 'admin.readyz', 'admin.figures', 'main.language',
          'main.security_txt', 'main.robots', 'main.favicon', 'main.manifest', 'main.rules',
          'notifications.unsubscribe', 'notifications.index')  # which asks for a log-in itself
ENOUGH = 50  # who follows as many needs no suggestions


@bp.before_app_request
def keep_closed():
    """On a closed site only the pages for logging in are there for visitors."""
    endpoint = request.endpoint or ''
    public = endpoint.startswith('auth.') or endpoint in PUBLIC
    if current_app.config['SITE_CLOSED'] and not public and not is_site_open_to(viewer()):
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    return None


@bp.route('/index', methods=['GET', 'POST'])
@bp.route('/', methods=['GET', 'POST'])
@login_required
def index():
    """Home: what the people one follows write, and a form to write oneself."""
    form = PostForm() if request.method == 'POST' else None  # nothing is written yet: `_blank.html` is enough
    if form and form.validate_on_submit() and publish(form):
        return redirect(url_for('main.index'))
    widest = relations.widest_offered(me())
    if form:
        form.offer(widest)
    before, after = cursor('before'), cursor('after')
    page = timelines.home(me(), before, after, current_app.config['POSTS_PER_PAGE'])
    is_first = before is None and after is None
    engagement.note(me(), page.posts)
    suggestions = people.suggestions(me(), SUGGESTED) if is_first and me().following_number < ENOUGH else []
    return render_template('index.html', title=_('Home'), form=form, widest=widest, page=page,
                           folds=fold(page.posts), suggestions=suggestions)


def publish(form: PostForm) -> bool:
    """Publish what a form holds; False when the act wrote at the field why not."""
    try:
        post = posts.publish(me(), form.post.data or '', form.form_key.data or '', visibility=form.visibility.data,
                             replies_from=form.replies_from.data)
        db.session.commit()
    except Refused as error:
        db.session.rollback()
        refuse(form, error)
        return False
    flash(_('Your post mentions nobody, so only you can see it.') if is_for_nobody_else(post) else
          _('Your post is published.'), 'success')
    return True


@bp.route('/explore')
def explore():
    """What everybody writes, readable without an account."""
    page = timelines.explore(viewer(), cursor('before'), cursor('after'), current_app.config['POSTS_PER_PAGE'])
    engagement.note(viewer(), page.posts)
    return render_template('explore.html', title=_('Explore'), page=page)


@csrf.exempt  # it sets a cookie of the visitor's own and nothing else, and needs no session for a token
@bp.route('/language', methods=['POST'])
def language():
    """Choose the language of the pages without an account; with one it is a setting."""
    response = make_response(redirect(safe_next(url_for('main.explore'))))
    chosen = request.form.get('language', '')
    if chosen in current_app.config['LANGUAGES']:
        response.set_cookie(languages.cookie_name(), chosen, max_age=YEAR, httponly=True, samesite='Lax',
                            secure=current_app.config['HTTPS'])
    return response


@bp.route('/keyboard')
def keyboard():
    """Which key does what."""
    return render_template('keyboard.html', title=_('Keyboard'))


@bp.route('/about')
def about():
    """What this site is."""
    return render_template('about.html', title=_('About'))


@bp.route('/rules')
def rules():
    """What the site asks of people, when it does."""
    if not words.current().rules:
        raise NotFound('rules')
    return render_template('rules.html', title=_('Rules'))
