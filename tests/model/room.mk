# The protocol as a model for spin, and the table that the model and the code share
check_PROGRAMS += tests/model/table
TESTS += tests/model/table tests/model/run.sh
EXTRA_DIST += tests/model/moves.def tests/model/path.pml tests/model/run.sh
tests_model_table_SOURCES = tests/model/table.c \
	tests/model/compare.c tests/model/compare.h \
	tests/model/jobs.c tests/model/jobs.h \
	tests/model/machine.c tests/model/machine.h tests/model/words.c \
	tests/model/rows.c tests/model/rows.h
tests_model_table_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CFLAGS)
tests_model_table_LDADD = $(RULES_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
