# colour: the only user of lcms2.
noinst_LIBRARIES += src/colour/libcolour.a
src_colour_libcolour_a_CPPFLAGS = $(AM_CPPFLAGS) $(LCMS_CFLAGS)
src_colour_libcolour_a_SOURCES = \
	src/colour/convert.c src/colour/convert.h \
	src/colour/gate.c src/colour/gate.h \
	src/colour/source.c src/colour/source.h src/colour/source_own.h \
	src/colour/source_cmyk.c
COLOUR_LIBS = src/colour/libcolour.a $(RULES_LIBS) $(BASE_LIBS) $(LCMS_LIBS) -lm
