# render: pixels in rows. libvips only decodes (and writes JPEG), FreeType only sets labels.
noinst_LIBRARIES += src/render/librender.a
src_render_librender_a_CPPFLAGS = $(AM_CPPFLAGS) $(VIPS_CFLAGS) $(JANSSON_CFLAGS) $(FREETYPE_CFLAGS)
src_render_librender_a_SOURCES = \
	src/render/decode.c src/render/decode.h \
	src/render/encode.c src/render/encode.h \
	src/render/encode_jpeg.c \
	src/render/encode_pwg.c \
	src/render/encode_urf.c \
	src/render/engine.c \
	src/render/font.c src/render/font.h \
	src/render/hot.h \
	src/render/origin.c src/render/origin.h \
	src/render/marks.c src/render/marks.h \
	src/render/page.c src/render/page.h \
	src/render/plan.c src/render/plan.h \
	src/render/probe.c src/render/probe.h \
	src/render/probe_boxes.c src/render/probe_boxes.h \
	src/render/probe_exif.c \
	src/render/probe_heic.c \
	src/render/probe_jpeg.c \
	src/render/probe_png.c \
	src/render/probe_tiff.c \
	src/render/probe_webp.c \
	src/render/render.c src/render/render.h \
	src/render/resize.c src/render/resize.h \
	src/render/sharpen.c src/render/sharpen.h \
	src/render/sink.c src/render/sink.h \
	src/render/tiny.c src/render/tiny.h
RENDER_LIBS = src/render/librender.a $(COLOUR_LIBS) $(WIRE_LIBS) $(VIPS_LIBS) $(FREETYPE_LIBS) -lm
