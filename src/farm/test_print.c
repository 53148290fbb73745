/* SPDX-License-Identifier: Apache-2.0
 *
 * A test print: a local job of one sheet, bound to one printer, which may run there although the
 * circuit breaker has stopped it. Its picture is drawn when it is wanted, from what the job's row
 * says; so it is there again after a crash. When it is proven to have come out, the printer prints
 * again by itself; when not, the printer stays stopped and says so.
 */
#include "base/mem.h"
#include "farm/own.h"
#include "rules/sheet.h"
#include "wire/test_sheet.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEST_PRIORITY 100 /* before all that waits */

/* ---- asked for ---- */

/* What can be made of the paper that is in it now: one picture on it, not many. */
static const struct product *product_on(const struct farm *farm, const struct printer *printer)
{
	const struct catalog *catalog = farm->catalog;
	for (int32_t i = 0; i < catalog->n_products; i++) {
		const struct product *product = &catalog->products[i];
		for (int32_t m = 0; m < product->n_media && product_tiles(product) == 1; m++) {
			const struct media *media =
				printer_media(printer, catalog, product->media[m]);
			if (media != NULL && strcmp(media->name, product->media[m]) == 0 &&
				model_makes_on(printer->model, product, media->name)) {
				return product;
			}
		}
	}
	return NULL;
}

static bool may_test(struct farm *farm, const struct printer *printer,
	const struct product **product, struct err *err)
{
	const char *name = printer->conf->name;
	if (farm->draining) {
		return err_set(err, REMEDY_RETRY, "draining",
			"this floor is finishing to stop: test %s when it is back", name);
	}
	if (!printer_can_test(printer, err)) {
		return false;
	}
	const struct floor_job *fj = farm_find(farm, printer_beside(farm, printer)->test_row);
	if (fj != NULL) {
		return err_set(err, REMEDY_REJECT, "testing", "a test print is under way at %s: %s",
			name, fj->job.id);
	}
	*product = product_on(farm, printer);
	return *product != NULL ||
	       err_set(err, REMEDY_REJECT, "media-missing",
		       "nothing that is sold here is made of the paper in %s: load some", name);
}

/* The lease that this floor gives itself. `pages` is the caller's. */
static void fill(struct farm *farm, const struct printer *printer, const struct product *product,
	struct lease_page *page, struct lease *lease)
{
	char key[ULID_MAX], stamp[32];
	struct buf picture = {0};
	*lease = (struct lease){.epoch = 1,
		.revision = 1,
		.priority = TEST_PRIORITY,
		.due_in_s = -1,
		.asserted_border_hmm = -1,
		.copies = 1,
		.n_pages = 1,
		.pages = page};
	farm_key(farm, key);
	clock_stamp(farm_wall_ms(farm), stamp);
	snprintf(lease->job, sizeof lease->job, "L-%s", key);
	memcpy(lease->order_id, lease->job, sizeof lease->order_id);
	memcpy(lease->sku, product->sku, sizeof lease->sku);
	snprintf(lease->label, sizeof lease->label, "Test print, %.26s, %.10s %.8s UTC",
		printer->conf->name, stamp, stamp + 11);
	test_sheet_draw(product->width_hmm, product->height_hmm, lease->label, &picture);
	*page = (struct lease_page){
		.asset = {.bytes = (int64_t)picture.len}, .options = {.rotate_degrees = -1}};
	hash_hex_of(picture.bytes, picture.len, page->asset.sha256);
	memcpy(page->asset.id, page->asset.sha256, TEXT_ID_MAX - 1);
	text_copy(page->asset.media_type, sizeof page->asset.media_type, "image/png");
	text_copy(page->options_json, sizeof page->options_json, "{}");
	buf_fini(&picture);
}

