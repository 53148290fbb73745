/* SPDX-License-Identifier: Apache-2.0
 *
 * The cloud's door over HTTPS: libcurl's multi interface on the loop. Two kinds of handles, never
 * mixed: those of the order API carry the floor's client certificate, those that fetch assets carry
 * no credential at all and may only reach the hosts listed here.
 *
 * libcurl may by itself send a POST again when a reused connection turns out dead; that is harmless
 * here, because every POST carries an Idempotency-Key that the floor stored before the call.
 */
#pragma once
#include "ports/ports.h"
#include "ports/spool.h"

#define CLOUD_PATH_MAX  256
#define CLOUD_HOSTS_MAX 16

struct asset_host {     /* where assets may come from: by local configuration, never by the cloud */
	char host[128]; /* exact name or address, as it stands in links */
	int32_t port;   /* exact; 0 = 443 */
	bool is_private; /* may be, or resolve to, a loopback, private or link-local address */
	char ca[CLOUD_PATH_MAX]; /* trusted for this host, PEM; "" = the system's */
};

struct cloud_conf {
	char url[CLOUD_PATH_MAX]; /* "https://orders.example:8443", no path */
	char ca[CLOUD_PATH_MAX];  /* the private CA, PEM: nothing else is trusted */
	char cert[CLOUD_PATH_MAX], key[CLOUD_PATH_MAX]; /* the floor's client certificate, PEM */
	char floor[TEXT_ID_MAX];
	char agent[65];                    /* User-Agent: "platen/0.1.0" */
	char signing_keys[CLOUD_PATH_MAX]; /* folder of public keys; "": signatures are not looked
					      at */
	struct asset_host hosts[CLOUD_HOSTS_MAX];
	size_t n_hosts;
	/* 0 = the default */
	int32_t answer_ms; /* for one answer, 30 s; an acquire has its wait on top */
	int32_t stall_ms;  /* an asset that trickles below 1 KiB/s for so long is cut, 20 s */
	int32_t fetch_ms;  /* for one asset in all, 10 min */
};

extern const struct cloud_ops cloud_https;

struct cloud; /* `self` of cloud_https */

/* NULL with FATAL, code "cloud", when a file is missing or the URL is not https. conf is copied;
 * hears and what farm points to must outlive the door. */
struct cloud *cloud_create(struct loop *loop, struct spool *spool, const struct cloud_conf *conf,
	const struct cloud_hears *hears, void *farm, struct err *err);
/* Every ask in flight is answered with RETRY, code "closed"; then `done`, and all is freed. */
void cloud_close(struct cloud *cloud, loop_call *done, void *context);
/* Whether the latest call reached the cloud: for the console. */
bool cloud_is_reachable(const struct cloud *cloud);
