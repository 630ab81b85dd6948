"""What a username and an e-mail address may be: one rule for forms, command line and later doors."""
import re

from flask_babel import lazy_gettext as _l

from app.exceptions import Refused
from app.models import username_key

USERNAME_MAX = 30
EMAIL_MAX = 120

# Said of a name that somebody has, had lately, or that nobody may have: the three cannot be told apart.
TAKEN = _l('This username is taken.')

# Not \w: with look-alikes from other scripts one could pass for somebody else.
_USERNAME = re.compile(r'[A-Za-z0-9_]+')

# Without underscores, as they are compared. First segments of addresses, now and to come:
_PATHS = """
    about api auth avatar block bootstrap confirm editprofile explore exportposts favicon feed follow
    followrequests healthz index keyboard language likes login logout media messages metrics moment mute
    notifications post posts readyz register resetpassword robots rules search security securitytxt sendmessage
    settings static tag tags unblock unfollow unmute user users welcome
    wellknown
"""
# Words that would be taken for the site itself, for those who run it, or for nobody:
_ROLES = """
    abuse account accounts admin administrator administrators admins all anonymous bot deleted everybody
    everyone ftp help here home hostmaster info mail mailerdaemon me microblog mod moderator
    moderators mods nobody none noreply null official operator owner postmaster privacy public root
    somebody staff status support sysadmin system team undefined unknown username webmaster www you
"""
RESERVED = frozenset(_PATHS.split() + _ROLES.split())


def check_username(name: str) -> str:
    """The name as it is shown; Refused when nobody may have it. Who has it already, the database knows."""
    if not _USERNAME.fullmatch(name):
        raise Refused('username', _l('A username has only letters from A to Z, digits and underscores.'))
    if len(name) > USERNAME_MAX:
        raise Refused('username', _l('A username has at most %(limit)s characters.', limit=USERNAME_MAX))
    if not name.strip('_'):
        raise Refused('username', _l('A username has at least one letter or digit.'))
    if is_reserved(name):
        raise Refused('username', TAKEN)
    return name


def is_reserved(name: str) -> bool:
    """True for names that nobody may have, however they are spelled with capitals and underscores."""
    return username_key(name).replace('_', '') in RESERVED


def check_email(address: str) -> str:
    """The address in the form to store, its domain in ASCII (RFC 5891); Refused for what is no mail address.

    Letters beyond ASCII before the @ (RFC 6531) are refused: few mail servers take them, and they allow
    look-alikes. No look-up is made: whether mail arrives, the confirmation shows.
    """
    from email_validator import EmailNotValidError, validate_email  # here, because its tables weigh 3 MB

    address = address.strip(' ')
    if len(address) > EMAIL_MAX:
        raise _too_long()
    if '@' in address and not address.rpartition('@')[0].isascii():
        raise Refused('email', _l('Before the @, use only A to Z, digits and . _ + -'))
    try:
        stored = validate_email(
            address, allow_smtputf8=False, check_deliverability=False, test_environment=True, strict=True).ascii_email
    except EmailNotValidError:
        raise Refused('email', _l('Enter an e-mail address like name@example.com.')) from None
    if stored is None or len(stored) > EMAIL_MAX:
        raise _too_long()
    return stored


def _too_long() -> Refused:
    return Refused('email', _l('An e-mail address has at most %(limit)s characters.', limit=EMAIL_MAX))
