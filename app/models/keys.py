"""The stored keys that make names and addresses unique without regard to case, the same on all three databases."""
import unicodedata


def username_key(username: str) -> str:
    """The key of a username; names that differ only in case share it."""
    return unicodedata.normalize('NFKC', username).strip().casefold()


def email_key(address: str) -> str:
    """The key of an e-mail address, its domain in ASCII (RFC 5891); addresses that differ only in case share it."""
    local, at, domain = unicodedata.normalize('NFKC', address).strip().rpartition('@')
    try:
        domain = domain.encode('idna').decode('ascii')
    except UnicodeError:
        pass  # not a domain name: `policies/names.py` refuses it, a look-up finds nothing
    return (local + at + domain).casefold()


def name_key(name: str) -> str:
    """A display name without case and accents, cut to the length of its column: what a search for people compares."""
    bare = ''.join(c for c in unicodedata.normalize('NFKD', name) if not unicodedata.combining(c))
    return unicodedata.normalize('NFKC', bare).casefold().strip()[:50]
