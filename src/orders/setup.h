/* SPDX-License-Identifier: Apache-2.0
 *
 * How one platen-orders is set up: from a file and the command line, the latter ruling.
 */
#pragma once
#include "base/sign.h"
#include <stdint.h>

#define SETUP_TEXT_MAX 256

struct setup {
	char config[SETUP_TEXT_MAX];
	char data[SETUP_TEXT_MAX];
	char host[64];
	int32_t port;
	char cert[SETUP_TEXT_MAX], key[SETUP_TEXT_MAX], ca[SETUP_TEXT_MAX];
	char public_url[SETUP_TEXT_MAX]; /* "" = from the address listened at */
	/* how the commands reach the service: "https://host:port", and who they are */
	char admin_url[SETUP_TEXT_MAX], admin_cert[SETUP_TEXT_MAX], admin_key[SETUP_TEXT_MAX];
	int64_t ttl_s, heartbeat_s, link_s;
	int32_t batch_events;
	int32_t regrants_per_minute; /* lapsed leases given to somebody else, at most */
	int32_t grants_max;          /* of one job without an end; then a person must look */
	bool require_token;
	/* private key that leases are signed with, and the name it has at the floors; "": unsigned
	 */
	char sign_key[SETUP_TEXT_MAX], sign_name[SIGN_NAME_MAX];
};

/* Puts what the file setup->config says over what is there. Faults go to stderr, one a line. */
must_use bool setup_read(struct setup *setup, struct err *err);
/* "127.0.0.1:8443" or "[::1]:8443". */
must_use bool setup_listen(struct setup *setup, const char *text, struct err *err);
void setup_defaults(struct setup *setup);
