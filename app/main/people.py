"""Profiles, following, pictures."""
from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import _
from flask_login import login_required

from app import limits
from app.auth.sessions import me, safe_next, viewer
from app.exceptions import NotFound, Refused
from app.extensions import db
from app.forms import refuse
from app.identicon import identicon
from app.incoming import cursor, wants_piece
from app.languages import isolated
from app.main import bp
from app.main.forms import EditProfileForm
from app.models import Avatar, User
from app.policies.messages import can_write
from app.queries import engagement, relations, timelines
from app.queries import people as reading
from app.services import people

LARGEST = 512
POPUP_SECONDS = 60


def find(username: str) -> User:
    """The person with this name, now or before; NotFound for the viewer otherwise."""
    user = reading.by_username(viewer(), username)
    if user is None:
        raise NotFound('user')
    return user


def with_people(username: str) -> User:
    """The same, if the viewer may see who follows them and whom they follow."""
    user = reading.with_people(viewer(), username)
    if user is None:
        raise NotFound('user')
    return user


def known(username: str) -> User:
    """The same, or somebody whom the viewer has blocked."""
    user = reading.known(viewer(), username)
    if user is None:
        raise NotFound('user')
    return user


def moved(user: User, username: str):
    """The way on when the address has another spelling than the name, else None. No cache may keep it: names return."""
    if user.username == username:
        return None
    address = url_for(request.endpoint or 'main.user', **{**(request.view_args or {}), 'username': user.username})
    query = request.query_string.decode()
    response = redirect(f'{address}?{query}' if query else address, 301)
    response.headers['Cache-Control'] = 'no-cache'
    return response


@bp.route('/@<username>')
def short_user(username):
    """The short form of a profile's address."""
    return redirect(url_for('main.user', username=find(username).username), 301)


@bp.route('/user/<username>')
def user(username):
    """A profile with its posts."""
    user = known(username)
    page = timelines.profile(viewer(), user, cursor('before'), cursor('after'), current_app.config['POSTS_PER_PAGE'])
    engagement.note(viewer(), page.posts)
    relation = relations.of(viewer(), user)
    return moved(user, username) or render_template(
        'user.html', title=isolated(user.display_name), user=user, page=page, relation=relation,
        can_write=can_write(viewer(), user, relation.takes_no_messages))


@bp.route('/user/<username>/popup')
def user_popup(username):
    """A card about somebody, a piece of a page for the script; kept for a moment under the same cookie."""
    user = find(username)
    response = make_response(moved(user, username) or render_template(
        '_popup.html', user=user, relation=relations.of(viewer(), user)))
    response.headers.setdefault('Cache-Control', f'private, max-age={POPUP_SECONDS}')
    return response


@bp.route('/user/<username>/followers')
def followers(username):
    """Who follows somebody."""
    user = with_people(username)
    title = _('Followers of %(name)s', name=isolated(user.display_name))
    return moved(user, username) or people_page(user, title, reading.followers_of)


@bp.route('/user/<username>/following')
def following(username):
    """Whom somebody follows."""
    user = with_people(username)
    title = _('People whom %(name)s follows', name=isolated(user.display_name))
    return moved(user, username) or people_page(user, title, reading.following_of)


def people_page(user: User, title: str, read) -> str:
    """A page of people with its cursors."""
    found, newer, older = read(viewer(), user, request.args.get('before'), request.args.get('after'),
                               current_app.config['POSTS_PER_PAGE'])
    return render_template('people.html', title=title, user=user, people=found, newer=newer, older=older,
                           following_ids=reading.followed_among(viewer(), found))


@bp.route('/follow/<username>', methods=['POST'])
@login_required
def follow(username):
    """Follow somebody, or ask them."""
    user = known(username)
    follows = people.follow(me(), user)
    db.session.commit()
    if wants_piece():
        return followed(user, reading.FOLLOWING if follows else reading.ASKED)
    name = isolated(user.display_name)
    flash(_('You follow %(name)s.', name=name) if follows else _('You asked to follow %(name)s.', name=name),
          'success')
    return redirect(safe_next(url_for('main.user', username=user.username)))


@bp.route('/unfollow/<username>', methods=['POST'])
@login_required
def unfollow(username):
    """Stop following somebody, or asking to."""
    user = known(username)
    people.unfollow(me(), user)
    db.session.commit()
    if wants_piece():
        return followed(user, '')
    flash(_('You no longer follow %(name)s.', name=isolated(user.display_name)), 'success')
    return redirect(safe_next(url_for('main.user', username=user.username)))


def followed(user: User, follows: str) -> str:
    """The button as it is after the act, a piece of a page for the script."""
    return render_template('_followed.html', person=user, follows=follows, main='main' in request.form)


@bp.route('/edit_profile', methods=['GET', 'POST'])
@login_required
def edit_profile():
    """Change what one's own profile says."""
    form = EditProfileForm(obj=me())
    if form.validate_on_submit():
        try:
            save_profile(form)
            db.session.commit()
        except Refused as error:
            db.session.rollback()
            refuse(form, error)
            if error.field != 'password':
                limits.give_back()
        else:
            limits.give_back()
            flash(_('Your profile is saved.'), 'success')
            return redirect(url_for('main.user', username=me().username))
    return render_template('edit_profile.html', title=_('Edit profile'), form=form)


def save_profile(form: EditProfileForm) -> None:
    """Change name and text, and the username when another one was typed; what was not sent stays."""
    if form.username.raw_data:
        people.rename(me(), (form.username.data or '').strip(), form.password.data or '')
    people.edit_profile(me(), form.name.data or '', form.about_me.data or '')


@bp.route('/avatar/<id:id>/<id:size>')
def avatar(id, size):
    """A person's picture: the stored one, else an identicon. Kept for ever only under the address of this picture."""
    user = db.session.get(User, id)
    if not 1 <= size <= LARGEST or user is None or not (user.is_confirmed or user is viewer() or _is_admin()):
        abort(404)  # a picture tells no more of who is unconfirmed than a profile
    stored = db.session.get(Avatar, id)
    response = make_response(stored.picture if stored is not None else identicon(id))
    response.mimetype = stored.media_type if stored is not None else 'image/svg+xml'
    reach = 'private' if current_app.config['SITE_CLOSED'] else 'public'
    is_current = request.args.get('v') == str(user.avatar_version)
    response.headers['Cache-Control'] = f'{reach}, {"max-age=31536000, immutable" if is_current else "no-cache"}'
    return response


def _is_admin() -> bool:
    """True for whoever looks after accounts, confirmed or not."""
    reader = viewer()
    return reader is not None and reader.is_admin
