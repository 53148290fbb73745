/* SPDX-License-Identifier: Apache-2.0
 *
 * Numeric addresses.
 */
#include "base/address.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void addresses_are_judged(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool numeric, loopback;
	} cases[] = {
		{"127.0.0.1", true, true},
		{"127.255.0.9", true, true},
		{"::1", true, true},
		{"126.0.0.1", true, false},
		{"0.0.0.0", true, false},
		{"::", true, false},
		{"192.0.2.1", true, false},
		{"2001:db8::1", true, false},
		{"::ffff:127.0.0.1", true, false}, /* the careful answer */
		{"localhost", false, false},
		{"", false, false},
		{"127.1", false, false},
		{"0x7f.0.0.1", false, false},
		{"[::1]", false, false},
		{"::1%lo", false, false},
		{"127.0.0.1:80", false, false},
		{" 127.0.0.1", false, false},
		{"127.0.0.256", false, false},
		{"2130706433", false, false},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (address_is_numeric(cases[i].text) != cases[i].numeric ||
			address_is_loopback(cases[i].text) != cases[i].loopback) {
			fail_msg("\"%s\"", cases[i].text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_judged),
	};
	return cmocka_run_group_tests_name("base/address", tests, NULL, NULL);
}
