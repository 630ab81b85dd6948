"""A whole site in one file, and back, on any of the three databases: docs/backup.md says what is in it.

A ZIP file: `tables/NAME.jsonl` has a row of the table in each line, an array in the order of its columns;
`settings.json` what was set and is no secret; `manifest.json` the rest. Its comment is the SHA-256 of all before it.
"""
from app.backup.file import BackupError, Manifest
from app.backup.restoring import restore
from app.backup.writing import write

__all__ = ['BackupError', 'Manifest', 'restore', 'write']
