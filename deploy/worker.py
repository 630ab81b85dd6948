"""A gunicorn worker whose threads never wait for a client.

gunicorn's threaded worker reads each request in a thread, for as long as the client likes, and closes
connections in its event loop, for up to 2 s each: as many silent clients as there are threads hold up
everybody, and so does one that does not hang up. Here the event loop collects the requests and watches closed
connections end, and a thread gets a request when all of it has arrived.
"""
import contextlib
import errno
import io
import mmap
import re
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from gunicorn import util
from gunicorn.http.body import Body
from gunicorn.http.errors import ChunkMissingTerminator
from gunicorn.workers.gthread import TConn, ThreadWorker

from config import Config

ARRIVAL_SECONDS = 8  # for a whole request, however it drips, and for a client to hang up after the last answer
ANSWER_SECONDS = 30  # for the client to take the answer
STEP_SECONDS = 0.01  # for another worker to take a connection; it mostly needs less than a millisecond
SLACK = 1.25  # times as many as another, and one more, are no reason to wait: many come at one time
HEAD_BYTES = 64 * 1024
BODY_BYTES = Config.MAX_CONTENT_LENGTH
ARRIVING_BYTES = max(64 * 1024 * 1024, BODY_BYTES)  # of all requests together

LENGTH = re.compile(rb'\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n', re.IGNORECASE)
CHUNKED = re.compile(rb'\r\ntransfer-encoding:[^\r\n]*chunked', re.IGNORECASE)
CHUNK = re.compile(rb'([0-9a-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n', re.IGNORECASE)
CHUNK_LINE_BYTES = 256


class Arrival:
    """A request as far as it has arrived, in the buffer of gunicorn's parser."""

    def __init__(self, conn: TConn):
        self.conn = conn
        self.needed = 0  # bytes, of a chunked request those up to the next chunk; unknown until the head is there
        self.is_chunked = self.is_too_long = self.is_broken_off = False

    @property
    def size(self) -> int:
        return self.conn.parser.unreader.buf.getbuffer().nbytes

    @property
    def has_head(self) -> bool:
        return self.needed > 0

    def collect(self) -> bool:
        """Read what is there without waiting; True when a thread need not wait for more."""
        try:
            data = self.conn.sock.recv(HEAD_BYTES)
            self.is_broken_off = not data
        except BlockingIOError:
            data = b''
        except OSError:
            data, self.is_broken_off = b'', True
        self.conn.parser.unreader.buf.seek(0, io.SEEK_END)
        self.conn.parser.unreader.buf.write(data)
        return self._is_whole()

    def _is_whole(self) -> bool:
        buffer = self.conn.parser.unreader.buf
        if not self.has_head:
            self._read_head(buffer.getvalue())
        if self.is_chunked:
            return self._has_last_chunk(buffer)
        return self.has_head and (self.is_too_long or self.size >= self.needed)

    def _has_last_chunk(self, buffer: io.BytesIO) -> bool:
        """Walk from chunk to chunk; a malformed one ends the walk, and the parser will say so."""
        with buffer.getbuffer() as raw:
            while self.needed < len(raw):
                chunk = CHUNK.match(raw, self.needed)
                if not chunk:
                    return len(raw) - self.needed > CHUNK_LINE_BYTES or b'\n' in bytes(raw[self.needed:])
                length = int(chunk[1], 16)
                if not length:
                    return b'\r\n\r\n' in bytes(raw[chunk.end() - 2:])
                self.needed = chunk.end() + length + 2
        return False

    def _read_head(self, raw: bytes) -> None:
        head, end, _ = raw.partition(b'\r\n\r\n')
        if not end:
            return
        head += b'\r\n'
        length = LENGTH.search(head)
        body = int(length[1]) if length else 0
        self.needed = len(head) + 2 + body
        self.is_chunked = bool(CHUNKED.search(head))
        self.is_too_long = body > BODY_BYTES


class Loads:
    """How many connections each worker has, in memory that the workers of one master share."""

    PLACES = 256  # more than there are workers at one time, the leaving ones included

    def __init__(self) -> None:
        self.places = memoryview(mmap.mmap(-1, 4 * self.PLACES)).cast('i')

    def note(self, age: int, connections: int) -> None:
        """Say how many a worker has; gunicorn numbers workers by age."""
        self.places[age % self.PLACES] = connections + 1

    def forget(self, age: int) -> None:
        """A worker takes no more."""
        self.places[age % self.PLACES] = 0

    def least(self, age: int) -> int | None:
        """The fewest that another worker has, when there is another."""
        own = age % self.PLACES
        return min((load - 1 for place, load in enumerate(self.places) if load and place != own), default=None)


loads = Loads()  # made by the master


