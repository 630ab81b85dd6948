"""What can be known to be wrong before any work begins; runs on a bare Python, before `venv/` is made."""
import errno
import os
import socket
import sys
import tempfile


def check_port(host: str, port: str) -> None:
    """Exit with one sentence unless the site can listen there."""
    if not (port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65536):
        sys.exit(f'boot.sh: PORT is "{port}", but must be a whole number from 1 to 65535.')
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        sys.exit(f'boot.sh: {_sentence(error, host, port)}')


def check_writable(folder: str) -> None:
    """Exit with one sentence unless a file can be written in the folder."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(65536))
    except OSError as error:
        sys.exit(f'boot.sh: Nothing can be written in {os.path.abspath(folder)} ({error.strerror}).')


def _sentence(error: OSError, host: str, port: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f'Port {port} is taken by another program; stop it, or choose another one: PORT=5001 ./boot.sh'
    if error.errno == errno.EACCES:
        return f'Port {port} is not allowed for this user; those from 1024 on are: PORT=5000 ./boot.sh'
    return f'HOST is "{host}", but this machine has no such address.'


if __name__ == '__main__':
    check_port(os.environ.get('HOST') or '127.0.0.1', os.environ.get('PORT') or '5000')
    check_writable('.')
