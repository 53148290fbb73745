/* SPDX-License-Identifier: Apache-2.0
 *
 * Models of machines that take their work out of a folder: the section `folder`.
 */
#include "wire/profile_own.h"
#include "rules/job_ticket.h"
#include <string.h>

static const char hotfolder[] = "hotfolder";

static void fault(const struct loading *at, const char *key, const char *text)
{
	conf_fault(at->conf, at->faults, "folder", 0, key, "%s", text);
}

static void read_ticket(const struct loading *at, struct model_folder *folder)
{
	size_t n = conf_list_count(at->conf, "folder", 0, "ticket");
	for (size_t i = 0; i < n && i < TICKET_LINES_MAX; i++) {
		struct err err;
		const char *line = conf_list_at(at->conf, "folder", 0, "ticket", i);
		if (!job_ticket_check(line, &err)) {
			fault(at, "ticket", err.text);
		}
		text_copy(folder->ticket[folder->n_ticket++], TICKET_LINE_MAX, line);
	}
}

static void read_suffix(const struct loading *at, struct model_folder *folder)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	const char *suffix = conf_text(at->conf, "folder", 0, "ticket_suffix");
	bool known = text_has_word("jpg JPG jpeg JPEG part", suffix);
	if (known || suffix[strspn(suffix, letters)] != '\0') {
		fault(at, "ticket_suffix",
			"must be letters and digits, without a dot, and not jpg or part: those are "
			"of the pictures and of what is being written");
	}
	text_copy(folder->suffix, sizeof folder->suffix, suffix);
}

/* A folder in the machine's folder, by its name alone. */
static void read_name(const struct loading *at, const char *key, char *name, size_t size)
{
	const char *text = conf_text(at->conf, "folder", 0, key);
	if (text[0] != '\0' && !text_is_id(text)) {
		fault(at, key,
			"must be the name of a folder inside the printer's: letters, digits, "
			". _ : -, without a leading dot");
	}
	text_copy(name, size, text);
}

/* Its answers prove nothing, and it is given nothing but what it can read. */
static void check_promises(const struct loading *at, const struct model *model)
{
	if (model->has_counters || model->counts_impressions) {
		conf_fault(at->conf, at->faults, NULL, 0,
			model->has_counters ? "has_counters" : "counts_impressions",
			"must be no: a machine with a folder says nothing that proves a print, a "
			"person counts");
	}
	if (model->n_formats != 1 || model->formats[0] != FORMAT_JPEG) {
		conf_fault(at->conf, at->faults, NULL, 0, "formats",
			"must be { jpeg }: that is what such machines read");
	}
}

void profile_read_folder(struct loading *at, struct model *model)
{
	bool given = conf_count(at->conf, "folder") > 0;
	if (given != (strcmp(model->driver, hotfolder) == 0)) {
		conf_fault(at->conf, at->faults, given ? "folder" : NULL, 0,
			given ? NULL : "driver",
			given ? "a section for the driver hotfolder only"
			      : "hotfolder needs a section folder with the template of its ticket");
		return;
	}
	if (!given) {
		return;
	}
	struct model_folder *folder = &model->folder;
	read_ticket(at, folder);
	read_suffix(at, folder);
	folder->escape = (enum ticket_escape)conf_int(at->conf, "folder", 0, "escape");
	folder->ascii = conf_int(at->conf, "folder", 0, "charset") == 1;
	folder->crlf = conf_int(at->conf, "folder", 0, "line_end") == 0;
	read_name(at, "done", folder->done, sizeof folder->done);
	read_name(at, "error", folder->error, sizeof folder->error);
	check_promises(at, model);
}
