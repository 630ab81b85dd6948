"""What an act may refuse, in terms of the product; `errors/handlers.py` turns it into an answer."""


class DomainError(Exception):
    """Something the rules of the product do not allow."""


class NotFound(DomainError):
    """There is no such thing, or the viewer may not know that there is."""


class AccountGone(NotFound):
    """The account that acts was deleted a moment ago, from another device or by the operator."""


class Gone(DomainError):
    """It existed, everybody could see it, and its author deleted it."""


class Forbidden(DomainError):
    """The viewer may know about it but not do this; `message` says why in the reader's language."""

    def __init__(self, message):
        super().__init__(str(message))
        self.message = message


class Interrupted(DomainError):
    """Something came in between, and the same act is to run once more, from the beginning."""


class Busy(DomainError):
    """There is more to do than the site can right now; the same request may be sent again in a moment."""


class TooMany(DomainError):
    """This was done too often lately; it may be done again in `seconds`."""

    def __init__(self, seconds: int):
        super().__init__(f'again in {seconds} s')
        self.seconds = seconds


class Refused(DomainError):
    """What was typed into `field` cannot be taken; `message` says what would be right."""

    def __init__(self, field: str, message):
        super().__init__(f'{field}: {message}')
        self.field = field
        self.message = message
