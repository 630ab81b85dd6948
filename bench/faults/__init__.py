"""Faults that a site must survive, made for real: `python -m bench.faults --help`."""
from bench.faults import killing, outages

FAULTS = {'worker': killing.worker, 'everything': killing.everything, 'migration': killing.migration,
          'outage': outages.restarted, 'lock': outages.locked}
