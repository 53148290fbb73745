# desk tests
TESTS += tests/desk/platenctl.py
EXTRA_DIST += tests/desk/mockfloor.py tests/desk/platenctl.py
