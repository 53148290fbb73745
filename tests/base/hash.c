/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes, against published figures.
 */
#include "base/hash.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define ABC   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void sha256_is_that_of_fips_180(void **state)
{
	(void)state;
	char hex[HASH_HEX_MAX];
	hash_hex_of("abc", 3, hex);
	assert_string_equal(hex, ABC);
	hash_hex_of("", 0, hex);
	assert_string_equal(hex, EMPTY);
}

static void a_running_hash_starts_anew_after_taking(void **state)
{
	(void)state;
	struct hash *hash = hash_create();
	char hex[HASH_HEX_MAX];
	hash_add(hash, "a", 1);
	hash_add(hash, "", 0);
	hash_add(hash, "bc", 2);
	hash_take_hex(hash, hex);
	assert_string_equal(hex, ABC);
	hash_take_hex(hash, hex);
	assert_string_equal(hex, EMPTY);
	hash_destroy(hash);
	hash_destroy(NULL);
}

static void files_are_hashed_from_their_offset(void **state)
{
	(void)state;
	FILE *file = tmpfile();
	assert_non_null(file);
	assert_true(fputs("xxabc", file) >= 0);
	assert_int_equal(fflush(file), 0);
	int fd = fileno(file);
	assert_int_equal(lseek(fd, 2, SEEK_SET), 2);
	char hex[HASH_HEX_MAX];
	struct err err;
	assert_true(hash_hex_of_file(fd, hex, &err));
	assert_string_equal(hex, ABC);
	fclose(file);
	assert_false(hash_hex_of_file(-1, hex, &err));
	assert_string_equal(err.code, "file-read");
}

static void hmac_is_that_of_rfc_4231(void **state)
{
	(void)state;
	char hex[HASH_HEX_MAX];
	hmac_hex_of("Jefe", 4, "what do ya want for nothing?", 28, hex);
	assert_string_equal(
		hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	char key[131];
	memset(key, 0xaa, sizeof key);
	static const char text[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	hmac_hex_of(key, sizeof key, text, sizeof text - 1, hex);
	assert_string_equal(
		hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void hex_texts_are_judged(void **state)
{
	(void)state;
	assert_true(hash_is_hex(ABC));
	assert_false(hash_is_hex(""));
	assert_false(
		hash_is_hex("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"));
	assert_false(hash_is_hex(ABC "0"));
	assert_false(hash_is_hex("ba7816bf"));
	assert_true(hash_texts_equal(ABC, ABC));
	assert_true(hash_texts_equal("", ""));
	assert_false(hash_texts_equal("ab", "abc"));
	assert_false(hash_texts_equal("abc", "abd"));
}

static void keys_are_named_as_curl_names_them(void **state)
{
	(void)state;
	char pin[HASH_PIN_MAX];
	hash_pin_of("abc", 3, pin);
	assert_string_equal(pin, "sha256//ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
	assert_true(hash_is_pin(pin));
	static const char *const wrong[] = {"", "sha256//", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD",
		"sha256//ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0",
		"sha256//ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0==",
		"sha256//ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa !",
		"SHA256//ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		assert_false(hash_is_pin(wrong[i]));
	}
}

static void ulids_are_those_of_their_specification(void **state)
{
	(void)state;
	char ulid[ULID_MAX];
	/* the time of the specification's example, 2016-07-30T23:54:10.259Z */
	ulid_from(INT64_C(1469922850259), 0, 0, ulid);
	assert_string_equal(ulid, "01ARZ3NDEK0000000000000000");
	ulid_from(0, 0xffff, UINT64_MAX, ulid);
	assert_string_equal(ulid, "0000000000ZZZZZZZZZZZZZZZZ");
	ulid_from(INT64_C(0xffffffffffff), 0, 1, ulid);
	assert_string_equal(ulid, "7ZZZZZZZZZ0000000000000001");
	ulid_from(0, 0x8000, 0, ulid);
	assert_string_equal(ulid, "0000000000G000000000000000");
}

static void ulids_sort_by_time_and_differ(void **state)
{
	(void)state;
	char earlier[ULID_MAX];
	char later[ULID_MAX];
	char other[ULID_MAX];
	ulid_make(1000, earlier);
	ulid_make(1001, later);
	ulid_make(1001, other);
	assert_true(strcmp(earlier, later) < 0);
	assert_string_not_equal(later, other);
	unsigned char a[16] = {0};
	unsigned char b[16] = {0};
	random_bytes(a, sizeof a);
	random_bytes(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_is_that_of_fips_180),
		cmocka_unit_test(a_running_hash_starts_anew_after_taking),
		cmocka_unit_test(files_are_hashed_from_their_offset),
		cmocka_unit_test(hmac_is_that_of_rfc_4231),
		cmocka_unit_test(hex_texts_are_judged),
		cmocka_unit_test(keys_are_named_as_curl_names_them),
		cmocka_unit_test(ulids_are_those_of_their_specification),
		cmocka_unit_test(ulids_sort_by_time_and_differ),
	};
	return cmocka_run_group_tests_name("base/hash", tests, NULL, NULL);
}