bool farm_printer_test(
	struct farm *farm, const char *name, const char *who, char id[TEXT_ID_MAX], struct err *err)
{
	struct printer *printer = printer_find(farm, name);
	const struct product *product = NULL;
	if (printer == NULL) {
		return err_set(err, REMEDY_REJECT, "unknown-printer",
			"no printer %s on this floor: see `platenctl printers`", name);
	}
	if (!may_test(farm, printer, &product, err)) {
		return false;
	}
	struct lease lease;
	struct lease_page *page = mem_new(1, sizeof *page);
	fill(farm, printer, product, page, &lease);
	struct job job = intake_job(farm, &lease);
	job.local = job.test = true;
	memcpy(job.printer, printer->conf->name, sizeof job.printer);
	intake_take(farm, &job, &lease, LEASE_TAKE, NULL);
	printer_beside(farm, printer)->test_row = job.row;
	store_audit(farm->ports.store, farm_wall_ms(farm), who, "test", name, job.id);
	log_info(name, "test print %s by=%s", job.id, who);
	text_copy(id, TEXT_ID_MAX, job.id);
	free(page);
	return true;
}

/* ---- its file ---- */

static void on_kept(void *context, int64_t row, const char *name, const struct err *err)
{
	(void)name;
	make_on_fetch(context, row, 0, err);
}

static int receive(
	struct farm *farm, const struct page *page, const struct buf *picture, struct err *err)
{
	int64_t have;
	int fd = spool_incoming(
		farm->ports.spool, page->asset.sha256, (int64_t)picture->len, &have, err);
	if (fd >= 0 && (ftruncate(fd, 0) != 0 || pwrite(fd, picture->bytes, picture->len, 0) !=
							 (ssize_t)picture->len)) {
		err_set(err, REMEDY_RETRY, errno == ENOSPC ? "disk-full" : "spool",
			"writing the test picture into the spool: %s", strerror(errno));
		close(fd);
		spool_drop(farm->ports.spool, page->asset.sha256);
		fd = -1;
	}
	return fd;
}

void test_print_fetch(struct farm *farm, struct floor_job *fj, const struct page *page)
{
	struct err err;
	struct buf picture = {0};
	char hex[HASH_HEX_MAX] = "";
	const struct product *product = product_of(farm, &fj->job);
	if (product != NULL) {
		test_sheet_draw(product->width_hmm, product->height_hmm, fj->job.label, &picture);
		hash_hex_of(picture.bytes, picture.len, hex);
	}
	int fd = -1;
	if (strcmp(hex, page->asset.sha256) != 0) {
		err_set(&err, REMEDY_REJECT, "catalog-changed",
			"%s has changed here since the test print was asked for: ask again",
			fj->job.sku);
	} else if (spool_has_room(farm->ports.spool, page->asset.bytes, &err)) {
		fd = receive(farm, page, &picture, &err);
	}
	buf_fini(&picture);
	if (fd < 0) {
		walk_simple(farm, fj->job.row, EV_FAILED, &err);
		return;
	}
	spool_keep_asset(farm->ports.spool, page->asset.sha256, fd, on_kept, farm, fj->job.row);
}

/* ---- what came of it ---- */

static void reopen(
	struct farm *farm, struct printer *printer, const struct job *job, const char *proof)
{
	log_info(printer->conf->name, "the test print came out (%s): prints again", proof);
	store_audit(farm->ports.store, farm_wall_ms(farm), "platen", "reopen", printer->conf->name,
		job->id);
	printer_told(farm, printer, "recovered", "printer-parked", "the test print came out");
	breaker_reset(farm, printer);
}

static void stay_stopped(struct farm *farm, struct printer *printer, const char *why)
{
	snprintf(printer->fault, sizeof printer->fault,
		"stopped after failures, and the test print failed (%.160s): look at it, then "
		"print another test sheet",
		why);
	log_warn(printer->conf->name, "%s", printer->fault);
	printer_save(farm, printer);
	printer_told(farm, printer, "parked", "printer-parked", printer->fault);
	farm->line_due = farm->line_all = true;
}

void test_print_told(struct farm *farm, const struct job *job, const struct receipt *receipt)
{
	struct printer *printer = printer_find(farm, job->printer);
	bool out = job->stage == AT_PRINTED;
	if (printer == NULL || (!out && !stage_is_final(job->stage))) {
		return;
	}
	struct floor_printer *beside = printer_beside(farm, printer);
	bool is_news = beside->test_row == job->row;
	beside->test_row = 0;
	if (is_news && printer->parked && out) {
		reopen(farm, printer, job, receipt == NULL ? "" : receipt->text);
	} else if (is_news && printer->parked) {
		stay_stopped(farm, printer, job->reason);
	}
}
