# wire: bytes, pure. jansson.
noinst_LIBRARIES += src/wire/libwire.a
src_wire_libwire_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
src_wire_libwire_a_SOURCES = \
	src/wire/audit.c src/wire/audit.h \
	src/wire/canonical.c src/wire/canonical.h \
	src/wire/dpof.c src/wire/dpof.h \
	src/wire/event.c \
	src/wire/face.c src/wire/face.h \
	src/wire/fields.c src/wire/fields.h \
	src/wire/frame.c src/wire/frame.h \
	src/wire/health.c src/wire/health.h \
	src/wire/hid_layout.c src/wire/hid_scale.c src/wire/hid_scale.h \
	src/wire/json.c src/wire/json.h \
	src/wire/manifest.c src/wire/manifest.h \
	src/wire/lease.c \
	src/wire/member.c src/wire/member.h \
	src/wire/order_answer.c src/wire/order_ask.c src/wire/order.h \
	src/wire/media_name.c src/wire/media_name.h \
	src/wire/picture.c src/wire/picture.h \
	src/wire/profile.c src/wire/profile.h src/wire/profile_own.h \
	src/wire/profile_folder.c src/wire/profile_model.c src/wire/profile_product.c \
	src/wire/recording.c src/wire/recording.h \
	src/wire/recipe.c src/wire/recipe.h src/wire/recipe_own.h \
	src/wire/recipe_label.c src/wire/recipe_layout.c src/wire/recipe_place.c \
	src/wire/registers.c src/wire/registers.h \
	src/wire/signed.c src/wire/signed.h \
	src/wire/settings.c src/wire/settings.h src/wire/settings_own.h \
	src/wire/settings_check.c src/wire/settings_sensor.c src/wire/settings_upkeep.c \
	src/wire/supply.c src/wire/supply.h \
	src/wire/task_device.c src/wire/task.h \
	src/wire/task_render.c \
	src/wire/test_sheet.c src/wire/test_sheet.h \
	src/wire/ticket.c src/wire/ticket.h \
	src/wire/usb_address.c src/wire/usb_address.h
WIRE_LIBS = src/wire/libwire.a $(RULES_LIBS) $(BASE_LIBS) $(JANSSON_LIBS)
