# orders tests: the real program over TLS on loopback.
ORDERS_TESTS = tests/orders/contract.py tests/orders/contract_jobs.py \
	tests/orders/contract_shop.py tests/orders/leases.py tests/orders/openapi.py \
	tests/orders/commandline.py tests/orders/mutants.py tests/orders/storm.py
TESTS += $(ORDERS_TESTS)
EXTRA_DIST += $(ORDERS_TESTS) tests/orders/service.py tests/orders/players.py \
	docs/order-api.md docs/openapi.yaml
