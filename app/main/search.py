"""The search page: people whose name begins like what was typed, and posts."""
from babel.dates import get_timezone
from flask import current_app, jsonify, render_template, request
from flask_login import login_required

from app import languages, rendering, search
from app.auth.sessions import viewer
from app.incoming import cursor
from app.main import bp
from app.main.forms import SearchForm
from app.models import MAX_ID, User
from app.queries import engagement, people
from app.search import ranking, results
from app.search.marks import marker
from app.search.query import Query
from app.text.links import marked

ABOVE = 3  # people above the posts
NAME_READ = 100
OFFERED = 6  # names to someone who is writing one


@bp.route('/search', endpoint='search')
def find():
    """People and posts that were found; which order, and whether people only, the address says."""
    form = SearchForm(request.args)
    typed, show = (form.q.data or '').strip(), request.args.get('show', '')
    kept = {'q': typed, 'show': show} if show in ('best', 'people') else {'q': typed}
    if not typed:
        return page(form, kept, answer=None, found=[])
    if show == 'people':
        return page(form, kept, answer=None, found=people_for(typed, current_app.config['POSTS_PER_PAGE']))
    is_best = show == 'best'
    before, after = (cursor(name, ranking.HIGHEST if is_best else MAX_ID) for name in ('before', 'after'))
    zone = get_timezone(languages.own_timezone() or 'UTC')
    look = results.best if is_best else results.newest
    answer = look(viewer(), typed, zone, before, after, current_app.config['POSTS_PER_PAGE'])
    is_first = before is None and after is None
    return page(form, kept, answer, people_for(typed, ABOVE + 1) if is_first else [])


@bp.route('/search/names')
@login_required
def names():
    """People whose name begins like what is being typed, for the script that offers them."""
    found = people.search(viewer(), request.args.get('q', '')[:NAME_READ], OFFERED)
    return jsonify(people=[{'username': person.username, 'name': person.display_name} for person in found])


def people_for(typed: str, count: int) -> list[User]:
    """The first people whose name begins like this."""
    return people.search(viewer(), typed[:NAME_READ], count)


def page(form: SearchForm, kept: dict[str, str], answer: results.Answer | None, found: list[User]) -> str:
    """The page; `kept` is what its links carry on."""
    if answer is not None:
        engagement.note(viewer(), answer.page.posts)
    mark = marker(answer.query if answer is not None else Query())
    return render_template(
        'search.html', title=form.q.data or '', form=form, kept=kept, answer=answer,
        page=answer.page if answer else None, people=found if answer is None else found[:ABOVE],
        has_more_people=answer is not None and len(found) > ABOVE,
        is_filling=answer is not None and search.state() == 'filling',
        following_ids=people.followed_among(viewer(), found),
        marked=lambda post: marked(post.body, mark, rendering.places(post)))
