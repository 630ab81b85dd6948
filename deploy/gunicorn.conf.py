"""How gunicorn serves Microblog; every value can be overruled on the command line or by GUNICORN_CMD_ARGS."""
import ctypes
import gc
import os
import resource
import subprocess  # nosec B404
import sys

# At a reload this file is read again, and so is everything else: the new workers are forked from this process, which
# may hold a part of the old release, to which SQLAlchemy is not to listen any more. A malformed setting would end this
# process: another one looks first, and says what is wrong; then the site goes on with the settings that it has.
if 'deploy.worker' in sys.modules:
    _look = 'import runpy, sys; runpy.run_path(sys.argv[1]); print("sound")'
    _looking = subprocess.run(  # noqa: S603 this file  # nosec B603
        [sys.executable, '-c', _look, __file__], stdout=subprocess.PIPE, check=False)
    if _looking.stdout == b'sound\n':  # gunicorn may have asked for the exit code first
        if 'app.listening' in sys.modules:
            sys.modules['app.listening'].end()
        _ours = 'app', 'config', 'deploy', 'microblog'
        for _name in [name for name in sys.modules if name.partition('.')[0] in _ours]:
            del sys.modules[_name]

from config import Config, derive, number, text

FILES = 8192
OWN_FILES = 200  # libraries, database, log, templates

# The GNU C library keeps the 19 MB of each password hash for later unless large blocks go back at once; what a page
# needs is kept, since giving it back and asking for it anew costs 240 page faults a page, half a millisecond.
_mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)  # other C libraries have none
if _mallopt:
    _mallopt(-3, 262_144)  # M_MMAP_THRESHOLD, in bytes
    _mallopt(-1, 1_048_576)  # M_TRIM_THRESHOLD, in bytes
    _mallopt(-8, 1)  # M_ARENA_MAX

# Each connection is a file, and many systems begin with 1,024; the application needs some for itself.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_files = FILES if _hard == resource.RLIM_INFINITY else min(FILES, _hard)
if _soft != resource.RLIM_INFINITY:
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(_soft, _files), _hard))

# What would end each worker, one after the other, ends the start, and at a reload the look: everything is read here.
derive({name: getattr(Config, name) for name in dir(Config) if name.isupper()})
_at_once = number('WEB_AT_ONCE', 1, 0, 64) if text('WEB_AT_ONCE') else None
_host = text('HOST', '127.0.0.1')

bind = f'[{_host}]:{Config.PORT}' if ':' in _host else f'{_host}:{Config.PORT}'
workers = number('WEB_CONCURRENCY', 1, 1, 64)
threads = number('WEB_THREADS', 12, 1, 64)
worker_class = 'deploy.worker.PatientWorker'
worker_connections = max(min(1000, _files - OWN_FILES), 20)
keepalive = 15
graceful_timeout = 30
# A heartbeat file must not wait for a disk.
worker_tmp_dir = '/dev/shm' if os.path.isdir('/dev/shm') else None  # noqa: S108  # nosec B108
limit_request_line = 8190
control_socket_disable = True  # it would be opened below $HOME
forwarded_allow_ips = ''  # whom to believe is the application's matter: TRUSTED_PROXIES


def on_starting(server):
    """Begin to count anew."""
    if Config.METRICS_TOKEN:
        from app import metrics

        metrics.forget_dead()


def child_exit(server, worker):
    """Let the other workers forget the connections of a process that is gone."""
    from deploy.worker import loads

    loads.forget(worker.age)


def when_ready(server):
    """Tell the operator what a site without mail does not do."""
    if not Config.MAIL_SERVER:
        server.log.warning('Mail is not set up: addresses are not confirmed, and a lost password is set with '
                           '"flask user password". MAIL_SERVER turns it on.')


def post_worker_init(worker):
    """Start the threads that run tasks, which must be made after the fork, and look for garbage more seldom."""
    from app import turnstile
    from app.database import is_near
    from app.languages import forget_regions
    from app.tasks import runner

    forget_regions(Config.LANGUAGES)
    # While an answer of the database is on its way, the process goes on with another request.
    near = 1 if is_near(Config.SQLALCHEMY_DATABASE_URI) else 2
    turnstile.requests.places = near if _at_once is None else _at_once
    runner.start(worker.wsgi)
    gc.collect()
    gc.freeze()  # what is here now stays; to walk over it all takes 0.1 s, in which nobody is answered
    gc.set_threshold(5_000, 20, 20)  # a page leaves little garbage: 8 % less CPU; with 10,000 1 MB more


def worker_exit(server, worker):
    """Let the tasks that are running come to their end."""
    from app.tasks import runner

    runner.stop()
