# drivers: device languages, run inside device workers.
