/* SPDX-License-Identifier: Apache-2.0
 *
 * A printer that wants a name and a password. Nothing is told before it asks. Digest where it knows
 * that; Basic only over TLS, since it is the password itself. curl then asks for the challenge with
 * an empty request first, so that no document is sent twice. A password that was refused is not
 * tried again at once, but after a growing wait, or as soon as it is another one.
 */
#include "drivers/ipp_line.h"
#include "base/clock.h"
#include <string.h>

#define WAIT_MS      MINUTE_MS
#define WAIT_MOST_MS (60 * MINUTE_MS)

static bool refused(const struct ipp *ipp, struct err *err)
{
	const struct ipp_auth *auth = &ipp->auth;
	int64_t left_ms = auth->wait_until_ms - clock_boot_ms();
	return err_set(err, REMEDY_ATTEND, "printer-auth",
		"printer %s: it does not take the password of user %.40s; correct what stands in "
		"its password_file. It is tried again when that has changed, or in %d min",
		ipp->device->printer, ipp->device->user,
		(int)((left_ms + MINUTE_MS - 1) / MINUTE_MS));
}

bool ipp_auth_may_ask(struct ipp *ipp, struct err *err)
{
	const struct ipp_auth *auth = &ipp->auth;
	bool waits = auth->refusals > 0 && clock_boot_ms() < auth->wait_until_ms &&
		     strcmp(auth->refused, ipp->device->password) == 0;
	return !waits || refused(ipp, err);
}

void ipp_auth_set_up(struct ipp *ipp, CURL *curl)
{
	if (strcmp(ipp->auth.key, ipp->device->tls_key) != 0) {
		ipp->auth.way = 0;
	}
	if (ipp->auth.way != 0) {
		curl_easy_setopt(curl, CURLOPT_HTTPAUTH, ipp->auth.way);
		curl_easy_setopt(curl, CURLOPT_USERNAME, ipp->device->user);
		curl_easy_setopt(curl, CURLOPT_PASSWORD, ipp->device->password);
	}
}

/* A printer may ask for a password for some operations only: that it answers others, which it does
 * for anybody, does not make a refused password right.
 */
void ipp_auth_was_fine(const struct exchange *x)
{
	struct ipp_auth *auth = &x->ipp->auth;
	if (x->operation == auth->refused_for ||
		strcmp(auth->refused, x->ipp->device->password) != 0) {
		auth->refusals = 0;
	}
}

static bool refuse(const struct exchange *x, struct err *err)
{
	struct ipp *ipp = x->ipp;
	struct ipp_auth *auth = &ipp->auth;
	int64_t wait_ms = WAIT_MS << (auth->refusals < 6 ? auth->refusals : 6);
	auth->refusals++;
	auth->wait_until_ms = clock_boot_ms() + (wait_ms < WAIT_MOST_MS ? wait_ms : WAIT_MOST_MS);
	text_copy(auth->refused, sizeof auth->refused, ipp->device->password);
	auth->refused_for = x->operation;
	return refused(ipp, err);
}

bool ipp_auth_answer(struct exchange *x, struct err *err)
{
	struct ipp *ipp = x->ipp;
	const char *name = ipp->device->printer;
	long offered = 0;
	curl_easy_getinfo(x->curl, CURLINFO_HTTPAUTH_AVAIL, &offered);
	if (ipp->device->user[0] == '\0' || ipp->device->password[0] == '\0') {
		return err_set(err, REMEDY_ATTEND, "printer-auth",
			"printer %s: it asks for a name and a password; give user and a readable "
			"password_file in its section of platen.conf",
			name);
	}
	if (((unsigned long)offered & (CURLAUTH_DIGEST | CURLAUTH_BASIC)) == 0) {
		return err_set(err, REMEDY_ATTEND, "printer-auth",
			"printer %s: it asks who platen is, and for neither Digest nor Basic; "
			"switch one of them on at the printer",
			name);
	}
	bool digest = ((unsigned long)offered & CURLAUTH_DIGEST) != 0;
	long way = digest ? (long)CURLAUTH_DIGEST : (long)CURLAUTH_BASIC;
	if (!digest && !ipp->encrypts) {
		return err_set(err, REMEDY_ATTEND, "printer-auth",
			"printer %s: it wants the password in clear (Basic), which platen sends "
			"encrypted only: begin its uri with ipps://",
			name);
	}
	/* Once for each request: some change their mind about the way each time. */
	bool tried = x->named || ipp->auth.way == way;
	ipp->auth.way = way;
	text_copy(ipp->auth.key, sizeof ipp->auth.key, ipp->device->tls_key);
	x->named = true;
	return !tried || refuse(x, err);
}

bool ipp_auth_unlearn(struct exchange *x, long status)
{
	bool bare = x->ipp->auth.way == 0 && x->fresh;
	if (status < 300 || x->request_at > 0 || bare) {
		return false;
	}
	x->ipp->auth.way = 0;
	x->fresh = true; /* curl 7.88 leaves out the request on that connection for good */
	return true;
}
