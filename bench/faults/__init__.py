"""Faults that a site must survive, made for real: `python -m bench.faults --help`."""
from bench.faults import crowd, disks, guessing, killing, outages, searching, tasks, writing

FAULTS = {'worker': killing.worker, 'everything': killing.everything, 'migration': killing.migration,
          'outage': outages.restarted, 'lock': outages.locked, 'disk': disks.full, 'log': disks.log,
          'crowd': crowd.crowd, 'half': crowd.half_requests, 'writers': writing.writers, 'guesses': guessing.guesses,
          'search': searching.search, 'smtp': tasks.smtp, 'broker': tasks.broker, 'half-way': tasks.half_way,
          'two': tasks.two, 'tasks': tasks.database_gone}
