/* SPDX-License-Identifier: Apache-2.0
 *
 * The maintenance routines of platen.conf: whose they are, and how often.
 */
#include "wire/settings_own.h"
#include "base/mem.h"
#include "rules/maintenance.h"
#include <string.h>

#define SECTION "maintenance"

static struct routine take(const struct conf *conf, size_t index)
{
	struct routine routine = {
		.every_days = (int32_t)conf_int(conf, SECTION, index, "every_days"),
		.every_prints = (int32_t)conf_int(conf, SECTION, index, "every_prints"),
		.every_faults = (int32_t)conf_int(conf, SECTION, index, "every_faults"),
		.blocks = conf_int(conf, SECTION, index, "blocks") != 0,
		.test_print = conf_int(conf, SECTION, index, "test_print") != 0,
	};
	const struct {
		const char *key;
		char *out;
		size_t size;
	} texts[] = {
		{"printer", routine.printer, sizeof routine.printer},
		{"model", routine.model, sizeof routine.model},
		{"what", routine.what, sizeof routine.what},
		{"guide", routine.guide, sizeof routine.guide},
	};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		text_copy(
			texts[i].out, texts[i].size, conf_text(conf, SECTION, index, texts[i].key));
	}
	text_copy(routine.name, sizeof routine.name, conf_title(conf, SECTION, index));
	return routine;
}

static void check_whose(const struct conf *conf, size_t index, const struct routine *routine,
	const struct catalog *catalog, bool have_profiles, struct conf_faults *faults)
{
	bool by_printer = routine->printer[0] != '\0';
	if (by_printer == (routine->model[0] != '\0')) {
		conf_fault(conf, faults, SECTION, index, by_printer ? "model" : NULL,
			"must say either a printer or a model: whose maintenance is it?");
	} else if (by_printer && catalog_printer(catalog, routine->printer) == NULL) {
		conf_fault(conf, faults, SECTION, index, "printer",
			"there is no printer %s in this file", routine->printer);
	} else if (!by_printer && have_profiles && catalog_model(catalog, routine->model) == NULL) {
		conf_fault(conf, faults, SECTION, index, "model", "there is no model %s",
			routine->model);
	}
}

static void check(const struct conf *conf, size_t index, const struct routine *routine,
	const struct catalog *catalog, bool have_profiles, struct conf_faults *faults)
{
	if (strlen(conf_title(conf, SECTION, index)) >= sizeof routine->name) {
		conf_fault(conf, faults, SECTION, index, NULL,
			"the name must have at most %d bytes", NAME_MAX_LEN - 1);
	}
	check_whose(conf, index, routine, catalog, have_profiles, faults);
	if (routine->every_days + routine->every_prints + routine->every_faults == 0) {
		conf_fault(conf, faults, SECTION, index, NULL,
			"needs every_days, every_prints or every_faults: how often is it done?");
	}
}

void settings_upkeep(const struct conf *conf, struct catalog *catalog, bool have_profiles,
	struct conf_faults *faults)
{
	size_t n = conf_count(conf, SECTION);
	catalog->routines = mem_new(n, sizeof *catalog->routines);
	catalog->n_routines = (int32_t)n;
	for (size_t i = 0; i < n; i++) {
		catalog->routines[i] = take(conf, i);
		check(conf, i, &catalog->routines[i], catalog, have_profiles, faults);
	}
}
