"""The application factory."""
from flask import Flask

import config
from app import database, deadlines, languages, logs, migrating  # noqa: F401 deadlines listens to every connection
from app.extensions import bootstrap, csrf, db, login, mail, moment
from config import Config

__all__ = ['create_app', 'db']


def create_app(config_class: type = Config) -> Flask:
    """Make an application with these settings; SettingError when it cannot run with them."""
    from app import guard, metrics, signing, transfer
    app = guard.Application(__name__)
    app.config.from_object(config_class)
    config.derive(app.config)
    app.config.setdefault('SQLALCHEMY_ENGINE_OPTIONS', database.engine_options(app.config['SQLALCHEMY_DATABASE_URI']))
    logs.init_app(app)
    signing.init_app(app)
    metrics.init_app(app)
    transfer.init_app(app)
    guard.init_app(app)  # before all others: a refused form token has a number too, a foreign host no page
    init_extensions(app)
    init_parts(app)
    register_blueprints(app)
    return app


def init_extensions(app: Flask) -> None:
    """Bind the extensions."""
    db.init_app(app)
    login.init_app(app)
    mail.init_app(app)
    bootstrap.init_app(app)
    moment.init_app(app)
    csrf.init_app(app)
    languages.init_app(app)
    migrating.init_app(app)


def init_parts(app: Flask) -> None:
    """Bind what is our own: ids in addresses, sessions, limits, templates, the task runner, mails for errors."""
    from app import email, incoming, limits, templating
    from app.auth import sessions
    from app.search import embedded, indexing, tutorial  # noqa: F401 they listen to posts and bring them in
    from app.services import upkeep  # noqa: F401 registers its periodic job
    from app.tasks import runner
    if app.config['ELASTICSEARCH_URL']:
        from app.search import elastic  # noqa: F401 registers its jobs
    incoming.init_app(app)
    sessions.init_app(app)
    limits.init_app(app)
    templating.init_app(app)
    runner.init_app(app)
    logs.mail_errors(app, email.ErrorMails(app))


def register_blueprints(app: Flask) -> None:
    """Put every edge at its address."""
    from app import admin, auth, cli, errors, exports, feeds, main, messages, notifications, posts, relations, settings
    app.register_blueprint(errors.bp)
    app.register_blueprint(admin.bp)
    app.register_blueprint(auth.bp, url_prefix='/auth')
    app.register_blueprint(main.bp)
    app.register_blueprint(messages.bp)
    app.register_blueprint(notifications.bp)
    app.register_blueprint(posts.bp, url_prefix='/post')
    app.register_blueprint(relations.bp)
    app.register_blueprint(settings.bp, url_prefix='/settings')
    app.register_blueprint(exports.bp)
    app.register_blueprint(feeds.bp)
    cli.init_app(app)


from app import models  # noqa: E402, F401 so that `from app.models import User` works for every importer
