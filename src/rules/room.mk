# rules: pure. No library header, no clock, no file.
noinst_LIBRARIES += src/rules/librules.a
src_rules_librules_a_SOURCES = \
	src/rules/catalog.c src/rules/catalog.h \
	src/rules/device.c src/rules/device.h
RULES_LIBS = src/rules/librules.a
