/* SPDX-License-Identifier: Apache-2.0
 *
 * The IPP driver: its row of functions, the printer's address, and who the printer is. The identity
 * is pinned: an impostor under the same address never sees a byte of a photo.
 */
#include "drivers/ipp_line.h"
#include "drivers/list.h"
#include "base/mem.h"
#include <cups/pwg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool uri_is_wrong(const struct device *device, struct err *err)
{
	return err_set(err, REMEDY_ATTEND, "printer-uri",
		"printer %s: \"%s\" is not an address as ipp://host[:port]/path or ipps://; "
		"correct it in "
		"the configuration",
		device->printer, device->uri);
}

/* ipp[s]://host[:port][/path]; an IPv6 address stands in brackets. */
static bool parse_uri(struct ipp *ipp, struct err *err)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789-._~/%";
	const char *at = ipp->device->uri;
	ipp->encrypts = strncasecmp(at, "ipps://", 7) == 0;
	if (!ipp->encrypts && strncasecmp(at, "ipp://", 6) != 0) {
		return uri_is_wrong(ipp->device, err);
	}
	at = strstr(at, "://") + 3;
	size_t host_len = *at == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/");
	if (host_len < 2 - (*at != '[') || host_len >= sizeof ipp->host ||
		strspn(at, *at == '[' ? "[]:.0123456789abcdefABCDEF" : allowed) < host_len) {
		return uri_is_wrong(ipp->device, err);
	}
	memcpy(ipp->host, at, host_len);
	ipp->host[host_len] = '\0';
	at += host_len;
	ipp->port = 631;
	if (*at == ':') {
		char digits[8] = "";
		size_t n = strspn(at + 1, "0123456789");
		int64_t port;
		snprintf(digits, sizeof digits, "%.*s", n > 6 ? 6 : (int)n, at + 1);
		if (!text_to_int(digits, 1, 65535, &port)) {
			return uri_is_wrong(ipp->device, err);
		}
		ipp->port = (int32_t)port;
		at += 1 + n;
	}
	const char *path = *at == '\0' ? "/ipp/print" : at;
	if (path[0] != '/' || strspn(path, allowed) != strlen(path) ||
		!text_copy(ipp->path, sizeof ipp->path, path)) {
		return uri_is_wrong(ipp->device, err);
	}
	const char *s = ipp->encrypts ? "s" : "";
	snprintf(ipp->uri, sizeof ipp->uri, "ipp%s://%s:%d%s", s, ipp->host, ipp->port, ipp->path);
	snprintf(ipp->url, sizeof ipp->url, "http%s://%s:%d%s", s, ipp->host, ipp->port, ipp->path);
	return true;
}

static bool ipp_open(struct device *device, struct err *err)
{
	struct ipp *ipp = mem_new(1, sizeof *ipp);
	ipp->device = device;
	if (!parse_uri(ipp, err)) {
		free(ipp);
		return false;
	}
	text_copy(ipp->uuid, sizeof ipp->uuid, device->uuid == NULL ? "" : device->uuid);
	ipp->line = ipp_line_create();
	ipp->watch = ipp_line_create();
	device->own = ipp;
	ipp_tls_warm();
	/* libcups looks around at its first use (users, environment, its table of media sizes):
	 * now, before the worker is locked in. */
	ippDelete(ipp_request(ipp, IPP_OP_GET_PRINTER_ATTRIBUTES, 0));
	pwgMediaForSize(10160, 15240);
	return true;
}

static void ipp_close(struct device *device)
{
	struct ipp *ipp = device->own;
	if (ipp == NULL) {
		return;
	}
	ipp_line_destroy(ipp->line);
	ipp_line_destroy(ipp->watch);
	explicit_bzero(ipp, sizeof *ipp);
	free(ipp);
	device->own = NULL;
}

static const char *bare(const char *uuid)
{
	return strncasecmp(uuid, "urn:uuid:", 9) == 0 ? uuid + 9 : uuid;
}

bool ipp_identity_fits(struct ipp *ipp, const char *uuid, struct err *err)
{
	if (ipp->uuid[0] == '\0') {
		text_copy(ipp->uuid, sizeof ipp->uuid, uuid);
		return true;
	}
	if (strcasecmp(bare(ipp->uuid), bare(uuid)) == 0) {
		return true;
	}
	return err_set(err, REMEDY_ATTEND, "printer-changed",
		"printer %s: another printer answers at %s (uuid %s, expected %s); nothing was "
		"sent. "
		"If it was exchanged on purpose, enter the new uuid",
		ipp->device->printer, ipp->uri, uuid[0] == '\0' ? "none" : uuid, ipp->uuid);
}

const struct driver driver_ipp = {
	.name = "ipp",
	.open = ipp_open,
	.status = ipp_status,
	.witness = ipp_witness,
	.send = ipp_send,
	.confirm = ipp_confirm,
	.cancel = ipp_cancel,
	.sweep = ipp_sweep,
	.close = ipp_close,
};
