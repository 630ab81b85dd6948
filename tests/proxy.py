"""A TCP proxy that passes everything on, or breaks the way to a service in one of the ways in which nets break."""
import contextlib
import select
import socket
import struct
import threading

MODES = ('pass', 'refuse', 'reset', 'hang', 'half', 'garbage')
PIECE = 65536


class FaultProxy:
    """Listens on `port` and speaks to `target`; `mode` may change at any time.

    refuse: nobody listens; reset: each connection is reset; hang: taken, and never answered; half: half of the first
    answer comes, then the end; garbage: nonsense comes for an answer. A proxy with `moving` cleared stands still:
    its connections stay open, and nothing passes.
    """

    def __init__(self, target: int, mode: str = 'pass'):
        self.target = target
        self.port = 0
        self.listener: socket.socket | None = None
        self.open: set[socket.socket] = set()
        self.moving = threading.Event()
        self.moving.set()
        self._set(mode)

    @property
    def mode(self) -> str:
        """How connections are treated."""
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        """Break what is open, and treat what comes from now on in this way."""
        self.stop()
        self._set(mode)

    def stop(self) -> None:
        """Listen no more and reset what is open."""
        self.moving.set()
        if self.listener is not None:
            with contextlib.suppress(OSError):
                self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.thread.join(5)
            self.listener = None
        for connection in list(self.open):
            self._reset(connection)

    def _set(self, mode: str) -> None:
        assert mode in MODES, mode
        self._mode = mode
        if not self.port or mode != 'refuse':
            listener = socket.create_server(('127.0.0.1', self.port))
            self.port = listener.getsockname()[1]
            if mode == 'refuse':
                listener.close()
                return
            self.listener = listener
            self.thread = threading.Thread(target=self._listen, args=(listener,), daemon=True)
            self.thread.start()

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.open.add(client)
            threading.Thread(target=self._serve, args=(client, self._mode), daemon=True).start()

    def _serve(self, client: socket.socket, mode: str) -> None:
        if mode == 'reset':
            self._reset(client)
        elif mode == 'garbage':
            with contextlib.suppress(OSError):
                client.sendall(b'\xfe\xff\x07\x99 nonsense' * 20 + b'\r\n')
            self._close(client)
        elif mode != 'hang':
            with contextlib.suppress(OSError, ValueError):
                self._pass_on(client, mode == 'half')
            self._close(client)

    def _pass_on(self, client: socket.socket, is_half: bool) -> None:
        self.moving.wait()
        with socket.create_connection(('127.0.0.1', self.target)) as server:
            ends = {client: server, server: client}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    self.moving.wait()
                    data = end.recv(PIECE)
                    if end is server and is_half:
                        return client.sendall(data[:len(data) // 2])
                    if not data:
                        return None
                    ends[end].sendall(data)

    def _reset(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            if self._mode != 'reset':
                client.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
        self._close(client)

    def _close(self, client: socket.socket) -> None:
        self.open.discard(client)
        client.close()
