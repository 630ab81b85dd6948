"""The application that `flask` and gunicorn run, and what `flask shell` knows."""
import sqlalchemy as sa
import sqlalchemy.orm as so

from app import create_app, db, models

app = create_app()


@app.shell_context_processor
def make_shell_context() -> dict:
    """Every model by its name, as the tutorial has it."""
    return {'app': app, 'db': db, 'sa': sa, 'so': so, **{name: getattr(models, name) for name in models.__all__}}


def __getattr__(name: str):
    """Celery's application, made when a worker asks for it: `celery -A microblog.celery worker`."""
    if name != 'celery':
        raise AttributeError(f'module {__name__} has no attribute {name}')
    from app.tasks import broker  # only now: Celery takes a third of a second to load, and 20 MB
    return broker.celery_of(app)
