"""Words for tests of exports: ask for a file, let it be made, open it."""
import io
import json
import zipfile

import sqlalchemy as sa

from app import db
from app.models import Export, ExportPart, Task
from tests.accounts import AccountCase
from tests.base import PASSWORD

PAGE = '/export_posts'


class ExportCase(AccountCase):
    """A test with Susan, who takes her data along."""

    def setUp(self):
        super().setUp()
        self.susan = self.log_in('susan')

    def ask(self, visitor=None, password=PASSWORD):
        """Send the form that asks for a file."""
        return (visitor or self.susan).submit(PAGE, current_password=password)

    def forget_proof(self, visitor=None):
        """Let a browser be one in which the password was not typed lately."""
        with (visitor or self.susan).client.session_transaction() as session:
            del session['proved_at']

    def make(self, visitor=None) -> int:
        """Ask for a file and let it be made; its id."""
        self.assertEqual(302, self.ask(visitor).status_code)
        self.run_tasks()
        return self.value(sa.select(sa.func.max(Export.id)))

    def fetch(self, id: int, visitor=None, **headers) -> bytes:
        """The file, by a browser in which the password was typed a moment ago."""
        answer = (visitor or self.susan).get(f'{PAGE}/{id}', headers=headers)
        self.assertIn(answer.status_code, (200, 206))
        content = answer.get_data()
        answer.close()
        return content

    def open(self, id: int) -> zipfile.ZipFile:
        """The file as an archive, of which everything is read and checked."""
        archive = zipfile.ZipFile(io.BytesIO(self.fetch(id)))
        self.assertIsNone(archive.testzip())
        return archive

    def data(self, id: int, name: str):
        """What one file of JSON in it says."""
        return json.loads(self.open(id).read(f'data/{name}.json'))

    def change_rows(self, model, **values) -> None:
        """Change columns of every row."""
        with self.app.app_context():
            db.session.execute(sa.update(model).values(values))
            db.session.commit()

    def counts(self) -> tuple[int, int]:
        """How many exports and pieces there are."""
        return self.rows(Export), self.rows(ExportPart)

    def task(self) -> Task:
        """The task that makes the newest file."""
        with self.app.app_context():
            return db.session.scalar(sa.select(Task).where(Task.name == 'pack_export').order_by(Task.id.desc()))
