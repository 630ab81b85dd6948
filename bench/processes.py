"""CPU time and memory of processes and threads, as /proc tells them."""
import os
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf('SC_CLK_TCK')


def children(pid: int) -> list[int]:
    """The processes that a process started and that still run."""
    return [int(child) for child in Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]


def cpu_of(pid: int, thread: int | None = None) -> float:
    """Seconds of CPU that a process, or one thread of it, has taken; 0 when it is gone."""
    path = f'/proc/{pid}/stat' if thread is None else f'/proc/{pid}/task/{thread}/stat'
    try:
        fields = Path(path).read_text().rpartition(')')[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * TICK


def threads(pid: int) -> set[int]:
    """The threads of a process; none when it is gone or another's."""
    try:
        return {int(name) for name in os.listdir(f'/proc/{pid}/task')}
    except OSError:
        return set()


@dataclass(frozen=True)
class Memory:
    """MB that processes hold; `pss` counts what several share by parts."""

    rss: float
    pss: float


def memory(pids: list[int]) -> Memory:
    """The memory of these processes together."""
    lines = [line.split() for pid in pids for line in Path(f'/proc/{pid}/smaps_rollup').read_text().splitlines()]
    sizes = {name: sum(int(line[1]) for line in lines if line[0] == name) / 1024 for name in ('Rss:', 'Pss:')}
    return Memory(sizes['Rss:'], sizes['Pss:'])


def listener(port: int) -> int | None:
    """The process that listens on a port of this machine; None when it is not here or not ours to see."""
    inodes = set()
    for name in ('tcp', 'tcp6'):
        for line in Path(f'/proc/net/{name}').read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == '0A' and int(fields[1].rpartition(':')[2], 16) == port:
                inodes.add(f'socket:[{fields[9]}]')
    return next((pid for pid in _all() if inodes & _files(pid)), None)


def _all() -> list[int]:
    return sorted(int(name) for name in os.listdir('/proc') if name.isdigit())


def _files(pid: int) -> set[str]:
    found = set()
    try:
        for name in os.listdir(f'/proc/{pid}/fd'):
            found.add(os.readlink(f'/proc/{pid}/fd/{name}'))
    except OSError:
        return found
    return found
