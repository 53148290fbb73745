/* SPDX-License-Identifier: Apache-2.0
 *
 * Maintenance routines: each at each of its printers, since when, how many prints and faults ago,
 * and whether it is due. What is due and blocks keeps its printer from taking anything but a test
 * print, until a person has signed it off.
 */
#include "base/mem.h"
#include "farm/own.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS MINUTE_MS

static struct upkeep_row first_met(struct farm *farm)
{
	return (struct upkeep_row){.at_ms = farm_floor_ms(farm), .life = COUNT_UNKNOWN};
}

static void load(struct farm *farm, struct farm_upkeep *upkeep)
{
	struct store *store = farm->ports.store;
	const char *routine = upkeep->routine->name;
	if (!store_upkeep_get(store, routine, upkeep->printer, &upkeep->last)) {
		upkeep->last = first_met(farm);
		store_upkeep_add(store, routine, upkeep->printer, &upkeep->last);
	}
}

void maintenance_open(struct farm *farm)
{
	const struct catalog *catalog = farm->catalog;
	size_t most = (size_t)catalog->n_routines * farm->n_printers;
	farm->upkeeps = mem_new(most, sizeof *farm->upkeeps);
	farm->n_upkeeps = 0;
	for (int32_t r = 0; r < catalog->n_routines; r++) {
		for (size_t p = 0; p < farm->n_printers; p++) {
			const struct printer_conf *conf = farm->printers[p].conf;
			if (routine_is_of(&catalog->routines[r], conf)) {
				struct farm_upkeep *upkeep = &farm->upkeeps[farm->n_upkeeps++];
				upkeep->routine = &catalog->routines[r];
				upkeep->printer = conf->name;
				load(farm, upkeep);
			}
		}
	}
	maintenance_look(farm);
}

void maintenance_fini(struct farm *farm)
{
	free(farm->upkeeps);
}

/* ---- what is due ---- */

static void judge(struct farm *farm, struct farm_upkeep *upkeep)
{
	struct upkeep since = {upkeep->last.at_ms, upkeep->last.prints, upkeep->last.faults};
	enum due before = upkeep->due;
	upkeep->due = upkeep_due(upkeep->routine, &since, farm_floor_ms(farm), upkeep->words);
	if (upkeep->due > before) {
		log_info(upkeep->printer, "%s: %s", upkeep->routine->what, upkeep->words);
	}
}

/* The first that is due and blocks is the printer's reason. */
static void block(struct farm *farm, struct printer *printer)
{
	struct standing before = printer_standing(printer);
	bool blocked = printer->overdue[0] != '\0';
	struct err err = {.text = ""};
	for (size_t i = 0; i < farm->n_upkeeps && err.text[0] == '\0'; i++) {
		const struct farm_upkeep *upkeep = &farm->upkeeps[i];
		if (upkeep->routine->blocks && upkeep->due == DUE_NOW &&
			strcmp(upkeep->printer, printer->conf->name) == 0) {
			(void)upkeep_forbids(upkeep->routine, upkeep->printer, upkeep->words, &err);
		}
	}
	text_copy(printer->overdue, sizeof printer->overdue, err.text);
	if (blocked != (err.text[0] != '\0')) {
		printer_tell_change(farm, printer, &before);
		farm->line_due = farm->line_all = true;
	}
}

void maintenance_look(struct farm *farm)
{
	int64_t now_ms = farm_now(farm);
	if (farm->n_upkeeps == 0 || now_ms < farm->upkeep_look_ms) {
		return;
	}
	farm->upkeep_look_ms = now_ms + LOOK_MS;
	for (size_t i = 0; i < farm->n_upkeeps; i++) {
		judge(farm, &farm->upkeeps[i]);
	}
	for (size_t i = 0; i < farm->n_printers; i++) {
		block(farm, &farm->printers[i]);
	}
}

void maintenance_count(
	struct farm *farm, const struct printer *printer, int64_t prints, int64_t faults)
{
	for (size_t i = 0; i < farm->n_upkeeps; i++) {
		struct farm_upkeep *upkeep = &farm->upkeeps[i];
		if (strcmp(upkeep->printer, printer->conf->name) == 0) {
			upkeep->last.prints += prints;
			upkeep->last.faults += faults;
			farm->upkeep_look_ms = 0; /* with the next status of any printer */
		}
	}
}

const struct farm_upkeep *farm_upkeeps(const struct farm *farm, size_t *n)
{
	*n = farm->n_upkeeps;
	return farm->upkeeps;
}

/* ---- people ---- */

static struct farm_upkeep *find(struct farm *farm, const char *routine, const char *printer)
{
	for (size_t i = 0; i < farm->n_upkeeps; i++) {
		struct farm_upkeep *upkeep = &farm->upkeeps[i];
		if (strcmp(upkeep->routine->name, routine) == 0 &&
			strcmp(upkeep->printer, printer) == 0) {
			return upkeep;
		}
	}
	return NULL;
}

static int64_t life_of(const struct printer *printer)
{
	return printer->known ? printer->status.life_count : COUNT_UNKNOWN;
}

/* The sign-off stands, whether or not a test sheet can be printed now. */
static void test_after(struct farm *farm, const char *printer, const char *who)
{
	char id[TEXT_ID_MAX];
	struct err err;
	if (!farm_printer_test(farm, printer, who, id, &err)) {
		log_warn(printer, "no test sheet after its maintenance: %s", err.text);
	}
}

bool farm_maintenance_done(struct farm *farm, const char *routine, const char *name, const char *by,
	const char *note, const char *who, struct err *err)
{
	struct printer *printer;
	char words[ERR_TEXT_MAX];
	if (!printer_need(farm, name, &printer, err)) {
		return false;
	}
	struct farm_upkeep *upkeep = find(farm, routine, name);
	if (upkeep == NULL) {
		return err_set(err, REMEDY_REJECT, "unknown-routine",
			"no maintenance %s of %s: see `platenctl maintenance`", routine, name);
	}
	upkeep->last = (struct upkeep_row){.at_ms = farm_floor_ms(farm), .life = life_of(printer)};
	text_copy(upkeep->last.who, sizeof upkeep->last.who, by);
	text_copy(upkeep->last.note, sizeof upkeep->last.note, note);
	store_upkeep_add(farm->ports.store, routine, name, &upkeep->last);
	snprintf(words, sizeof words, "%s by %s%s%s", upkeep->routine->what, by,
		note[0] != '\0' ? ": " : "", note);
	printer_changed(farm, printer, who, "maintained", words);
	upkeep->due = DUE_NOT;
	farm->upkeep_look_ms = 0;
	maintenance_look(farm);
	if (upkeep->routine->test_print) {
		test_after(farm, name, who);
	}
	return true;
}
