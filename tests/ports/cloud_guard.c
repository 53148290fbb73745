/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses and hosts, judged without any network.
 */
#include "ports/cloud_guard.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <sys/un.h>

static const struct {
	const char *address;
	enum reach reach;
} rows[] = {
	{"0.0.0.0", REACH_NEVER},
	{"0.1.2.3", REACH_NEVER},
	{"1.1.1.1", REACH_PUBLIC},
	{"9.255.255.255", REACH_PUBLIC},
	{"10.0.0.0", REACH_PRIVATE},
	{"10.255.255.255", REACH_PRIVATE},
	{"11.0.0.0", REACH_PUBLIC},
	{"100.63.255.255", REACH_PUBLIC},
	{"100.64.0.1", REACH_PRIVATE},
	{"100.100.100.200", REACH_PRIVATE},
	{"100.127.255.255", REACH_PRIVATE},
	{"100.128.0.0", REACH_PUBLIC},
	{"126.255.255.255", REACH_PUBLIC},
	{"127.0.0.1", REACH_PRIVATE},
	{"127.255.255.254", REACH_PRIVATE},
	{"128.0.0.1", REACH_PUBLIC},
	{"168.63.129.16", REACH_NEVER},
	{"168.63.129.17", REACH_PUBLIC},
	{"169.253.255.255", REACH_PUBLIC},
	{"169.254.0.1", REACH_PRIVATE},
	{"169.254.169.254", REACH_NEVER},
	{"169.255.0.0", REACH_PUBLIC},
	{"172.15.255.255", REACH_PUBLIC},
	{"172.16.0.1", REACH_PRIVATE},
	{"172.31.255.255", REACH_PRIVATE},
	{"172.32.0.0", REACH_PUBLIC},
	{"192.0.0.192", REACH_NEVER},
	{"192.0.2.1", REACH_NEVER},
	{"192.88.99.1", REACH_NEVER},
	{"192.167.255.255", REACH_PUBLIC},
	{"192.168.1.1", REACH_PRIVATE},
	{"192.169.0.0", REACH_PUBLIC},
	{"198.17.255.255", REACH_PUBLIC},
	{"198.18.0.1", REACH_PRIVATE},
	{"198.19.255.255", REACH_PRIVATE},
	{"198.20.0.0", REACH_PUBLIC},
	{"198.51.100.7", REACH_NEVER},
	{"203.0.113.7", REACH_NEVER},
	{"223.255.255.255", REACH_PUBLIC},
	{"224.0.0.1", REACH_NEVER},
	{"239.255.255.250", REACH_NEVER},
	{"240.0.0.1", REACH_NEVER},
	{"255.255.255.255", REACH_NEVER},
	{"::", REACH_NEVER},
	{"::1", REACH_PRIVATE},
	{"::2", REACH_NEVER},
	{"::127.0.0.1", REACH_NEVER},
	{"::ffff:127.0.0.1", REACH_PRIVATE},
	{"::ffff:169.254.169.254", REACH_NEVER},
	{"::ffff:10.0.0.1", REACH_PRIVATE},
	{"::ffff:0.0.0.0", REACH_NEVER},
	{"::ffff:8.8.8.8", REACH_PRIVATE},
	{"::ffff:0:127.0.0.1", REACH_NEVER},
	{"64:ff9b::7f00:1", REACH_PRIVATE},
	{"64:ff9b::8.8.8.8", REACH_PRIVATE},
	{"64:ff9b:1::1", REACH_PRIVATE},
	{"100::1", REACH_NEVER},
	{"2001::1", REACH_NEVER},
	{"2001:1ff:ffff::1", REACH_NEVER},
	{"2001:200::1", REACH_PUBLIC},
	{"2001:db8::1", REACH_NEVER},
	{"2001:4860:4860::8888", REACH_PUBLIC},
	{"2002:7f00:1::1", REACH_NEVER},
	{"2002:808:808::1", REACH_NEVER},
	{"2606:4700::1111", REACH_PUBLIC},
	{"3fff:0fff::1", REACH_NEVER},
	{"4000::1", REACH_NEVER},
	{"5f00::1", REACH_NEVER},
	{"fc00::1", REACH_PRIVATE},
	{"fd00:ec2::254", REACH_PRIVATE},
	{"fe80::1", REACH_PRIVATE},
	{"fec0::1", REACH_NEVER},
	{"ff02::1", REACH_NEVER},
};

static void every_address_is_known_for_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct sockaddr_in in = {.sin_family = AF_INET};
		struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
		bool four = inet_pton(AF_INET, rows[i].address, &in.sin_addr) == 1;
		if (!four) {
			assert_int_equal(inet_pton(AF_INET6, rows[i].address, &in6.sin6_addr), 1);
		}
		enum reach reach = four ? guard_reach((struct sockaddr *)&in, sizeof in)
					: guard_reach((struct sockaddr *)&in6, sizeof in6);
		if (reach != rows[i].reach) {
			fail_msg("%s is %d, not %d", rows[i].address, (int)reach,
				(int)rows[i].reach);
		}
	}
}

static void other_kinds_of_sockets_are_never_dialled(void **state)
{
	(void)state;
	struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/x"};
	struct sockaddr_in cut = {.sin_family = AF_INET};
	assert_int_equal(guard_reach((struct sockaddr *)&local, sizeof local), REACH_NEVER);
	assert_int_equal(guard_reach((struct sockaddr *)&cut, 4), REACH_NEVER);
}

static void host_and_port_must_be_listed_exactly(void **state)
{
	(void)state;
	const struct cloud_conf conf = {.n_hosts = 3,
		.hosts = {{.host = "assets.example"}, {.host = "127.0.0.1", .port = 8443},
			{.host = "::1", .port = 8443}}};
	assert_ptr_equal(guard_find(&conf, "assets.example", 443), &conf.hosts[0]);
	assert_ptr_equal(guard_find(&conf, "ASSETS.Example", 443), &conf.hosts[0]);
	assert_null(guard_find(&conf, "assets.example", 8443));
	assert_null(guard_find(&conf, "assets.example.", 443));
	assert_null(guard_find(&conf, "x.assets.example", 443));
	assert_null(guard_find(&conf, "assets.example.evil", 443));
	assert_null(guard_find(&conf, "assets.exampl", 443));
	assert_null(guard_find(&conf, "", 443));
	assert_ptr_equal(guard_find(&conf, "127.0.0.1", 8443), &conf.hosts[1]);
	assert_null(guard_find(&conf, "127.0.0.2", 8443));
	assert_ptr_equal(guard_find(&conf, "[::1]", 8443), &conf.hosts[2]);
	assert_ptr_equal(guard_find(&conf, "::1", 8443), &conf.hosts[2]);
	assert_null(guard_find(&conf, "[::]", 8443));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address_is_known_for_what_it_is),
		cmocka_unit_test(other_kinds_of_sockets_are_never_dialled),
		cmocka_unit_test(host_and_port_must_be_listed_exactly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
