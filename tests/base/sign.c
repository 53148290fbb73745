/* SPDX-License-Identifier: Apache-2.0
 *
 * Ed25519: what was signed is believed, what was changed is not, and keys come and go as files.
 */
#include "base/sign.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* RFC 8032, section 7.1, test 2: the message is one byte, 72 */
static const char private_pem[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
	"-----END PRIVATE KEY-----\n";
static const char public_pem[] = "-----BEGIN PUBLIC KEY-----\n"
				 "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
				 "-----END PUBLIC KEY-----\n";
static const char signature_of_72[] =
	"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	"085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
static const char p256_pem[] = "-----BEGIN PUBLIC KEY-----\n"
			       "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE/pCuWgWzVg1E+rYbQnQQjEHaHLv/\n"
			       "356Qe9F7qFZq2i9b4qAQdVIDtgEL9w5T79nle+su0owLVt2v0InOCeTIdw==\n"
			       "-----END PUBLIC KEY-----\n";

static char folder[64];

static void put(const char *name, const char *text)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void drop(const char *name)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	assert_int_equal(unlink(path), 0);
}

static int begin(void **state)
{
	(void)state;
	snprintf(folder, sizeof folder, "/tmp/platen-sign-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int end(void **state)
{
	char command[128];
	(void)state;
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command);
}

static void a_known_signature_is_made_and_believed(void **state)
{
	(void)state;
	struct err err;
	char path[128], hex[SIGN_HEX_MAX];
	put("shop.pem", public_pem);
	put("private", private_pem);
	snprintf(path, sizeof path, "%s/private", folder);
	struct key_ring *ring = key_ring_open(folder, &err);
	struct signer *signer = signer_open(path, &err);
	assert_non_null(ring);
	assert_non_null(signer);
	signer_sign(signer, "\x72", 1, hex);
	assert_string_equal(hex, signature_of_72);
	assert_int_equal(key_ring_count(ring), 1);
	assert_true(key_ring_verify(ring, "shop", "\x72", 1, hex, &err));
	signer_close(signer);
	key_ring_close(ring);
}

static void whatever_was_changed_is_not_believed(void **state)
{
	(void)state;
	struct err err;
	char hex[SIGN_HEX_MAX];
	put("shop.pem", public_pem);
	struct key_ring *ring = key_ring_open(folder, &err);
	assert_false(key_ring_verify(ring, "shop", "\x73", 1, signature_of_72, &err));
	assert_string_equal(err.code, "signature");
	assert_false(key_ring_verify(ring, "shop", "\x72\x72", 2, signature_of_72, &err));
	assert_false(key_ring_verify(ring, "other", "\x72", 1, signature_of_72, &err));
	assert_non_null(strstr(err.text, "\"other\", which is not in"));
	for (size_t i = 0; i < SIGN_HEX_MAX - 1; i++) {
		memcpy(hex, signature_of_72, sizeof hex);
		hex[i] = hex[i] == '0' ? '1' : '0';
		assert_false(key_ring_verify(ring, "shop", "\x72", 1, hex, &err));
	}
	assert_false(key_ring_verify(ring, "shop", "\x72", 1, "", &err));
	memcpy(hex, signature_of_72, sizeof hex);
	hex[0] = 'G';
	assert_false(key_ring_verify(ring, "shop", "\x72", 1, hex, &err));
	key_ring_close(ring);
}

static void keys_come_and_go_as_files(void **state)
{
	(void)state;
	struct err err;
	struct key_ring *ring = key_ring_open(folder, &err);
	assert_int_equal(key_ring_count(ring), 0);
	put("new.pem", public_pem);
	assert_true(key_ring_refresh(ring, &err));
	assert_true(key_ring_verify(ring, "new", "\x72", 1, signature_of_72, &err));
	usleep(20000); /* the folder's stamp may be as coarse as a tick */
	drop("new.pem");
	assert_true(key_ring_refresh(ring, &err));
	assert_false(key_ring_verify(ring, "new", "\x72", 1, signature_of_72, &err));
	key_ring_close(ring);
}

static void a_bad_file_leaves_the_keys_that_are_known(void **state)
{
	(void)state;
	struct err err;
	put("shop.pem", public_pem);
	struct key_ring *ring = key_ring_open(folder, &err);
	usleep(20000);
	put("bad.pem", "no key at all\n");
	assert_false(key_ring_refresh(ring, &err));
	assert_non_null(strstr(err.text, "/bad.pem is no Ed25519 public key"));
	assert_true(key_ring_verify(ring, "shop", "\x72", 1, signature_of_72, &err));
	key_ring_close(ring);
}

static void a_key_of_another_kind_is_refused_and_named(void **state)
{
	(void)state;
	struct err err;
	put("curve.pem", p256_pem);
	assert_null(key_ring_open(folder, &err));
	assert_string_equal(err.code, "keys");
	assert_non_null(strstr(err.text, "/curve.pem is no Ed25519 public key"));
	assert_null(key_ring_open("/nowhere/at/all", &err));
	assert_string_equal(err.code, "keys");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_known_signature_is_made_and_believed, begin, end),
		cmocka_unit_test_setup_teardown(whatever_was_changed_is_not_believed, begin, end),
		cmocka_unit_test_setup_teardown(keys_come_and_go_as_files, begin, end),
		cmocka_unit_test_setup_teardown(
			a_bad_file_leaves_the_keys_that_are_known, begin, end),
		cmocka_unit_test_setup_teardown(
			a_key_of_another_kind_is_refused_and_named, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
