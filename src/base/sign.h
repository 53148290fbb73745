/* SPDX-License-Identifier: Apache-2.0
 *
 * Ed25519 (RFC 8032): a ring of public keys in a folder, and one private key to sign with. The
 * second doorman of libcrypto.
 *
 * A key is a file NAME.pem of the folder; its name is what signatures say. Keys rotate by files:
 * a new one is put there before the first signature made with it, an old one is taken away when
 * nothing signed with it may be believed any more.
 */
#pragma once
#include "base/err.h"
#include <stddef.h>

#define SIGN_NAME_MAX 65
#define SIGN_HEX_MAX  129 /* 64 bytes as lower-case hexadecimal digits, and the NUL */

struct key_ring;

/* Reads every NAME.pem of the folder. NULL with FATAL, code "keys", when the folder can't be read
 * or a file in it is no Ed25519 public key. */
struct key_ring *key_ring_open(const char *folder, struct err *err);
void key_ring_close(struct key_ring *ring);
size_t key_ring_count(const struct key_ring *ring);
/* Looks whether the folder was changed since, and reads it anew. A folder that can't be read leaves
 * the keys as they were, with an error. */
must_use bool key_ring_refresh(struct key_ring *ring, struct err *err);
/* REJECT, code "signature": the key is not in the ring, or the signature is not by it over these
 * bytes. */
must_use bool key_ring_verify(const struct key_ring *ring, const char *name, const void *bytes,
	size_t len, const char *signature_hex, struct err *err);

struct signer;

/* A private key, PEM. NULL with FATAL, code "keys". */
struct signer *signer_open(const char *path, struct err *err);
void signer_close(struct signer *signer);
void signer_sign(
	const struct signer *signer, const void *bytes, size_t len, char hex[SIGN_HEX_MAX]);
