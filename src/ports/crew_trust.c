/* SPDX-License-Identifier: Apache-2.0
 *
 * What a device worker may believe and say: the key that its printer must prove, and the password
 * that it may tell there. The worker itself reads no file and remembers nothing.
 *
 *  1. DEVICE_SETUP brings the password, read from its file, and the key of the configuration.
 *  2. A worker that meets another key asks (KEY); the farm answers once it has stored what is
 *     pinned.
 *  3. While the printer refuses the password, its file is read again at each look at the printer.
 *
 * Ways it fails: the file is gone or open to others: the worker goes on without a password, and
 * what it then hears from its printer is told as that printer's health.
 */
#include "base/file.h"
#include "base/log.h"
#include "ports/crew_question.h"
#include <string.h>

void trust_password(const struct device_bench *bench, char password[PASSWORD_MAX])
{
	struct err err;
	password[0] = '\0';
	if (bench->conf->password_file[0] != '\0' &&
		!file_secret(bench->conf->password_file, password, PASSWORD_MAX, &err)) {
		log_error(bench->conf->name, "%s", err.text);
	}
}

void trust_renew(struct device_bench *bench)
{
	char password[PASSWORD_MAX];
	trust_password(bench, password);
	if (password[0] != '\0' && bench->hand != NULL) {
		hand_send(bench->hand, FRAME_PASSWORD, json_pack("{s:s}", "password", password),
			NULL, 0);
	}
	explicit_bzero(password, sizeof password);
}

void trust_met(struct device_bench *bench, const json_t *json)
{
	char key[HASH_PIN_MAX];
	struct err err;
	if (!json_need_text(json, "tls_key", key, sizeof key, &err) || !hash_is_pin(key)) {
		log_warn(bench->conf->name, "worker told a bad key, killed");
		hand_kill(bench->hand);
		return;
	}
	bench->crew->hears->key(bench->crew->farm, bench->conf->name, key);
}

void device_key(void *self, const char *printer, const char *tls_key)
{
	struct device_bench *bench = device_bench_of(self, printer);
	if (bench != NULL && bench->hand != NULL) {
		hand_send(
			bench->hand, FRAME_PINNED, json_pack("{s:s}", "tls_key", tls_key), NULL, 0);
	}
}
