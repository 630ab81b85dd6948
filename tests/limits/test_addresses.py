"""Who asks: the address of the connection, or what trusted proxies say; a network of IPv6 is one."""
from app.limits import client_address
from tests.limits.base import LimitCase, SmallLimits


class Direct(LimitCase):
    class config(SmallLimits):
        LIMIT_WRITE = '1 per 5 minute'

    def same(self, first: str, second: str, **headers) -> bool:
        """True when two addresses count as one."""
        self.counts.reset()
        self.at(first, **headers).post('/language', {})
        return self.at(second, **headers).post('/language', {}).status_code == 429

    def test_addresses_of_ipv4_are_counted_each_by_itself(self):
        self.assertTrue(self.same('198.51.100.1', '198.51.100.1'))
        self.assertFalse(self.same('198.51.100.1', '198.51.100.2'))

    def test_addresses_of_ipv6_are_counted_by_their_network(self):
        self.assertTrue(self.same('2001:db8:1:2::1', '2001:db8:1:2:ffff:0:ffff:9'))
        self.assertTrue(self.same('::1', '::2'))
        self.assertFalse(self.same('2001:db8:1:2::1', '2001:db8:1:3::1'))

    def test_the_same_address_in_both_worlds_is_one(self):
        self.assertTrue(self.same('::ffff:198.51.100.1', '198.51.100.1'))
        self.assertFalse(self.same('::ffff:198.51.100.1', '::ffff:198.51.100.2'))

    def test_what_clients_say_of_themselves_is_not_believed(self):
        for name in ('X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Client-IP'):
            self.counts.reset()
            said = [self.at('198.51.100.1', **{name: f'203.0.113.{n}'}).post('/language', {}).status_code
                    for n in range(2)]
            self.assertEqual([302, 429], said, name)

    def test_a_port_and_nonsense_make_nobody_somebody_else(self):
        for text, wanted in (('198.51.100.1:5000', '198.51.100.1'), ('[2001:db8::1]:80', '2001:db8::/64'),
                             ('2001:db8::1', '2001:db8::/64'), ('fe80::1%eth0', 'fe80::/64'), ('unknown', 'unknown'),
                             ('', 'unknown'), ('x' * 5000, 'unknown'), ('1:2', 'unknown')):
            with self.app.test_request_context(environ_overrides={'REMOTE_ADDR': text}):
                self.assertEqual(wanted, client_address(), text[:40])


class BehindOneProxy(LimitCase):
    class config(SmallLimits):
        LIMIT_WRITE = '1 per 5 minute'
        TRUSTED_PROXIES = 1

    def said(self, *forwarded: str) -> list[int]:
        """What each of several requests by way of the proxy is answered."""
        return [self.at('10.0.0.1', **({'X-Forwarded-For': value} if value else {})).post('/language', {}).status_code
                for value in forwarded]

    def test_the_last_address_in_the_list_counts(self):
        self.assertEqual([302, 302, 429], self.said('198.51.100.1', '198.51.100.2', '198.51.100.1'))

    def test_what_the_client_put_before_it_does_not(self):
        self.assertEqual([302, 429, 429], self.said('198.51.100.1', '1.1.1.1, 198.51.100.1', '2.2.2.2,198.51.100.1'))

    def test_a_request_without_the_header_is_the_proxys(self):
        self.assertEqual([302, 429], self.said('', ''))


class BehindTwoProxies(BehindOneProxy):
    class config(SmallLimits):
        LIMIT_WRITE = '1 per 5 minute'
        TRUSTED_PROXIES = 2

    def test_the_last_address_in_the_list_counts(self):
        self.assertEqual([302, 302, 429], self.said('198.51.100.1, 10.0.0.2', '198.51.100.2, 10.0.0.2',
                                                    '198.51.100.1, 10.0.0.3'))

    def test_what_the_client_put_before_it_does_not(self):
        self.assertEqual([302, 429], self.said('198.51.100.1, 10.0.0.2', '1.1.1.1, 198.51.100.1, 10.0.0.2'))

    def test_a_list_that_is_too_short_is_not_believed(self):
        self.assertEqual([302, 429], self.said('198.51.100.1', '198.51.100.2'))
