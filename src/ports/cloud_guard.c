/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses by their ranges (IANA's special-purpose registries, and what clouds put beside them).
 */
#include "ports/cloud_guard.h"
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

struct range4 {
	uint8_t net[4];
	int bits;
	enum reach reach;
};

static const struct range4 ranges4[] = {
	{{0, 0, 0, 0}, 8, REACH_NEVER},        /* this network; Linux dials itself */
	{{10, 0, 0, 0}, 8, REACH_PRIVATE},     /* private */
	{{100, 64, 0, 0}, 10, REACH_PRIVATE},  /* carrier's NAT; a metadata address in one cloud */
	{{127, 0, 0, 0}, 8, REACH_PRIVATE},    /* loopback */
	{{168, 63, 129, 16}, 32, REACH_NEVER}, /* a cloud's host agent */
	{{169, 254, 169, 254}, 32, REACH_NEVER}, /* metadata with credentials */
	{{169, 254, 0, 0}, 16, REACH_PRIVATE},   /* link-local */
	{{172, 16, 0, 0}, 12, REACH_PRIVATE},    /* private */
	{{192, 0, 0, 0}, 24, REACH_NEVER},       /* protocol assignments; metadata in one cloud */
	{{192, 0, 2, 0}, 24, REACH_NEVER},       /* documentation */
	{{192, 88, 99, 0}, 24, REACH_NEVER},     /* 6to4 relays */
	{{192, 168, 0, 0}, 16, REACH_PRIVATE},   /* private */
	{{198, 18, 0, 0}, 15, REACH_PRIVATE},    /* benchmarks */
	{{198, 51, 100, 0}, 24, REACH_NEVER},    /* documentation */
	{{203, 0, 113, 0}, 24, REACH_NEVER},     /* documentation */
	{{224, 0, 0, 0}, 4, REACH_NEVER},        /* multicast */
	{{240, 0, 0, 0}, 4, REACH_NEVER},        /* reserved, broadcast */
};

enum inside {
	INSIDE_NONE,
	INSIDE_LAST4, /* the IPv4 address in the last four bytes decides */
	INSIDE_6TO4,  /* the one after the first two bytes */
};

struct range6 {
	uint8_t net[16];
	int bits;
	enum reach reach;
	enum inside inside;
};

static const struct range6 ranges6[] = {
	{{[15] = 1}, 128, REACH_PRIVATE, INSIDE_NONE}, /* loopback */
	{{0}, 128, REACH_NEVER, INSIDE_NONE},          /* unspecified: Linux dials itself */
	{{[10] = 0xFF, [11] = 0xFF}, 96, REACH_NEVER, INSIDE_LAST4},      /* v4-mapped */
	{{0}, 96, REACH_NEVER, INSIDE_NONE},                              /* v4-compatible */
	{{0x00, 0x64, 0xFF, 0x9B}, 96, REACH_PRIVATE, INSIDE_NONE},       /* NAT64 */
	{{0x00, 0x64, 0xFF, 0x9B, 0, 1}, 48, REACH_PRIVATE, INSIDE_NONE}, /* local NAT64 */
	{{0x20, 0x01}, 23, REACH_NEVER, INSIDE_NONE},             /* Teredo, ORCHID, benchmarks */
	{{0x20, 0x01, 0x0D, 0xB8}, 32, REACH_NEVER, INSIDE_NONE}, /* documentation */
	{{0x20, 0x02}, 16, REACH_NEVER, INSIDE_6TO4},             /* 6to4 */
	{{0x3F, 0xFF}, 20, REACH_NEVER, INSIDE_NONE},             /* documentation */
	{{0x20}, 3, REACH_PUBLIC, INSIDE_NONE},                   /* what is given out */
	{{0xFC}, 7, REACH_PRIVATE, INSIDE_NONE},                  /* unique local */
	{{0xFE, 0x80}, 10, REACH_PRIVATE, INSIDE_NONE},           /* link-local */
};

static bool starts_with(const uint8_t *address, const uint8_t *net, int bits)
{
	int whole = bits / 8;
	int mask = bits % 8 == 0 ? 0 : 0xFF << (8 - bits % 8) & 0xFF;
	return memcmp(address, net, (size_t)whole) == 0 &&
	       (mask == 0 || (address[whole] & mask) == (net[whole] & mask));
}

static enum reach reach4(const uint8_t *address)
{
	for (size_t i = 0; i < sizeof ranges4 / sizeof ranges4[0]; i++) {
		if (starts_with(address, ranges4[i].net, ranges4[i].bits)) {
			return ranges4[i].reach;
		}
	}
	return REACH_PUBLIC;
}

static enum reach stricter(enum reach a, enum reach b)
{
	return a > b ? a : b;
}

static enum reach reach6(const uint8_t *address)
{
	for (size_t i = 0; i < sizeof ranges6 / sizeof ranges6[0]; i++) {
		const struct range6 *range = &ranges6[i];
		if (!starts_with(address, range->net, range->bits)) {
			continue;
		}
		if (range->inside == INSIDE_LAST4) {
			/* even a public one: nobody writes it so who means well */
			return stricter(REACH_PRIVATE, reach4(address + 12));
		}
		return range->inside == INSIDE_6TO4 ? stricter(range->reach, reach4(address + 2))
						    : range->reach;
	}
	return REACH_NEVER; /* not given out */
}

enum reach guard_reach(const struct sockaddr *address, socklen_t len)
{
	if (address->sa_family == AF_INET && len >= (socklen_t)sizeof(struct sockaddr_in)) {
		struct sockaddr_in in;
		memcpy(&in, address, sizeof in);
		return reach4((const uint8_t *)&in.sin_addr);
	}
	if (address->sa_family == AF_INET6 && len >= (socklen_t)sizeof(struct sockaddr_in6)) {
		struct sockaddr_in6 in;
		memcpy(&in, address, sizeof in);
		return reach6(in.sin6_addr.s6_addr);
	}
	return REACH_NEVER;
}

static bool same_host(const char *listed, const char *host)
{
	size_t len = strlen(host);
	if (strcasecmp(listed, host) == 0) {
		return true;
	}
	return len > 2 && host[0] == '[' && host[len - 1] == ']' && strlen(listed) == len - 2 &&
	       strncasecmp(listed, host + 1, len - 2) == 0;
}

const struct asset_host *guard_find(const struct cloud_conf *conf, const char *host, int32_t port)
{
	for (size_t i = 0; i < conf->n_hosts; i++) {
		const struct asset_host *entry = &conf->hosts[i];
		if (same_host(entry->host, host) &&
			(entry->port == 0 ? 443 : entry->port) == port) {
			return entry;
		}
	}
	return NULL;
}
