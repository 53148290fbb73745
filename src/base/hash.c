/* SPDX-License-Identifier: Apache-2.0
 *
 * A doorman of libcrypto, beside sign.c. A libcrypto that cannot hash or give random bytes leaves
 * nothing that could be trusted: that ends the process.
 */
#include "base/hash.h"
#include "base/mem.h"
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIN_SCHEME "sha256//"

struct hash {
	EVP_MD_CTX *context;
};

static void or_die(bool fine)
{
	if (!fine) {
		abort();
	}
}

struct hash *hash_create(void)
{
	struct hash *hash = mem_new(1, sizeof *hash);
	hash->context = EVP_MD_CTX_new();
	or_die(hash->context != NULL);
	or_die(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) == 1);
	return hash;
}

void hash_destroy(struct hash *hash)
{
	if (hash != NULL) {
		EVP_MD_CTX_free(hash->context);
		free(hash);
	}
}

void hash_add(struct hash *hash, const void *bytes, size_t len)
{
	or_die(EVP_DigestUpdate(hash->context, bytes, len) == 1);
}

static void put_hex(const unsigned char *digest, char hex[HASH_HEX_MAX])
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < HASH_BYTES; i++) {
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 15];
	}
	hex[2 * HASH_BYTES] = '\0';
}

void hash_take_hex(struct hash *hash, char hex[HASH_HEX_MAX])
{
	unsigned char digest[HASH_BYTES];
	or_die(EVP_DigestFinal_ex(hash->context, digest, NULL) == 1);
	or_die(EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL) == 1);
	put_hex(digest, hex);
}

void hash_hex_of(const void *bytes, size_t len, char hex[HASH_HEX_MAX])
{
	unsigned char digest[HASH_BYTES];
	or_die(EVP_Digest(bytes, len, digest, NULL, EVP_sha256(), NULL) == 1);
	put_hex(digest, hex);
}

bool hash_hex_of_file(int fd, char hex[HASH_HEX_MAX], struct err *err)
{
	struct hash *hash = hash_create();
	char piece[65536];
	ssize_t n;
	while ((n = read(fd, piece, sizeof piece)) != 0) {
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			err_set(err, REMEDY_RETRY, "file-read", "reading a file: %s",
				strerror(errno));
			break;
		}
		hash_add(hash, piece, (size_t)n);
	}
	if (n == 0) {
		hash_take_hex(hash, hex);
	}
	hash_destroy(hash);
	return n == 0;
}

bool hash_is_hex(const char *text)
{
	return strlen(text) == 2 * HASH_BYTES && strspn(text, "0123456789abcdef") == 2 * HASH_BYTES;
}

void hash_pin_of(const void *der, size_t len, char pin[HASH_PIN_MAX])
{
	unsigned char digest[HASH_BYTES];
	or_die(EVP_Digest(der, len, digest, NULL, EVP_sha256(), NULL) == 1);
	memcpy(pin, PIN_SCHEME, sizeof PIN_SCHEME);
	EVP_EncodeBlock((unsigned char *)pin + sizeof PIN_SCHEME - 1, digest, sizeof digest);
}

bool hash_is_pin(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *digits = text + sizeof PIN_SCHEME - 1;
	return strncmp(text, PIN_SCHEME, sizeof PIN_SCHEME - 1) == 0 &&
	       strspn(digits, letters) == 43 && strcmp(digits + 43, "=") == 0;
}

void hmac_hex_of(
	const void *key, size_t key_len, const void *bytes, size_t len, char hex[HASH_HEX_MAX])
{
	unsigned char digest[HASH_BYTES];
	unsigned int digest_len = 0;
	or_die(HMAC(EVP_sha256(), key, (int)key_len, bytes, len, digest, &digest_len) != NULL);
	put_hex(digest, hex);
}

bool hash_texts_equal(const char *a, const char *b)
{
	size_t len = strlen(a);
	return len == strlen(b) && CRYPTO_memcmp(a, b, len) == 0;
}

void random_bytes(void *bytes, size_t len)
{
	or_die(RAND_bytes(bytes, (int)len) == 1);
}

void ulid_from(int64_t wall_ms, uint16_t high, uint64_t low, char ulid[ULID_MAX])
{
	static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t time = (uint64_t)wall_ms & 0xFFFFFFFFFFFF;
	for (int i = 9; i >= 0; i--, time >>= 5) {
		ulid[i] = digits[time & 31];
	}
	uint64_t upper = (uint64_t)high << 24 | low >> 40; /* 40 bits each half */
	uint64_t lower = low & 0xFFFFFFFFFF;
	for (int i = 7; i >= 0; i--, upper >>= 5, lower >>= 5) {
		ulid[10 + i] = digits[upper & 31];
		ulid[18 + i] = digits[lower & 31];
	}
	ulid[26] = '\0';
}

void ulid_make(int64_t wall_ms, char ulid[ULID_MAX])
{
	struct {
		uint64_t low;
		uint16_t high;
	} chance;
	random_bytes(&chance, sizeof chance);
	ulid_from(wall_ms, chance.high, chance.low, ulid);
}
