"""What `flask doctor` looks at: each check says what it found, and what to do where something is wrong."""
from app.doctor.examination import examine
from app.doctor.finding import FAULT, FINE, NOTE, Finding

__all__ = ['FAULT', 'FINE', 'NOTE', 'Finding', 'examine']
