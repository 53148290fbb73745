/* SPDX-License-Identifier: Apache-2.0
 *
 * A job in a handful of plain lines: whose it is, what file, what was made of it, where it was
 * printed, what came out and how that is known, and how long it took.
 */
#include "base/buf.h"
#include "base/log.h"
#include "desk/view.h"
#include "desk/words.h"
#include <stdarg.h>
#include <string.h>

#define SHORT_HASH 12

static const char *member_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static long long member_int(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void add_fact(json_t *facts, const char *what, const char *format, ...) formats(3, 4);

static void add_fact(json_t *facts, const char *what, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	json_t *say = json_vsprintf(format, arguments);
	va_end(arguments);
	json_array_append_new(facts, json_pack("{ss so}", "what", what, "say", say));
}

/* ---- what it is ---- */

/* Other jobs that leave together with it. */
static void add_order(struct view *view, json_t *facts, const json_t *job)
{
	int64_t n = 1, out = 0;
	const char *ref = member_text(json_object_get(job, "order"), "ref");
	const char *label = member_text(job, "label");
	db_one_int(view_db(view), &n, "SELECT count(DISTINCT id) FROM job WHERE order_ref=?", "t",
		ref);
	db_one_int(view_db(view), &out,
		"SELECT count(DISTINCT id) FROM job WHERE order_ref=? AND stage IN"
		" ('printed','reported')",
		"t", ref);
	struct buf words = {0};
	if (ref[0] != '\0') {
		buf_print(&words, "%s%s", ref, label[0] != '\0' ? ", " : "");
	}
	buf_text(&words, label);
	if (ref[0] != '\0' && n > 1) {
		buf_print(
			&words, "; %lld jobs, %lld of them came out", (long long)n, (long long)out);
	}
	if (words.len > 0) {
		add_fact(facts, "Order", "%s", buf_get(&words));
	}
	long long copies = member_int(job, "copies"), pages = member_int(job, "pages");
	add_fact(facts, "Wanted", "%lld × %s%s", copies, member_text(job, "title"),
		pages > 1 ? ", of each of its pages" : "");
	buf_fini(&words);
}

/* Who answers for it that this was ordered. */
static void add_signed(struct view *view, json_t *facts, const json_t *job)
{
	struct err err;
	struct db_row *row = db_query(view_db(view),
		"SELECT signed_by FROM job WHERE id=? AND signed_by<>'' ORDER BY epoch DESC"
		" LIMIT 1",
		"t", member_text(job, "id"));
	if (db_next(row)) {
		add_fact(facts, "Signed", "with the key \"%s\"", db_text(row, 0));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading who signed: %s", err.text);
	}
}

static const char *profile_words(const json_t *facts)
{
	const char *source = member_text(facts, "source");
	const char *title = member_text(facts, "profile_title");
	if (strcmp(source, "embedded") == 0) {
		return title[0] != '\0' ? title : "with a colour profile";
	}
	return strcmp(source, "exif-adobe-rgb") == 0 ? "Adobe RGB by its EXIF"
						     : "no colour profile, taken as sRGB";
}

static const char *kind_words(const char *media_type)
{
	return strcmp(media_type, "image/jpeg") == 0  ? "JPEG"
	       : strcmp(media_type, "image/png") == 0 ? "PNG"
						      : media_type;
}

static void add_picture(json_t *facts, const json_t *page, const char *number)
{
	const json_t *asset = json_object_get(page, "asset");
	const json_t *is = json_object_get(page, "facts");
	struct buf words = {0};
	buf_print(&words, "%s, %lld bytes", kind_words(member_text(asset, "media_type")),
		member_int(asset, "bytes"));
	if (json_is_object(is)) {
		buf_print(&words, ", %lld × %lld pixels, %s", member_int(is, "width_px"),
			member_int(is, "height_px"), profile_words(is));
	}
	add_fact(facts, "Picture", "%s%s; SHA-256 %s", number, buf_get(&words),
		member_text(asset, "sha256"));
	buf_fini(&words);
}

/* What decided its pixels, in short; the whole is the manifest. */
static void add_made(json_t *facts, const json_t *page, const char *number)
{
	const json_t *made = json_object_get(page, "raster");
	const json_t *manifest = json_object_get(page, "manifest");
	const json_t *recipe = json_object_get(manifest, "recipe");
	if (!json_is_object(made)) {
		return;
	}
	struct buf words = {0};
	buf_print(&words, "%lld × %lld pixels, %lld picture pixels an inch",
		member_int(made, "width_px"), member_int(made, "height_px"),
		member_int(made, "effective_ppi"));
	if (json_is_object(recipe)) {
		buf_print(&words, "; %s, %s, sharpened %lld %%; profile %s (%.*s); recipe %.*s",
			member_text(recipe, "fit"), member_text(recipe, "intent"),
			member_int(recipe, "sharpen_percent"), member_text(recipe, "profile"),
			SHORT_HASH, member_text(recipe, "profile_sha256"), SHORT_HASH,
			member_text(manifest, "recipe_name"));
	}
	if (member_text(made, "note")[0] != '\0') {
		buf_print(&words, "; %s", member_text(made, "note"));
	}
	add_fact(facts, "Made", "%s%s", number, buf_get(&words));
	buf_fini(&words);
}

/* What support can do about an image as long as its photo is here. */
static void add_rerender(struct view *view, json_t *facts, const json_t *job)
{
	const json_t *page = json_array_get(json_object_get(job, "page_list"), 0);
	const char *sha256 = member_text(json_object_get(page, "asset"), "sha256");
	bool over = strcmp(member_text(job, "kind"), "done") == 0;
	if (over && json_is_object(json_object_get(page, "raster")) &&
		spool_has(farm_spool(view->farm), SPOOL_ASSETS, sha256, NULL)) {
		add_fact(facts, "Again",
			"platenctl rerender %s makes the page once more and says whether it comes "
			"out the same",
			member_text(job, "id"));
	}
}

static void add_pages(json_t *facts, const json_t *job)
{
	size_t at;
	json_t *page;
	const json_t *pages = json_object_get(job, "page_list");
	json_array_foreach(pages, at, page)
	{
		json_t *number = json_array_size(pages) > 1 ? json_sprintf("page %zu: ", at + 1)
							    : json_string("");
		add_picture(facts, page, json_string_value(number));
		add_made(facts, page, json_string_value(number));
		json_decref(number);
	}
}

/* ---- where it was printed, and what came out ---- */

static void add_printers(struct view *view, json_t *facts, const json_t *job)
{
	struct err err;
	struct buf words = {0};
	struct db_row *row = db_query(view_db(view),
		"SELECT DISTINCT sheet.printer, sheet.media, sheet.lot FROM job JOIN attempt ON"
		" attempt.job=job.row JOIN attempt_sheet ON attempt_sheet.attempt=attempt.row JOIN"
		" sheet ON sheet.row=attempt_sheet.sheet WHERE job.id=? ORDER BY attempt.row",
		"t", member_text(job, "id"));
	while (db_next(row)) {
		buf_print(&words, "%s%s, paper %s%s%s", words.len > 0 ? "; " : "", db_text(row, 0),
			db_text(row, 1), db_text(row, 2)[0] != '\0' ? ", roll " : "",
			db_text(row, 2));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading sheets: %s", err.text);
	}
	if (words.len > 0) {
		add_fact(facts, "Printer", "%s", buf_get(&words));
	} else if (member_text(job, "printer")[0] != '\0') {
		add_fact(facts, "Printer", "%s, nothing sent yet", member_text(job, "printer"));
	}
	buf_fini(&words);
}

static long long prints_with(const json_t *job, const char *key, const char *value)
{
	size_t at;
	json_t *print;
	long long n = 0;
	json_array_foreach(json_object_get(job, "ledger"), at, print)
	{
		n += strcmp(member_text(print, key), value) == 0;
	}
	return n;
}

static void add_prints(json_t *facts, const json_t *job)
{
	static const struct {
		const char *key, *value, *say;
	} rows[] = {
		{"evidence", "counter", "came out, proven by the printer's counter"},
		{"evidence", "impressions", "came out, proven by the printer's count of the job"},
		{"evidence", "operator", "came out, as a person saw"},
		{"state", "unknown", "in doubt: nobody knows"},
		{"state", "spoiled", "waste"},
		{"state", "accepted", "at the printer"},
		{"state", "sent", "on the way to the printer"},
		{"state", "planned", "still to be printed"},
	};
	struct buf words = {0};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		long long n = prints_with(job, rows[i].key, rows[i].value);
		if (n > 0) {
			buf_print(&words, "%s%lld %s", words.len > 0 ? "; " : "", n, rows[i].say);
		}
	}
	add_fact(facts, "Prints", "%lld wanted: %s", member_int(job, "prints"), buf_get(&words));
	buf_fini(&words);
}

