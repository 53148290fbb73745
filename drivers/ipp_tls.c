/* SPDX-License-Identifier: Apache-2.0
 *
 * Whom an encrypted connection leads to. A printer makes its certificate by itself, so no authority
 * and no date says anything about it; what is known again is its public key. That is compared
 * before every single request, also on a kept connection: nothing, not even a password, goes to
 * another key. Sessions are not resumed, so each connection has proven its key by itself.
 */
#include "drivers/ipp_line.h"
#include "base/hash.h"
#include <openssl/ssl.h>
#include <string.h>

void ipp_tls_warm(void)
{
	SSL_CTX_free(SSL_CTX_new(TLS_client_method()));
}

void ipp_tls_set_up(const struct ipp *ipp, CURL *curl)
{
	if (!ipp->encrypts) {
		return;
	}
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(curl, CURLOPT_CAINFO, NULL); /* files that the cage would refuse */
	curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(curl, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_ENABLE_ALPN, 0L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)IPP_CREATE_MS);
}

static SSL *session_of(CURL *curl)
{
	const struct curl_tlssessioninfo *session = NULL;
	curl_easy_getinfo(curl, CURLINFO_TLS_SSL_PTR, &session);
	return session == NULL || session->backend != CURLSSLBACKEND_OPENSSL ? NULL
									     : session->internals;
}

/* The key that the other side of this connection has proven. */
static bool key_of(SSL *session, char key[HASH_PIN_MAX])
{
	unsigned char *der = NULL;
	X509 *certificate = SSL_get0_peer_certificate(session);
	int len =
		certificate == NULL ? 0 : i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	if (len > 0) {
		hash_pin_of(der, (size_t)len, key);
	}
	OPENSSL_free(der);
	return len > 0;
}

/* The key was good when the connection was made; since then a person has accepted another. */
static bool is_kept(CURL *curl)
{
	long made = 1;
	curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &made);
	return made == 0;
}

bool ipp_tls_key_fits(struct exchange *x)
{
	struct device *device = x->ipp->device;
	char key[HASH_PIN_MAX];
	if (!x->ipp->encrypts) {
		return true;
	}
	SSL *session = session_of(x->curl);
	if (session == NULL || !key_of(session, key)) {
		return err_set(&x->refusal, REMEDY_RETRY, "printer-tls",
			"printer %s: it encrypts and does not say with which key; nothing was sent",
			device->printer);
	}
	/* Who is cut off in a document must look so, not as if he had said goodbye at its end; and
	 * it stays the one key that is looked at here. */
	SSL_set_quiet_shutdown(session, 1);
	SSL_set_options(session, SSL_OP_NO_RENEGOTIATION);
	if (strcmp(key, device->tls_key) != 0) {
		x->outdated = is_kept(x->curl);
		if (x->outdated || !device->met_key(device->host, key, &x->refusal)) {
			return false;
		}
	}
	/* accepted after this request was given the name for another machine */
	x->outdated = x->ipp->auth.way != 0 && strcmp(x->ipp->auth.key, key) != 0;
	return !x->outdated;
}
