"""What those who run the site say of it."""
from flask_babel import lazy_gettext as _l

from app import events
from app.exceptions import Refused
from app.models import BANNER_MAX, RULES_MAX, SITE_NAME_MAX, SiteWords, User, insert_once
from app.policies.accounts import check_is_admin
from app.queries import site as reading
from app.text.cleaning import clean, clean_line


def describe(actor: User, name: str, rules: str, banner: str) -> None:
    """Call the site by a name, set its rules and the banner over every page; empty ones are not shown."""
    check_is_admin(actor)
    said = {'name': clean_line(name), 'rules': clean(rules), 'banner': clean(banner)}
    _check(said)
    insert_once(SiteWords, id=1)
    row = reading.words()
    changed = [field for field, text in said.items() if getattr(row, field) != text]
    for field in changed:
        setattr(row, field, said[field])
    if changed:
        events.log_later('site_described', actor, changed=','.join(changed))


def _check(said: dict[str, str]) -> None:
    if not said['name']:
        raise Refused('name', _l('Fill this in.'))
    if len(said['name']) > SITE_NAME_MAX:
        raise Refused('name', _l('A name has at most %(limit)s characters.', limit=SITE_NAME_MAX))
    for field, limit in (('rules', RULES_MAX), ('banner', BANNER_MAX)):
        if len(said[field]) > limit:
            raise Refused(field, _l('This text has at most %(limit)s characters.', limit=limit))
