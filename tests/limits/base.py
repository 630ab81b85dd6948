"""A site with small limits, visitors with addresses, and what a form's answer is."""
from app import limits
from tests.accounts import AccountCase
from tests.base import PASSWORD, Visitor
from tests.world import LiveConfig


class SmallLimits(LiveConfig):
    """Three of everything, in windows that outlast a test."""

    RATELIMIT_ENABLED = True
    LIMIT_LOGIN = LIMIT_RESET = LIMIT_REGISTER = LIMIT_POST = LIMIT_MESSAGE = '3 per 5 minute'
    LIMIT_LOGIN_ALL = LIMIT_RESET_ALL = LIMIT_REGISTER_ALL = '100 per 5 minute'
    LIMIT_WRITE = '300 per 5 minute'


class LimitCase(AccountCase):
    """A test of a site that limits; each begins with nothing counted."""

    config = SmallLimits

    @property
    def counts(self):
        """The storage of the site."""
        with self.app.app_context():
            return limits._counting()[0]

    def tearDown(self):
        counts = self.counts
        counts.spare.reset()
        counts.is_away, counts.has_said, counts.quiet_until = False, False, 0.0
        super().tearDown()

    @classmethod
    def tearDownClass(cls):
        with cls.app.app_context():
            counts = limits._counting()[0]
        if hasattr(counts.behind, 'engine'):
            counts.behind.engine.dispose()
        super().tearDownClass()

    def at(self, address: str, **headers: str) -> Visitor:
        """Somebody with a browser at this network address."""
        visitor = self.new_visitor(**headers)
        visitor.client.environ_base['REMOTE_ADDR'] = address
        return visitor

    def tries(self, visitor: Visitor, username: str, password: str = 'wrong'):
        """An attempt to log in; its answer."""
        return visitor.submit('/auth/login', username=username, password=password)

    def guesses(self, number: int, username: str, network: str = '198.51.100') -> list[int]:
        """What so many wrong passwords are answered, each sent from an address of its own."""
        return [self.tries(self.at(f'{network}.{last}'), username).status_code for last in range(1, number + 1)]

    def known(self, username: str, address: str = '203.0.113.7') -> Visitor:
        """The owner of an account, logged out, in a browser that was logged in before."""
        visitor = self.at(address)
        assert self.tries(visitor, username, PASSWORD).status_code == 302
        visitor.submit('/auth/logout', page='/settings')
        return visitor

