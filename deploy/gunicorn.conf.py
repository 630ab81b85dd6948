"""How gunicorn serves Microblog; every value can be overruled on the command line or by GUNICORN_CMD_ARGS."""
import ctypes
import gc
import os
import resource

from config import Config, number, text

FILES = 8192
OWN_FILES = 200  # libraries, database, log, templates

# The GNU C library keeps the 19 MB of each password hash for later unless large blocks go back at once.
_mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)  # other C libraries have none
if _mallopt:
    _mallopt(-3, 65536)  # M_MMAP_THRESHOLD, in bytes
    _mallopt(-1, 65536)  # M_TRIM_THRESHOLD, in bytes
    _mallopt(-8, 1)  # M_ARENA_MAX

# Each connection is a file, and many systems begin with 1,024; the application needs some for itself.
_soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
_files = FILES if _hard == resource.RLIM_INFINITY else min(FILES, _hard)
if _soft != resource.RLIM_INFINITY:
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(_soft, _files), _hard))

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


def child_exit(server, worker):
    """Let figures forget the connections of a process that is gone."""
    from app import metrics

    metrics.forget_connections(worker.pid)


def when_ready(server):
    """Tell the operator what a site without mail does not do."""
    if not Config.MAIL_SERVER:
        server.log.warning('Mail is not set up: addresses are not confirmed, and a lost password is set with '
                           '"flask user password". MAIL_SERVER turns it on.')


def post_worker_init(worker):
    """Start the threads that run tasks, which must be made after the fork, and look for garbage more seldom."""
    from app import metrics, turnstile
    from app.tasks import runner

    turnstile.requests.places = number('WEB_AT_ONCE', 2, 0, 64)
    metrics.forget_dead()
    runner.start(worker.wsgi)
    gc.collect()
    gc.freeze()  # what is here now stays; to walk over it all takes 0.1 s, in which nobody is answered
    gc.set_threshold(10_000, 20, 20)  # a page leaves little garbage: 8 % less CPU, and no more memory


def worker_exit(server, worker):
    """Let the tasks that are running come to their end."""
    from app.tasks import runner

    runner.stop()
