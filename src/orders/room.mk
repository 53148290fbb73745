# platen-orders: the reference order service, and its command line.
if ORDERS
bin_PROGRAMS += platen-orders
endif
platen_orders_CPPFLAGS = $(AM_CPPFLAGS) $(JANSSON_CFLAGS)
platen_orders_SOURCES = \
	src/orders/admin.c src/orders/order.h \
	src/orders/assets.c \
	src/orders/closed.c \
	src/orders/client.c src/orders/client.h \
	src/orders/commands.c src/orders/commands.h \
	src/orders/add.c \
	src/orders/event.c src/orders/event.h \
	src/orders/events.c \
	src/orders/gate.c \
	src/orders/held.c src/orders/held.h \
	src/orders/job.c src/orders/job.h \
	src/orders/keys.c \
	src/orders/lease.c \
	src/orders/leases.c \
	src/orders/main.c \
	src/orders/permits.c \
	src/orders/polls.c \
	src/orders/problem.c \
	src/orders/put.c \
	src/orders/remakes.c \
	src/orders/routes.c src/orders/routes.h \
	src/orders/schema.c src/orders/schema.h \
	src/orders/serve.c src/orders/serve.h \
	src/orders/service.h \
	src/orders/sessions.c \
	src/orders/setup.c src/orders/setup.h \
	src/orders/upload.c \
	src/orders/verbs.c \
	src/orders/view.c src/orders/view.h
platen_orders_LDADD = $(PORTS_LIBS)
