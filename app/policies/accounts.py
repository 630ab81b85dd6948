"""What an account has to have done before it may do something."""
from flask_babel import lazy_gettext as _l

from app.exceptions import Forbidden, NotFound
from app.models import User


def check_can_act(actor: User) -> None:
    """Refuse what others would see while the e-mail address is not confirmed."""
    if not actor.is_confirmed:
        raise Forbidden(_l('Confirm your e-mail address first: open the link in the e-mail that we sent you.'))
    if not actor.is_active:
        raise Forbidden(_l('This account is suspended.'))


def check_is_admin(actor: User) -> None:
    """Let nobody else know that there is such a page."""
    if not actor.is_admin:
        raise NotFound('page')


def check_is_another(actor: User, user: User) -> None:
    """Let nobody keep themselves out, nor two who look after the site each other: `flask user` does that."""
    if actor.id == user.id or user.is_admin:
        raise Forbidden(_l(
            'This account looks after the site. Whoever runs the site has to take that right away first.'))
