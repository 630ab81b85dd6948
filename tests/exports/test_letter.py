"""Who asked for a file hears by mail that it is there, when the site has mail."""
from tests.accounts import LetterCase
from tests.base import PASSWORD
from tests.exports.base import PAGE


class Letter(LetterCase):
    def test_leads_to_the_page_with_the_file(self):
        self.person('susan', language='en')
        susan = self.log_in('susan')
        susan.submit(PAGE, current_password=PASSWORD)
        self.arrived()
        letters = [letter for letter in self.mailbox.letters if letter['To'] == 'susan@example.com']
        self.assertEqual(1, len(letters), [letter['Subject'] for letter in self.mailbox.letters])
        self.assertEqual(PAGE, self.link())
        self.assertIn('Your file is ready', susan.get(PAGE).text)
