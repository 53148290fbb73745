/* SPDX-License-Identifier: Apache-2.0
 *
 * Ed25519 by libcrypto.
 */
#include "base/sign.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER_MAX      256
#define PEM_MAX         16384
#define SIGNATURE_BYTES 64

struct public_key {
	char name[SIGN_NAME_MAX];
	EVP_PKEY *key;
};

struct key_ring {
	char folder[FOLDER_MAX];
	struct timespec changed; /* of the folder, when it was read */
	struct public_key *keys;
	size_t n;
};

struct signer {
	EVP_PKEY *key;
};

static EVP_PKEY *read_pem(const char *path, bool is_private, struct err *err)
{
	struct buf pem = {0};
	EVP_PKEY *key = NULL;
	if (!file_read(path, PEM_MAX, &pem, err)) {
		return NULL;
	}
	BIO *bytes = BIO_new_mem_buf(pem.bytes, (int)pem.len);
	if (bytes != NULL) {
		key = is_private ? PEM_read_bio_PrivateKey(bytes, NULL, NULL, NULL)
				 : PEM_read_bio_PUBKEY(bytes, NULL, NULL, NULL);
	}
	BIO_free(bytes);
	buf_fini(&pem);
	if (key == NULL || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(key);
		err_set(err, REMEDY_FATAL, "keys",
			"%s is no Ed25519 %s key in PEM: make one with `openssl genpkey "
			"-algorithm ed25519`",
			path, is_private ? "private" : "public");
		return NULL;
	}
	return key;
}

/* ---- the ring ---- */

static void drop_keys(struct key_ring *ring)
{
	for (size_t i = 0; i < ring->n; i++) {
		EVP_PKEY_free(ring->keys[i].key);
	}
	free(ring->keys);
	ring->keys = NULL;
	ring->n = 0;
}

static bool read_key(struct key_ring *ring, const char *name, struct err *err)
{
	char path[FOLDER_MAX + SIGN_NAME_MAX + 8];
	struct public_key *key = &ring->keys[ring->n];
	if (!text_is_id(name)) {
		return err_set(err, REMEDY_FATAL, "keys",
			"%s/%s.pem: the name of a key is 1 to 64 of A-Z a-z 0-9 . _ : -",
			ring->folder, name);
	}
	text_copy(key->name, sizeof key->name, name);
	snprintf(path, sizeof path, "%s/%s.pem", ring->folder, name);
	key->key = read_pem(path, false, err);
	ring->n += key->key != NULL;
	return key->key != NULL;
}

static bool read_folder(struct key_ring *ring, struct err *err)
{
	struct names names = {0};
	struct stat stat_now;
	if (stat(ring->folder, &stat_now) != 0) {
		return err_set(err, REMEDY_FATAL, "keys", "the folder of keys %s: %s", ring->folder,
			strerror(errno));
	}
	ring->changed = stat_now.st_mtim;
	bool fine = folder_names(ring->folder, ".pem", &names, err);
	ring->keys = mem_new(names.n, sizeof *ring->keys);
	for (size_t i = 0; fine && i < names.n; i++) {
		fine = read_key(ring, names.name[i], err);
	}
	names_fini(&names);
	return fine;
}

struct key_ring *key_ring_open(const char *folder, struct err *err)
{
	struct key_ring *ring = mem_new(1, sizeof *ring);
	text_copy(ring->folder, sizeof ring->folder, folder);
	if (!read_folder(ring, err)) {
		key_ring_close(ring);
		return NULL;
	}
	return ring;
}

void key_ring_close(struct key_ring *ring)
{
	if (ring != NULL) {
		drop_keys(ring);
		free(ring);
	}
}

size_t key_ring_count(const struct key_ring *ring)
{
	return ring->n;
}

bool key_ring_refresh(struct key_ring *ring, struct err *err)
{
	struct stat stat_now;
	bool same = stat(ring->folder, &stat_now) == 0 &&
		    stat_now.st_mtim.tv_sec == ring->changed.tv_sec &&
		    stat_now.st_mtim.tv_nsec == ring->changed.tv_nsec;
	if (same) {
		return true;
	}
	struct key_ring fresh = {0};
	memcpy(fresh.folder, ring->folder, sizeof fresh.folder);
	if (!read_folder(&fresh, err)) {
		drop_keys(&fresh);
		return false;
	}
	drop_keys(ring);
	*ring = fresh;
	return true;
}

static const struct public_key *find_key(const struct key_ring *ring, const char *name)
{
	for (size_t i = 0; i < ring->n; i++) {
		if (strcmp(ring->keys[i].name, name) == 0) {
			return &ring->keys[i];
		}
	}
	return NULL;
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool from_hex(const char *hex, unsigned char bytes[SIGNATURE_BYTES])
{
	if (strlen(hex) != 2 * SIGNATURE_BYTES) {
		return false;
	}
	for (size_t i = 0; i < SIGNATURE_BYTES; i++) {
		int high = digit_of(hex[2 * i]);
		int low = digit_of(hex[2 * i + 1]);
		if (high < 0 || low < 0) {
			return false;
		}
		bytes[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

static bool fits(EVP_PKEY *key, const unsigned char *signature, const void *bytes, size_t len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool fine = context != NULL && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
		    EVP_DigestVerify(context, signature, SIGNATURE_BYTES, bytes, len) == 1;
	EVP_MD_CTX_free(context);
	return fine;
}

bool key_ring_verify(const struct key_ring *ring, const char *name, const void *bytes, size_t len,
	const char *signature_hex, struct err *err)
{
	unsigned char signature[SIGNATURE_BYTES];
	const struct public_key *key = find_key(ring, name);
	if (key == NULL) {
		return err_set(err, REMEDY_REJECT, "signature",
			"it is signed with the key \"%s\", which is not in %s", name, ring->folder);
	}
	return (from_hex(signature_hex, signature) && fits(key->key, signature, bytes, len)) ||
	       err_set(err, REMEDY_REJECT, "signature",
		       "its signature is not by the key \"%s\" over what it says", name);
}

/* ---- signing ---- */

struct signer *signer_open(const char *path, struct err *err)
{
	EVP_PKEY *key = read_pem(path, true, err);
	if (key == NULL) {
		return NULL;
	}
	struct signer *signer = mem_new(1, sizeof *signer);
	signer->key = key;
	return signer;
}

void signer_close(struct signer *signer)
{
	if (signer != NULL) {
		EVP_PKEY_free(signer->key);
		free(signer);
	}
}

void signer_sign(const struct signer *signer, const void *bytes, size_t len, char hex[SIGN_HEX_MAX])
{
	unsigned char signature[SIGNATURE_BYTES];
	size_t signature_len = sizeof signature;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool fine = context != NULL &&
		    EVP_DigestSignInit(context, NULL, NULL, NULL, signer->key) == 1 &&
		    EVP_DigestSign(context, signature, &signature_len, bytes, len) == 1;
	if (!fine || signature_len != SIGNATURE_BYTES) {
		abort(); /* as base/hash.c: a libcrypto that can't leaves nothing to be trusted */
	}
	EVP_MD_CTX_free(context);
	for (size_t i = 0; i < SIGNATURE_BYTES; i++) {
		snprintf(hex + 2 * i, 3, "%02x", signature[i]);
	}
}
