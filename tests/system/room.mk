# system tests: the built programs, whole; scripts that print TAP lines

# a test that hangs is a failed test
LOG_COMPILER = timeout -k 10 400

TESTS += tests/layers.sh tests/tools.sh
EXTRA_DIST += bootstrap .ci/run tests/layers.sh tests/tools.sh \
	demo/conf.py demo/lab.py demo/noavahi.c demo/personality.py demo/photos.py \
	demo/photosource.py demo/pki.py demo/print-command demo/printers.py demo/procs.py \
	demo/profiles.py demo/run demo/service.py demo/summary.py \
	tools/build.sh tools/check.sh tools/packages.sh tools/say.sh tools/tap_read.py tools/tap_sum.py

.PHONY: list-tests
list-tests:
	@for test in $(TESTS); do echo "$$test"; done
