/* SPDX-License-Identifier: Apache-2.0
 *
 * Picking printers.
 */
#include "rules/place.h"
#include "rules/condition.h"
#include <stdio.h>
#include <string.h>

static bool key_is_fine(const struct printer *printer, struct err *err)
{
	const char *name = printer->conf->name;
	return printer->tls_offered[0] == '\0' ||
	       err_set(err, REMEDY_ATTEND, "printer-key-changed",
		       "%s proves another key than before (%s, known is %s): find out why. If its "
		       "certificate was renewed: platenctl printer %s accept-key %s",
		       name, printer->tls_offered, printer->tls_key, name, printer->tls_offered);
}

bool printer_is_ready(const struct printer *printer, struct err *err)
{
	if (!key_is_fine(printer, err)) {
		return false;
	}
	if (printer->parked && !printer->paused) {
		return err_set(err, REMEDY_ATTEND, "printer-parked", "%s %s", printer->conf->name,
			printer->fault);
	}
	if (!printer_can_test(printer, err)) {
		return false;
	}
	if (printer->room[0] != '\0') {
		return err_set(err, REMEDY_ATTEND, "room-climate",
			"%s begins no sheet: %.200s. It goes on by itself when that has passed",
			printer->conf->name, printer->room);
	}
	return printer->overdue[0] == '\0' ||
	       err_set(err, REMEDY_ATTEND, "maintenance-due", "%s", printer->overdue);
}

bool printer_can_test(const struct printer *printer, struct err *err)
{
	const char *name = printer->conf->name;
	if (!key_is_fine(printer, err)) {
		return false;
	}
	if (printer->paused) {
		return err_set(err, REMEDY_ATTEND, "printer-paused",
			"%s is paused here: resume it when it may print", name);
	}
	if (!printer->known && printer->fault_code[0] != '\0') {
		return err_set(err, REMEDY_ATTEND, printer->fault_code, "%s", printer->fault);
	}
	if (!printer->known) {
		return err_set(err, REMEDY_ATTEND, "printer-absent",
			"%s does not answer (%s): check that it is on, connected, and at the "
			"address in platen.conf",
			name, printer->fault[0] == '\0' ? "not asked yet" : printer->fault);
	}
	enum document_format format;
	if (!printer_takes(printer, &format)) {
		return err_set(err, REMEDY_ATTEND, "format-refused",
			"%s takes none of the documents that its model makes: give it another "
			"model, or put what it takes into `formats` of %s",
			name, printer->model->name);
	}
	return condition_lets_print(name, &printer->status, err);
}

struct search { /* the best of the printers looked at so far */
	const struct printer *printer;
	const struct media *media;
	int score;
};

/* Higher is better; time decides between equals. */
static void consider(
	struct search *best, const struct printer *printer, const struct media *media, int score)
{
	bool better = best->printer == NULL || score > best->score ||
		      (score == best->score && printer->queue_ms < best->printer->queue_ms);
	if (better) {
		*best = (struct search){printer, media, score};
	}
}

struct placing place_target(const struct product *product, const struct catalog *catalog,
	const struct printer *printers, size_t n, const char *refused_by)
{
	struct search best = {0};
	struct err ignored;
	for (size_t p = 0; p < n; p++) {
		if (strcmp(printers[p].conf->name, refused_by) == 0) {
			continue;
		}
		for (int32_t m = 0; m < product->n_media; m++) {
			const struct media *media = catalog_media(catalog, product->media[m]);
			if (media == NULL ||
				!model_makes_on(printers[p].model, product, media->name)) {
				continue;
			}
			bool loaded =
				printers[p].known && printer_has(&printers[p], media, product);
			bool ready = printer_is_ready(&printers[p], &ignored);
			consider(&best, &printers[p], media, 2 * loaded + ready);
		}
	}
	struct placing placing = {.kind = PLACE_HERE, .printer = best.printer, .media = best.media};
	if (best.printer == NULL) {
		placing.kind = PLACE_NEVER;
		err_set(&placing.err, REMEDY_REJECT, "unsupported",
			"no printer of this floor takes the paper of %s%s", product->sku,
			product->back_print_needed ? " and prints on its back" : "");
	}
	return placing;
}

