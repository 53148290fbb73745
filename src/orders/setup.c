/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration file of platen-orders. What the command line says is put over it by main.c.
 */
#include "orders/setup.h"
#include "base/conf.h"
#include "base/clock.h"
#include "base/text.h"
#include <stdio.h>
#include <string.h>

static const struct conf_rule rules[] = {
	{NULL, "data", CONF_TEXT, false, 1, SETUP_TEXT_MAX - 1, NULL, NULL},
	{NULL, "listen", CONF_TEXT, false, 3, 80, NULL, NULL},
	{NULL, "cert", CONF_TEXT, false, 1, SETUP_TEXT_MAX - 1, NULL, NULL},
	{NULL, "key", CONF_TEXT, false, 1, SETUP_TEXT_MAX - 1, NULL, NULL},
	{NULL, "ca", CONF_TEXT, false, 1, SETUP_TEXT_MAX - 1, NULL, NULL},
	{NULL, "public_url", CONF_TEXT, false, 9, SETUP_TEXT_MAX - 1, NULL, NULL},
	{NULL, "admin_url", CONF_TEXT, false, 9, SETUP_TEXT_MAX - 1, NULL, NULL},
	{NULL, "admin_cert", CONF_TEXT, false, 1, SETUP_TEXT_MAX - 1, NULL, NULL},
	{NULL, "admin_key", CONF_TEXT, false, 1, SETUP_TEXT_MAX - 1, NULL, NULL},
	{NULL, "lease", CONF_MS, false, 1000, 86400000, "120 s", NULL},
	{NULL, "heartbeat", CONF_MS, false, 1000, 3600000, "30 s", NULL},
	{NULL, "links", CONF_MS, false, 1000, 86400000, "15 min", NULL},
	{NULL, "batch_events", CONF_INT, false, 1, 500, "100", NULL},
	{NULL, "regrants_per_minute", CONF_INT, false, 0, 100000, "120", NULL},
	{NULL, "grants_max", CONF_INT, false, 1, 1000000, "50", NULL},
	{NULL, "sign_key", CONF_TEXT, false, 1, SETUP_TEXT_MAX - 1, NULL, NULL},
	{NULL, "sign_name", CONF_TEXT, false, 1, SIGN_NAME_MAX - 1, NULL, NULL},
	{NULL, "require_token", CONF_BOOL, false, 0, 1, "false", NULL},
};

void setup_defaults(struct setup *setup)
{
	*setup = (struct setup){
		.host = "127.0.0.1",
		.port = 8443,
		.ttl_s = 120,
		.heartbeat_s = 30,
		.link_s = 900,
		.batch_events = 100,
		.regrants_per_minute = 120,
		.grants_max = 50,
	};
}

bool setup_listen(struct setup *setup, const char *text, struct err *err)
{
	const char *colon = strrchr(text, ':');
	int64_t port = 0;
	bool boxed = text[0] == '[' && colon != NULL && colon > text && colon[-1] == ']';
	size_t len = colon == NULL ? 0 : (size_t)(colon - text) - (boxed ? 2 : 0);
	if (colon == NULL || len == 0 || len >= sizeof setup->host ||
		!text_to_int(colon + 1, 0, 65535, &port)) {
		return err_set(err, REMEDY_REJECT, "usage",
			"\"%s\" is no address to listen at: say ADDRESS:PORT, as in "
			"127.0.0.1:8443 or [::1]:8443",
			text);
	}
	memcpy(setup->host, text + (boxed ? 1 : 0), len);
	setup->host[len] = '\0';
	setup->port = (int32_t)port;
	return true;
}

static void take_text(const struct conf *conf, const char *key, char *out)
{
	if (conf_has(conf, NULL, 0, key)) {
		text_copy(out, SETUP_TEXT_MAX, conf_text(conf, NULL, 0, key));
	}
}

static void take_all(const struct conf *conf, struct setup *setup)
{
	take_text(conf, "data", setup->data);
	take_text(conf, "cert", setup->cert);
	take_text(conf, "key", setup->key);
	take_text(conf, "ca", setup->ca);
	take_text(conf, "public_url", setup->public_url);
	take_text(conf, "admin_url", setup->admin_url);
	take_text(conf, "admin_cert", setup->admin_cert);
	take_text(conf, "admin_key", setup->admin_key);
	setup->ttl_s = conf_int(conf, NULL, 0, "lease") / SECOND_MS;
	setup->heartbeat_s = conf_int(conf, NULL, 0, "heartbeat") / SECOND_MS;
	setup->link_s = conf_int(conf, NULL, 0, "links") / SECOND_MS;
	setup->batch_events = (int32_t)conf_int(conf, NULL, 0, "batch_events");
	setup->regrants_per_minute = (int32_t)conf_int(conf, NULL, 0, "regrants_per_minute");
	setup->grants_max = (int32_t)conf_int(conf, NULL, 0, "grants_max");
	take_text(conf, "sign_key", setup->sign_key);
	text_copy(setup->sign_name, sizeof setup->sign_name, conf_text(conf, NULL, 0, "sign_name"));
	setup->require_token = conf_int(conf, NULL, 0, "require_token") != 0;
}

bool setup_read(struct setup *setup, struct err *err)
{
	struct conf_faults faults = {0};
	struct conf *conf = conf_read(setup->config, rules, sizeof rules / sizeof *rules, &faults);
	if (conf != NULL) {
		take_all(conf, setup);
		struct err wrong;
		if (conf_has(conf, NULL, 0, "listen") &&
			!setup_listen(setup, conf_text(conf, NULL, 0, "listen"), &wrong)) {
			conf_fault(conf, &faults, NULL, 0, "listen", "%s", wrong.text);
		}
		if (setup->heartbeat_s >= setup->ttl_s) {
			conf_fault(conf, &faults, NULL, 0, "heartbeat",
				"must be shorter than a lease (%lld s)", (long long)setup->ttl_s);
		}
		if ((setup->sign_key[0] != '\0') != text_is_id(setup->sign_name)) {
			conf_fault(conf, &faults, NULL, 0, "sign_name",
				"and sign_key belong together: the key, and the name that the "
				"floors know it by (1 to 64 of A-Z a-z 0-9 . _ : -)");
		}
		conf_destroy(conf);
	}
	for (size_t i = 0; i < faults.n && i < CONF_FAULTS_MAX; i++) {
		fprintf(stderr, "platen-orders: %s\n", faults.text[i]);
	}
	return faults.n == 0 || err_set(err, REMEDY_FATAL, "config",
					"%s has %zu fault%s: put right what is said above",
					setup->config, faults.n, faults.n == 1 ? "" : "s");
}
