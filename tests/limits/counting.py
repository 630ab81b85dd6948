"""A process that counts: `python -m tests.limits.counting ADDRESS BUCKET HITS`, in eight threads; prints what came."""
import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor

from app.counts.steady import SteadyCounts

THREADS = 8
SECONDS = 30  # of a busy machine


def main(address: str, bucket: str, hits: str) -> None:
    """Count, and say each number that came back, and whether the storage was there all the time."""
    counts = SteadyCounts(address, logging.getLogger(), SECONDS)
    with ThreadPoolExecutor(THREADS) as pool:
        numbers = list(pool.map(lambda _: counts.incr(bucket, 600), range(int(hits))))
    print(json.dumps({'numbers': numbers, 'is_away': counts.is_away or bool(counts.spare.buckets)}))


if __name__ == '__main__':
    main(*sys.argv[1:])
