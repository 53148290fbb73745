/* SPDX-License-Identifier: Apache-2.0
 *
 * Printers that could be added: what the network and the USB tell of them. All of it is said by
 * strangers, so it is escaped where it is shown, and only what has the shape of an address gets
 * into a stanza. Nothing is added by this, and nothing trusted.
 */
#pragma once
#include "base/buf.h"
#include "wire/json.h"

#define FOUND_MAX 256 /* more than that is a flood, not a floor */

struct found { /* one printer as it says of itself; hostile texts */
	char title[129];
	char host[129], path[129];
	int32_t port;
	bool encrypts;
	char uuid[65];
	char formats[257]; /* DNS-SD "pdl" */
	char via[10];      /* "dns-sd", "usb" */
	char usb_id[10];   /* "1343:0005" */
	char serial[65], usb_port[33];
	bool ipp_over_usb;
};

struct finds {
	struct found at[FOUND_MAX];
	size_t n;
	bool more; /* there were, and they are not shown */
};

/* The next one to fill, or NULL when there are too many. */
struct found *finds_next(struct finds *finds);

/* ---- discover_dns.c ---- */
/* Asks for a few seconds. False: *why says why it could not be asked. */
bool discover_network(struct finds *finds, char *why, size_t size);
/* One line of `avahi-browse --parsable --resolve`; true when it tells of a printer. */
bool discover_browse_line(const char *line, struct found *found);
/* One address of `ippfind`. */
bool discover_address(const char *uri, struct found *found);

/* ---- discover_usb.c ---- */
/* Reads the kernel's folder of USB devices; false when there is none. */
bool discover_usb(const char *folder, struct finds *finds);

/* ---- discover_show.c ---- */
/* As a stanza of platen.conf, or "" where what it says has no shape that may go there; then *why
 * says what is wrong with it. */
void discover_stanza(const struct found *found, struct buf *stanza, const char **why);
json_t *discover_to_json(const struct found *found);