class PatientWorker(ThreadWorker):
    """gunicorn's threaded worker with an event loop that collects the requests.

    A worker that has more connections than another leaves a new one to it for a moment: the first to wake up would
    take all that come together, and keep them for itself while the other processor has nothing to do.
    """

    stepped_back = 0.0  # until when

    def init_process(self) -> None:
        """Begin, with answers of our own for what never reaches the application.

        The application is read here and not in the master, which may have been there for longer than the files.
        """
        from app import turnstile
        from deploy import refusals
        self.turnstile = turnstile.requests
        refusals.init()
        super().init_process()

    out_of_files = False

    def set_accept_enabled(self, enabled: bool) -> None:
        """Listen for new connections or not; not while another worker may take one."""
        if not enabled:
            loads.forget(self.age)
        if not enabled or time.monotonic() >= self.stepped_back:
            super().set_accept_enabled(enabled)

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, if no other worker has far fewer and the system has a file left for it."""
        now, least = time.monotonic(), loads.least(self.age)
        if least is not None and least * SLACK + 1 < self.nr_conns and now - self.stepped_back > STEP_SECONDS:
            super().set_accept_enabled(False)
            self.stepped_back = now + STEP_SECONDS
            return
        try:
            super().accept(listener)
            self.stepped_back = 0.0  # of those that wait here, the others may have the next one
            loads.note(self.age, self.nr_conns)
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            self.out_of_files = True

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Run what has come; before that, when there is no room, end the connection that has waited for longest."""
        if self.out_of_files or self.nr_conns >= self.worker_connections - 1:
            self.out_of_files = False
            self._drop_longest_idle()
        if self.alive:
            loads.note(self.age, self.nr_conns)
        rest = self.stepped_back - time.monotonic()
        super().wait_for_and_dispatch_events(min(timeout, rest) if rest > 0 else timeout)

    def enqueue_req(self, conn: TConn) -> None:
        """Give a request to a thread as soon as it is complete."""
        conn.init()
        conn.sock.setblocking(False)
        conn.arrival = Arrival(conn)
        if conn.arrival.collect():
            super().enqueue_req(conn)
        elif conn.arrival.is_broken_off:
            self._drop(conn)
        else:
            self._watch(conn, self._on_more)

    def handle(self, conn: TConn):
        """Work on a request when its place comes."""
        with self.turnstile.passed():
            return super().handle(conn)

    def handle_request(self, req, conn: TConn) -> bool:
        """Answer, but not for ever to a client that does not take the answer."""
        if conn.arrival.is_chunked:
            _join_chunks(req, conn)
        conn.sock.settimeout(ANSWER_SECONDS)
        return super().handle_request(req, conn)

    def finish_request(self, conn: TConn, fs: Future) -> None:
        """Keep the connection, or end our side of it and let the event loop wait for the client's."""
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self._hang_up(conn)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        return super()._keepalive_after(conn, keepalive and not conn.arrival.is_too_long)

    def _cap_keepalive(self, deadline: float) -> None:
        super()._cap_keepalive(deadline)
        for conn in self.pending_conns:
            conn.timeout = min(conn.timeout, deadline)

    def _on_more(self, conn: TConn, _: socket.socket) -> None:
        if conn.arrival.collect():
            self._unwatch(conn)
            super().enqueue_req(conn)
        elif conn.arrival.is_broken_off:
            self._unwatch(conn)
            self._drop(conn)
        elif not conn.arrival.has_head and conn.arrival.size > HEAD_BYTES:
            self._refuse(conn, 431, 'Request Header Fields Too Large')
        elif conn.arrival.size > HEAD_BYTES + BODY_BYTES:
            self._refuse(conn, 413, 'Content Too Large')
        elif conn.arrival.size > HEAD_BYTES and self._arriving_bytes() > ARRIVING_BYTES:
            self._refuse(conn, 503, 'Service Unavailable')

    def _on_leftover(self, conn: TConn, sock: socket.socket) -> None:
        try:
            is_open = bool(sock.recv(HEAD_BYTES))
        except OSError:
            is_open = False
        if not is_open:
            self._unwatch(conn)
            self._drop(conn)

    def _arriving_bytes(self) -> int:
        return sum(conn.arrival.size for conn in self.pending_conns)

    def _refuse(self, conn: TConn, status: int, reason: str) -> None:
        self._unwatch(conn)
        with contextlib.suppress(OSError):
            util.write_error(conn.sock, status, reason, '')
        self._hang_up(conn)

    def _hang_up(self, conn: TConn) -> None:
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(conn)
        else:
            self._watch(conn, self._on_leftover)

    def _watch(self, conn: TConn, act: Callable[[TConn, socket.socket], None]) -> None:
        conn.timeout = time.monotonic() + ARRIVAL_SECONDS
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(act, conn))

    def _unwatch(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self.pending_conns.remove(conn)

    def _drop_longest_idle(self) -> None:
        for waiting in (self.keepalived_conns, self.pending_conns):
            if waiting:
                conn = waiting.popleft()
                self.poller.unregister(conn.sock)
                self._drop(conn)
                return

    def _drop(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _join_chunks(req, conn: TConn) -> None:
    """Read the chunks, all of which are here: the application would take a malformed one for a fault of its own."""
    conn.sock.setblocking(False)
    try:
        req.body = Body(io.BytesIO(req.body.read()))
    except BlockingIOError:
        raise ChunkMissingTerminator(b'') from None
