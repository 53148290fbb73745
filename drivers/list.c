/* SPDX-License-Identifier: Apache-2.0
 *
 * The device languages that were built in. A language left out at configure is absent here, so that
 * no caller has to ask how the program was built.
 */
#include "config.h"
#include "drivers/list.h"
#include <stddef.h>
#include <string.h>

/* in the order of DRIVERS_BUILT_IN, by which platend judges its printers */
static const struct driver *const drivers[] = {
#ifdef HAVE_IPP
	&driver_ipp,
#endif
#ifdef HAVE_USB
	&driver_usb,
	&driver_s2145,
	&driver_dyesub,
#endif
	&driver_fake,
	&driver_hotfolder,
	&driver_replay,
};

const struct driver *driver_find(const char *name)
{
	for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++) {
		if (strcmp(drivers[i]->name, name) == 0) {
			return drivers[i];
		}
	}
	return NULL;
}