static void add_again(json_t *facts, const json_t *job)
{
	size_t at;
	json_t *print;
	long long n = 0;
	json_array_foreach(json_object_get(job, "ledger"), at, print)
	{
		n += json_is_true(json_object_get(print, "again"));
	}
	if (n > 0) {
		add_fact(facts, "Again", "%lld print%s made again, since one was waste or in doubt",
			n, n == 1 ? " was" : "s were");
	}
}

/* ---- times ---- */

static void add_times(struct view *view, json_t *facts, const char *id)
{
	struct err err;
	char whole[DURATION_WORDS_MAX], ready[DURATION_WORDS_MAX], printing[DURATION_WORDS_MAX];
	struct db_row *row = db_query(view_db(view),
		"SELECT taken, (SELECT min(begun) FROM attempt WHERE job=job.row),"
		" (SELECT max(ended) FROM attempt WHERE job=job.row), stage_at FROM job WHERE id=?"
		" ORDER BY epoch DESC LIMIT 1",
		"t", id);
	if (db_next(row) && !db_is_null(row, 2)) {
		int64_t taken = db_int(row, 0), begun = db_int(row, 1), ended = db_int(row, 2);
		add_fact(facts, "Took", "%s: %s until its first try, %s until the end of its last",
			words_duration(ended - taken, whole), words_duration(begun - taken, ready),
			words_duration(ended - begun, printing));
	}
	if (!db_end(row, &err)) {
		log_error("desk", "reading times: %s", err.text);
	}
}

/* ---- all of it ---- */

json_t *view_facts(struct view *view, const json_t *job)
{
	json_t *facts = json_array();
	add_order(view, facts, job);
	add_signed(view, facts, job);
	add_pages(facts, job);
	add_rerender(view, facts, job);
	add_printers(view, facts, job);
	add_prints(facts, job);
	add_again(facts, job);
	add_times(view, facts, member_text(job, "id"));
	return facts;
}
