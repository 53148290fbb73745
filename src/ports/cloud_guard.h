/* SPDX-License-Identifier: Apache-2.0
 *
 * Where assets may come from. A link is checked twice: its host and port against the local list,
 * and then, when the connection is opened, the address that is really dialled. Looking at the link
 * alone is beaten by spellings of an address and by names that change theirs.
 */
#pragma once
#include "ports/cloud.h"
#include <sys/socket.h>

enum reach {
	REACH_PUBLIC,
	REACH_PRIVATE, /* loopback, private, link-local, metadata: only for hosts marked so */
	REACH_NEVER,   /* nothing that one can fetch from: unspecified, multicast, reserved */
};

enum reach guard_reach(const struct sockaddr *address, socklen_t len);
/* The entry of that host and port; NULL when there is none. An IPv6 address stands in brackets or
 * without. */
const struct asset_host *guard_find(const struct cloud_conf *conf, const char *host, int32_t port);
