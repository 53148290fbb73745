/* SPDX-License-Identifier: Apache-2.0
 *
 * Lets Debian's ippeveprinter start on a machine without D-Bus: preloaded, it answers the six calls
 * of libavahi-client that announce a printer on the network, and announces nothing.
 */
#include <stddef.h>

static int poll_object;
static int client_object;

void *avahi_threaded_poll_new(void);
const void *avahi_threaded_poll_get(void *poll);
int avahi_threaded_poll_start(void *poll);
void avahi_threaded_poll_lock(void *poll);
void avahi_threaded_poll_unlock(void *poll);
void *avahi_client_new(const void *poll, int flags, void *callback, void *data, int *error);

void *avahi_threaded_poll_new(void)
{
	return &poll_object;
}

const void *avahi_threaded_poll_get(void *poll)
{
	return poll;
}

int avahi_threaded_poll_start(void *poll)
{
	(void)poll;
	return 0;
}

void avahi_threaded_poll_lock(void *poll)
{
	(void)poll;
}

void avahi_threaded_poll_unlock(void *poll)
{
	(void)poll;
}

void *avahi_client_new(const void *poll, int flags, void *callback, void *data, int *error)
{
	(void)poll;
	(void)flags;
	(void)callback;
	(void)data;
	if (error) {
		*error = 0;
	}
	return &client_object;
}
