/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of USB printers: what is one, and what is not.
 */
#include "wire/usb_address.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#define TOO_LONG "usb://1452:9001/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void a_serial_or_a_port_says_which_one(void **state)
{
	(void)state;
	static const struct {
		const char *uri, *serial, *port;
	} rows[] = {
		{"usb://1452:9001/DS7X00123", "DS7X00123", ""},
		{"usb://1452:9001/DS%20X%2f1", "DS X/1", ""},
		{"usb://1452:9001/J%C3%B6rg", "J\xC3\xB6rg", ""},
		{"usb://1452:9001/?port=1-2", "", "1-2"},
		{"usb://1452:9001/?port=12-1.4.2", "", "12-1.4.2"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct usb_address address;
		struct err err;
		assert_true(usb_address_from(rows[i].uri, &address, &err));
		assert_int_equal(address.vendor, 0x1452);
		assert_int_equal(address.product, 0x9001);
		assert_string_equal(address.serial, rows[i].serial);
		assert_string_equal(address.port, rows[i].port);
	}
}

static void what_is_none_is_refused_with_what_it_must_be(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "usb:", "usb://", "usb:/1452:9001/A", "usb://1452/A",
		"usb://1452:900/A", "usb://14520:9001/A", "usb://145g:9001/A", "usb://1452:9001",
		"usb://1452:9001/", "usb://1452:9001/A/B", "usb://1452:9001/A?b",
		"usb://1452:9001/%", "usb://1452:9001/%4", "usb://1452:9001/%4g",
		"usb://1452:9001/%00", "usb://1452:9001/%0A", "usb://1452:9001/%FF",
		"usb://1452:9001/?port=", "usb://1452:9001/?port=1", "usb://1452:9001/?port=1-",
		"usb://1452:9001/?port=1-2.", "usb://1452:9001/?port=1-2:1.0",
		"usb://1452:9001/?port=../1-2", "usb://1452:9001/?port=1-2/..", TOO_LONG,
		"usb://1452:9001/?port=1-2.3.4.5.6.7.8.9.10.11.12.13.14.15"};
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct usb_address address;
		struct err err = {.text = ""};
		if (usb_address_from(bad[i], &address, &err)) {
			fail_msg("taken: %s", bad[i]);
		}
		assert_string_equal(err.code, "usb-address");
		assert_non_null(strstr(err.text, "usb://VVVV:PPPP/SERIAL"));
	}
}

static void blanks_at_its_ends_are_no_part_of_a_serial(void **state)
{
	(void)state;
	assert_true(usb_serial_is("AB12", "AB12   "));
	assert_true(usb_serial_is("  AB12", "AB12"));
	assert_true(usb_serial_is("", "  "));
	assert_false(usb_serial_is("AB12", "AB123"));
	assert_false(usb_serial_is("AB 12", "AB12"));
	assert_false(usb_serial_is("AB12", "ab12"));
	assert_false(usb_serial_is("AB12", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_serial_or_a_port_says_which_one),
		cmocka_unit_test(what_is_none_is_refused_with_what_it_must_be),
		cmocka_unit_test(blanks_at_its_ends_are_no_part_of_a_serial),
	};
	return cmocka_run_group_tests_name("wire/usb_address", tests, NULL, NULL);
}
