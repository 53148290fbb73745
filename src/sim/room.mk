# sim: a floor in memory.
noinst_LIBRARIES += src/sim/libsim.a
src_sim_libsim_a_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS)
src_sim_libsim_a_SOURCES = \
	src/sim/sim.c src/sim/sim.h src/sim/own.h \
	src/sim/catalog.c \
	src/sim/cloud.c \
	src/sim/cloud_ops.c \
	src/sim/confirm.c \
	src/sim/confirm_dye.c \
	src/sim/crew.c \
	src/sim/device.c \
	src/sim/elsewhere.c \
	src/sim/fault.c \
	src/sim/handover.c \
	src/sim/image.c src/sim/image.h \
	src/sim/index.c src/sim/index.h \
	src/sim/machine.c \
	src/sim/machine_say.c \
	src/sim/oracle.c \
	src/sim/oracle_events.c \
	src/sim/oracle_paper.c \
	src/sim/oracle_store.c \
	src/sim/paper.c \
	src/sim/shop.c \
	src/sim/tally.c \
	src/sim/time.c \
	src/sim/vfs.c src/sim/vfs.h \
	src/sim/watch.c
SIM_LIBS = src/sim/libsim.a $(FARM_LIBS)
