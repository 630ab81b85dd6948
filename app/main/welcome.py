"""The first steps of a new account: who one is, whom one reads, a first post. Each may be left out."""
from flask import redirect, render_template, url_for
from flask_babel import _
from flask_login import login_required

from app.auth.sessions import me
from app.exceptions import Refused
from app.extensions import db
from app.forms import refuse
from app.main import bp
from app.main.forms import IntroductionForm, PostForm
from app.main.routes import publish
from app.queries import people as reading
from app.queries import relations
from app.services import people

SUGGESTED = 10


@bp.route('/welcome', methods=['GET', 'POST'])
@login_required
def welcome():
    """Say who one is: the picture that others see, a name, a line."""
    form = IntroductionForm(obj=me())
    if form.validate_on_submit():
        try:
            people.edit_profile(me(), form.name.data or '', form.about_me.data or '')
            db.session.commit()
            return redirect(url_for('main.welcome_people'))
        except Refused as error:
            db.session.rollback()
            refuse(form, error)
    return render_template('welcome/you.html', title=_('Say who you are'), form=form, step=1)


@bp.route('/welcome/people')
@login_required
def welcome_people():
    """Follow a few people, so that home is not empty."""
    found = reading.suggestions(me(), SUGGESTED)
    return render_template('welcome/people.html', title=_('Follow a few people'), people=found, step=2)


@bp.route('/welcome/post', methods=['GET', 'POST'])
@login_required
def welcome_post():
    """Write a first post."""
    form = PostForm()
    if form.validate_on_submit() and publish(form):
        return redirect(url_for('main.index'))
    form.offer(relations.widest_offered(me()))
    return render_template('welcome/post.html', title=_('Write your first post'), form=form, step=3)
