# orders tests: the real program over TLS on loopback.
TESTS += tests/orders/contract.py tests/orders/leases.py tests/orders/openapi.py \
	tests/orders/commandline.py tests/orders/mutants.py tests/orders/storm.py
EXTRA_DIST += tests/orders/service.py tests/orders/contract.py tests/orders/leases.py \
	tests/orders/openapi.py tests/orders/commandline.py tests/orders/mutants.py \
	tests/orders/storm.py \
	docs/order-api.md docs/openapi.yaml docs/platen-orders.conf.example
