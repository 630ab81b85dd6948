"""The application that `flask` and gunicorn run, and what `flask shell` knows."""
import sqlalchemy as sa
import sqlalchemy.orm as so

from app import create_app, db, models

app = create_app()


@app.shell_context_processor
def make_shell_context() -> dict:
    """Every model by its name, as the tutorial has it."""
    return {'app': app, 'db': db, 'sa': sa, 'so': so, **{name: getattr(models, name) for name in models.__all__}}
