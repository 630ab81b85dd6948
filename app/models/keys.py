"""The stored keys that make names and addresses unique without regard to case, the same on all three databases."""
import string
import unicodedata

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)  # a name has no other letters


def username_key(username: str) -> str:
    """The key of a username; names that differ only in case share it."""
    return username.strip().translate(_LOWER)


def email_key(address: str) -> str:
    """The key of an e-mail address, its domain in ASCII (RFC 5891); addresses that differ only in case share it."""
    local, at, domain = unicodedata.normalize('NFKC', address).strip().rpartition('@')
    if not domain.isascii():
        domain = _ascii_domain(domain)
    return (local + at + domain).casefold()


def name_key(name: str) -> str:
    """A display name without case and accents, cut to the length of its column: what a search for people compares."""
    return _bare(name).strip()[:50]


def tag_key(tag: str) -> str:
    """The key of a tag, without its sign: tags that differ only in case, width and accents share it; '' for no tag."""
    letters = (c for c in _bare(tag) if c == '_' or unicodedata.category(c)[0] in 'LMN')
    return ''.join(letters)[:100]


def _bare(text: str) -> str:
    """Without case and accents."""
    bare = ''.join(c for c in unicodedata.normalize('NFKD', text) if not unicodedata.combining(c))
    return unicodedata.normalize('NFKC', bare).casefold()


def _ascii_domain(domain: str) -> str:
    """The domain as mail servers know it; unchanged when it is none, so that a look-up finds nothing."""
    import idna  # its tables are large and rarely needed
    try:
        return idna.encode(domain, uts46=True).decode('ascii')
    except idna.IDNAError:
        return domain
