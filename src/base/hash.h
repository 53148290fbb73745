/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-256, HMAC-SHA-256, random bytes and ULIDs.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

#define HASH_BYTES   32
#define HASH_HEX_MAX 65 /* 64 lower-case hexadecimal digits and the NUL */
#define HASH_PIN_MAX 53 /* "sha256//", 44 characters of base 64 and the NUL */
#define ULID_MAX     27 /* 26 characters of Crockford's base 32 and the NUL */

struct hash; /* a running SHA-256 */

struct hash *hash_create(void);
void hash_destroy(struct hash *hash);
void hash_add(struct hash *hash, const void *bytes, size_t len);
/* The digest of all that was added, as 64 hexadecimal digits; the hash starts anew. */
void hash_take_hex(struct hash *hash, char hex[HASH_HEX_MAX]);

void hash_hex_of(const void *bytes, size_t len, char hex[HASH_HEX_MAX]);
/* Reads the descriptor from its present offset to the end. */
must_use bool hash_hex_of_file(int fd, char hex[HASH_HEX_MAX], struct err *err);
bool hash_is_hex(const char *text);

/* The name of a public key, as curl and RFC 7469 write it: SHA-256 of its SubjectPublicKeyInfo in
 * DER, "sha256//" and base 64. */
void hash_pin_of(const void *der, size_t len, char pin[HASH_PIN_MAX]);
bool hash_is_pin(const char *text);

void hmac_hex_of(
	const void *key, size_t key_len, const void *bytes, size_t len, char hex[HASH_HEX_MAX]);
/* Compares two texts of equal length in constant time. */
bool hash_texts_equal(const char *a, const char *b);

void random_bytes(void *bytes, size_t len);
/* A ULID (github.com/ulid/spec): 48 bits of wall-clock milliseconds, 80 random bits. */
void ulid_make(int64_t wall_ms, char ulid[ULID_MAX]);
/* The same from 80 bits of the caller's own chance, so that the simulator can repeat a run. */
void ulid_from(int64_t wall_ms, uint16_t high, uint64_t low, char ulid[ULID_MAX]);
