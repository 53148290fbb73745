/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys that printers prove over TLS. The first one is pinned, unless the configuration says
 * which it must be; from then on another one stops the printer until a person has decided, also
 * over restarts and also when the right one is back meanwhile. Its worker waits for our word with
 * the connection made and nothing sent: it gets that after the commit.
 */
#include "farm/own.h"
#include <stdio.h>
#include <string.h>

#define DETAIL_MAX 400

void printer_key_open(struct printer *printer)
{
	if (printer->conf->tls_key[0] != '\0') {
		memcpy(printer->tls_key, printer->conf->tls_key, sizeof printer->tls_key);
	}
	if (strcmp(printer->tls_offered, printer->tls_key) == 0) {
		printer->tls_offered[0] = '\0'; /* a person has entered it in the configuration */
	}
}

static void audit(struct farm *farm, const struct printer *printer, const char *what)
{
	char detail[DETAIL_MAX];
	bool another = printer->tls_offered[0] != '\0';
	snprintf(detail, sizeof detail, "%s%s%s", another ? printer->tls_offered : printer->tls_key,
		another ? ", known is " : "", another ? printer->tls_key : "");
	store_audit(
		farm->ports.store, farm_wall_ms(farm), "platen", what, printer->conf->name, detail);
	log_info(printer->conf->name, "%s: %s", what, detail);
}

static void pin(struct farm *farm, struct printer *printer, const char *tls_key)
{
	text_copy(printer->tls_key, sizeof printer->tls_key, tls_key);
	audit(farm, printer, "key pinned");
	printer_save(farm, printer);
}

/* One row of the trail for an alarm, however many keys it then shows. */
static void sound_alarm(struct farm *farm, struct printer *printer, const char *tls_key)
{
	bool first = printer->tls_offered[0] == '\0';
	struct standing before = printer_standing(printer);
	text_copy(printer->tls_offered, sizeof printer->tls_offered, tls_key);
	if (first) {
		audit(farm, printer, "key changed");
	}
	printer_save(farm, printer);
	printer_tell_change(farm, printer, &before);
	farm->line_due = farm->line_all = true;
}

void printers_on_key(void *context, const char *name, const char *tls_key)
{
	struct farm *farm = context;
	struct printer *printer = printer_find(farm, name);
	if (printer == NULL || !farm->open) {
		return;
	}
	if (printer->tls_key[0] == '\0') {
		pin(farm, printer, tls_key);
	} else if (strcmp(printer->tls_key, tls_key) != 0 &&
		   strcmp(printer->tls_offered, tls_key) != 0) {
		sound_alarm(farm, printer, tls_key);
	}
	printer_beside(farm, printer)->key_asked = farm->keys_due = true;
}

void printers_tell_keys(struct farm *farm)
{
	farm->keys_due = false;
	for (size_t i = 0; i < farm->n_printers; i++) {
		if (farm->beside[i].key_asked) {
			farm->beside[i].key_asked = false;
			farm->ports.crew_ops->key(farm->ports.crew, farm->printers[i].conf->name,
				farm->printers[i].tls_key);
		}
	}
}

/* ---- people ---- */

static bool may_accept(const struct printer *printer, const char *tls_key, struct err *err)
{
	const char *name = printer->conf->name;
	if (!hash_is_pin(tls_key)) {
		return err_set(err, REMEDY_REJECT, "field",
			"the fingerprint must be whole: sha256// and 44 more characters, as "
			"`platenctl printer %s` shows it",
			name);
	}
	if (printer->tls_offered[0] == '\0') {
		return err_set(err, REMEDY_REJECT, "no-other-key",
			"%s has proved no other key than the known one: there is nothing to accept",
			name);
	}
	if (strcmp(tls_key, printer->tls_key) == 0) {
		return true;
	}
	if (strcmp(tls_key, printer->tls_offered) != 0) {
		return err_set(err, REMEDY_REJECT, "wrong-key",
			"%s proves %s: that is not the one you say. Compare again", name,
			printer->tls_offered);
	}
	return printer->conf->tls_key[0] == '\0' ||
	       err_set(err, REMEDY_REJECT, "key-in-configuration",
		       "platen.conf says which key %s must prove: change its tls_key there, then "
		       "restart platend",
		       name);
}

bool farm_printer_accept_key(struct farm *farm, const char *name, const char *tls_key,
	const char *who, const char *reason, struct err *err)
{
	struct printer *printer;
	char detail[DETAIL_MAX];
	if (!printer_need(farm, name, &printer, err) || !may_accept(printer, tls_key, err)) {
		return false;
	}
	struct standing before = printer_standing(printer);
	bool keeps = strcmp(tls_key, printer->tls_key) == 0;
	snprintf(detail, sizeof detail, "%s, %s %s%s%s", tls_key, keeps ? "not" : "in place of",
		keeps ? printer->tls_offered : printer->tls_key, reason[0] == '\0' ? "" : ": ",
		reason);
	text_copy(printer->tls_key, sizeof printer->tls_key, tls_key);
	printer->tls_offered[0] = '\0';
	if (strcmp(printer->fault_code, "printer-key-changed") == 0) {
		printer->fault_code[0] = '\0';
		if (!printer->parked) { /* else it says why it was stopped */
			text_copy(printer->fault, sizeof printer->fault, "not asked since");
		}
	}
	printer_changed(farm, printer, who, "accept-key", detail);
	printer_tell_change(farm, printer, &before);
	printer_beside(farm, printer)->key_asked = farm->keys_due = true;
	return true;
}
