/* SPDX-License-Identifier: Apache-2.0
 *
 * Judging numeric addresses.
 */
#include "base/address.h"
#include <arpa/inet.h>
#include <netinet/in.h>

bool address_is_numeric(const char *text)
{
	struct in6_addr bytes;
	return inet_pton(AF_INET, text, &bytes) == 1 || inet_pton(AF_INET6, text, &bytes) == 1;
}

bool address_is_loopback(const char *text)
{
	struct in_addr four;
	struct in6_addr six;
	if (inet_pton(AF_INET, text, &four) == 1) {
		return ntohl(four.s_addr) >> 24 == 127;
	}
	return inet_pton(AF_INET6, text, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}
