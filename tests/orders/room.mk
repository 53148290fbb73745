# orders tests: the real program over TLS on loopback.
TESTS += tests/orders/contract.py tests/orders/leases.py
EXTRA_DIST += tests/orders/service.py tests/orders/contract.py tests/orders/leases.py
