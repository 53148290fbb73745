# desk tests
TESTS += tests/desk/platenctl.py tests/desk/desk.py tests/desk/page.py
EXTRA_DIST += tests/desk/browser.py tests/desk/desk.py tests/desk/desk_tools.py \
	tests/desk/mockfloor.py tests/desk/page.py \
	tests/desk/platenctl.py tests/desk/realfloor.py