/* Rendered for it, and neither ruled out by what became of earlier tries. */
static bool may_take(
	const struct job *job, const struct product *product, const struct printer *printer)
{
	bool is_named = strcmp(printer->conf->name, job->printer) == 0;
	return strcmp(printer->model->name, job->model) == 0 && (is_named || !job->test) &&
	       strcmp(printer->conf->name, job->refused_by) != 0 &&
	       model_can_make(printer->model, product);
}

static bool is_ready_for(const struct job *job, const struct printer *printer, struct err *err)
{
	return job->test ? printer_can_test(printer, err) : printer_is_ready(printer, err);
}

static const char *words_of_loaded(const struct printer *printer, const struct catalog *catalog)
{
	const struct media *media = printer_media(printer, catalog, NULL);
	if (media != NULL) {
		return media->title;
	}
	return printer->status.says_ready ? "other paper" : "nothing that was noted";
}

/* Why a printer of the right class can't take it, in err; the first such reason is shown. */
static void say_why(const struct job *job, const struct product *product,
	const struct printer *printer, const struct catalog *catalog, struct err *err)
{
	const struct media *media = catalog_media(catalog, job->media);
	if (!is_ready_for(job, printer, err) || media == NULL) {
		return;
	}
	if (printer_has(printer, media, NULL)) {
		err_set(err, REMEDY_ATTEND, "media-missing",
			"%s has %s, but cuts no sheet of it as long as %s needs: print it "
			"elsewhere",
			printer->conf->name, media->title, product->title);
	} else {
		err_set(err, REMEDY_ATTEND, "media-missing", "needs %s; %s has %s: load %s",
			media->title, printer->conf->name, words_of_loaded(printer, catalog),
			media->title);
	}
}

struct placing place_pick(const struct job *job, const struct product *product,
	const struct catalog *catalog, const struct printer *printers, size_t n, bool free_only)
{
	const struct media *media = catalog_media(catalog, job->media);
	struct placing placing = {.kind = PLACE_WAIT};
	struct search best = {0};
	bool busy = false;
	for (size_t p = 0; p < n; p++) {
		struct err why;
		if (!may_take(job, product, &printers[p])) {
			continue;
		}
		if (media == NULL || !printers[p].known ||
			!printer_has(&printers[p], media, product) ||
			!is_ready_for(job, &printers[p], &why)) {
			if (placing.err.text[0] == '\0') {
				say_why(job, product, &printers[p], catalog, &placing.err);
			}
			continue;
		}
		if (free_only && printers[p].busy_job_row != 0) {
			busy = true;
			continue;
		}
		/* the printer it is bound to keeps it, so that a line does not shuffle itself */
		consider(&best, &printers[p], media,
			strcmp(printers[p].conf->name, job->printer) == 0);
	}
	if (best.printer != NULL) {
		return (struct placing){
			.kind = PLACE_HERE, .printer = best.printer, .media = best.media};
	}
	if (busy) {
		err_set(&placing.err, REMEDY_RETRY, "printer-busy", "next in line");
		return placing;
	}
	struct placing other = place_target(product, catalog, printers, n, job->refused_by);
	struct err ignored;
	if (!job->test && other.kind == PLACE_HERE && other.printer->known &&
		printer_has(other.printer, other.media, product) &&
		printer_is_ready(other.printer, &ignored) &&
		(strcmp(other.printer->model->name, job->model) != 0 ||
			strcmp(other.media->name, job->media) != 0)) {
		other.kind = PLACE_OTHER;
		err_set(&other.err, REMEDY_REDO, "re-render", "%s can print it now on %s",
			other.printer->conf->name, other.media->title);
		return other;
	}
	if (job->refused_by[0] != '\0') {
		placing.kind = PLACE_NEVER;
		err_set(&placing.err, REMEDY_REJECT, "not-taken",
			"%s does not take it, and no other printer can make it now: look at its "
			"display, then let it go on",
			job->refused_by);
		return placing;
	}
	if (other.kind == PLACE_NEVER) {
		return other;
	}
	if (placing.err.text[0] == '\0') {
		err_set(&placing.err, REMEDY_ATTEND, "printer-absent",
			"no printer of the kind it was rendered for is left on this floor");
	}
	return placing;
}
