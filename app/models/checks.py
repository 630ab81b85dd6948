"""What the database itself refuses as a name or an address, whoever writes the row; `policies/names.py` says it kindly.

Each of the three has its own words for a set of characters. SQLite alone does not keep to the length of a column, and
its functions take a text to end at NUL.
"""
import sqlalchemy as sa

# At least one letter or digit, and the key that makes the name unique is its own.
_USERNAME = " AND replace(username, '_', '') <> '' AND username_key = lower(username)"
_EMAIL = " AND replace(email, '@', '') <> email"

USERNAME = {
    'sqlite': "username NOT GLOB '*[^A-Za-z0-9_]*' AND length(username) <= 30 "
              'AND length(CAST(username AS BLOB)) = length(username)' + _USERNAME,
    'postgresql': "username !~ '[^A-Za-z0-9_]'" + _USERNAME.replace('lower(username)', 'lower(username COLLATE "C")'),
    'mysql': "username NOT REGEXP '[^A-Za-z0-9_]'" + _USERNAME,
}
EMAIL = {
    'sqlite': "email NOT GLOB '*[' || char(1) || '-' || char(32) || char(127) || ']*' AND length(email) <= 120 "
              "AND instr(CAST(email AS BLOB), x'00') = 0" + _EMAIL,
    'postgresql': "email !~ '[[:cntrl:][:space:]]'" + _EMAIL,
    'mysql': "email NOT REGEXP '[[:cntrl:][:space:]]'" + _EMAIL,
}


def checks(name: str, conditions: dict[str, str]) -> list[sa.CheckConstraint]:
    """The constraint of this name, once for each database, of which it sees its own only."""
    return [sa.CheckConstraint(sa.text(condition.replace(':', r'\:')), name=name).ddl_if(dialect=dialect)
            for dialect, condition in conditions.items()]
