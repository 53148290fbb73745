# Each room's tests: a fragment beside them.
include tests/base/room.mk
include tests/rules/room.mk
include tests/model/room.mk
include tests/wire/room.mk
include tests/ports/room.mk
include tests/walk/room.mk
include tests/drivers/room.mk
include tests/rig/room.mk
include tests/render/room.mk
include tests/orders/room.mk
include tests/desk/room.mk
include tests/system/room.mk
include tests/fuzz/room.mk
