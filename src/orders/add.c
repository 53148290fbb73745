/* SPDX-License-Identifier: Apache-2.0
 *
 * `platen-orders add FILE…`: uploads the photos, then makes one order of them: a job a file, or
 * with --pages one job of all files.
 */
#include "orders/commands.h"
#include "base/clock.h"
#include "base/terminal.h"
#include "base/text.h"
#include "wire/picture.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct unit {
	const char *name;
	int64_t seconds;
};

static bool duration_of(const char *text, int64_t *seconds, struct err *err)
{
	static const struct unit units[] = {
		{"s", 1}, {"", 1}, {"min", 60}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	char *end;
	double number = strtod(text, &end);
	end += strspn(end, " ");
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (end != text && strcmp(end, units[i].name) == 0 && number >= 0 && number < 1e7) {
			*seconds = (int64_t)(number * (double)units[i].seconds);
			return true;
		}
	}
	return err_set(err, REMEDY_REJECT, "usage",
		"\"%s\" is no time span: say 90s, 45min, 2h or 1d", text);
}

static bool number_of(const char *text, const char *what, int64_t least, int64_t most, json_t **out,
	struct err *err)
{
	int64_t value;
	if (!text_to_int(text, least, most, &value)) {
		return err_set(err, REMEDY_REJECT, "usage", "%s must be %lld to %lld, not \"%s\"",
			what, (long long)least, (long long)most, text);
	}
	*out = json_integer(value);
	return true;
}

/* By content, not by name: the service keeps what is said here. */
static const char *media_type_of(const char *file, struct err *err)
{
	unsigned char head[PICTURE_HEAD_BYTES] = {0};
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, head, sizeof head);
	if (fd >= 0) {
		close(fd);
	}
	if (n < 0) {
		err_set(err, REMEDY_REJECT, "no-input", "%s: can't be read: %m", file);
		return NULL;
	}
	struct picture_kind kind = picture_kind_of(head, (size_t)n);
	if (!kind.printed) {
		err_set(err, REMEDY_REJECT, "no-input", "%s: is %s; " PICTURE_NAMES " are printed",
			file, kind.what == NULL ? "no picture we know" : kind.what);
		return NULL;
	}
	return picture_media_type(kind.format);
}

static bool add_crop(json_t *options, const char *value, struct err *err)
{
	double x, y, width, height;
	char rest;
	if (sscanf(value, "%lf,%lf,%lf,%lf%c", &x, &y, &width, &height, &rest) != 4) {
		return err_set(err, REMEDY_REJECT, "usage",
			"crop is X,Y,WIDTH,HEIGHT in fractions of the picture, as in "
			"crop=0,0.1,1,0.8");
	}
	json_object_set_new(options, "crop",
		json_pack(
			"{s:f, s:f, s:f, s:f}", "x", x, "y", y, "width", width, "height", height));
	return true;
}

static bool add_option(json_t *options, const char *text, struct err *err)
{
	const char *equals = strchr(text, '=');
	size_t len = equals == NULL ? 0 : (size_t)(equals - text);
	json_t *number = NULL;
	if (len == 4 && strncmp(text, "crop", len) == 0) {
		return add_crop(options, equals + 1, err);
	}
	if (len == 6 && strncmp(text, "rotate", len) == 0) {
		return number_of(equals + 1, "rotate", 0, 270, &number, err) &&
		       json_object_set_new(options, "rotate_degrees", number) == 0;
	}
	if (len == 3 && strncmp(text, "fit", len) == 0) {
		return json_object_set_new(options, "fit", json_string(equals + 1)) == 0;
	}
	if (len == 6 && strncmp(text, "intent", len) == 0) {
		return json_object_set_new(options, "intent", json_string(equals + 1)) == 0;
	}
	return err_set(err, REMEDY_REJECT, "usage",
		"\"%s\" is no option of a page: say crop=, fit=, rotate= or intent=", text);
}

static bool options_of(const struct words *words, json_t *options, struct err *err)
{
	for (size_t i = 0; i < words->n_options; i++) {
		if (!add_option(options, words->options[i], err)) {
			return false;
		}
	}
	return true;
}

static bool page_of(const struct client *client, const struct words *words, const char *file,
	json_t **page, struct err *err)
{
	json_t *options = json_object(), *answer = NULL;
	const char *type = media_type_of(file, err);
	if (type == NULL || !options_of(words, options, err) ||
		!client_upload(client, file, type, &answer, err)) {
		json_decref(options);
		return false;
	}
	const char *id = json_string_value(json_object_get(json_object_get(answer, "asset"), "id"));
	*page = json_pack("{s:s*, s:o}", "asset", id, "options", options);
	json_decref(answer);
	return true;
}

static bool job_of(const struct words *words, json_t *pages, json_t **job, struct err *err)
{
	json_t *copies = NULL, *product = json_pack("{s:s}", "sku", words->product);
	int64_t seconds = 0;
	*job = json_pack("{s:o, s:o}", "product", product, "pages", pages);
	if (!number_of(words->copies == NULL ? "1" : words->copies, "--copies", 1, 9999, &copies,
		    err)) {
		return false;
	}
	json_object_set_new(product, "copies", copies);
	if (words->duplicates != NULL) {
		json_object_set_new(product, "duplicates_policy", json_string(words->duplicates));
	}
	if (words->label != NULL) {
		json_object_set_new(*job, "label", json_string(words->label));
	}
	if (words->due != NULL) {
		if (!duration_of(words->due, &seconds, err)) {
			return false;
		}
		json_object_set_new(*job, "due_in_s", json_integer(seconds));
	}
	return true;
}

static bool add_job(const struct words *words, json_t *jobs, json_t *pages, struct err *err)
{
	json_t *job = NULL;
	bool fine = job_of(words, pages, &job, err);
	json_array_append_new(jobs, job);
	return fine;
}

static bool jobs_of(const struct client *client, const struct words *words,
	struct progress *progress, json_t *jobs, struct err *err)
{
	json_t *pages = json_array();
	for (size_t i = 0; i < words->n_plain; i++) {
		json_t *page = NULL;
		progress_part(progress, (int)i + 1, (int)words->n_plain);
		progress_say(progress, "%s", words->plain[i]);
		if (!page_of(client, words, words->plain[i], &page, err)) {
			json_decref(pages);
			return false;
		}
		json_array_append_new(pages, page);
		if (!words->pages || i + 1 == words->n_plain) {
			if (!add_job(words, jobs, pages, err)) {
				return false;
			}
			pages = json_array();
		}
	}
	json_decref(pages);
	return true;
}

static bool order_of(const struct words *words, json_t *order, struct err *err)
{
	int64_t seconds;
	json_t *priority = NULL;
	const char *const texts[][2] = {
		{"ref", words->order}, {"floor", words->floor}, {"handover", words->handover}};
	for (size_t i = 0; i < 3; i++) {
		if (texts[i][1] != NULL) {
			json_object_set_new(order, texts[i][0], json_string(texts[i][1]));
		}
	}
	if (words->leave_by != NULL) {
		if (!duration_of(words->leave_by, &seconds, err)) {
			return false;
		}
		json_object_set_new(order, "leave_by_in_s", json_integer(seconds));
	}
	if (words->priority != NULL) {
		if (!number_of(words->priority, "--priority", 0, 100, &priority, err)) {
			return false;
		}
		json_object_set_new(order, "priority", priority);
	}
	json_object_set_new(order, "private", json_boolean(words->is_private));
	return true;
}

bool command_add(
	const struct client *client, const struct words *words, json_t **answer, struct err *err)
{
	if (words->n_plain == 0 || words->product == NULL) {
		return err_set(err, REMEDY_REJECT, "usage",
			"say the photos and the product: platen-orders add FILE... --product SKU");
	}
	struct progress progress;
	json_t *jobs = json_array();
	json_t *order = json_pack("{s:o}", "jobs", jobs);
	progress_init(&progress, !words->as_json);
	bool fine = order_of(words, order, err) && jobs_of(client, words, &progress, jobs, err) &&
		    client_call(client, "POST", "/v1/admin/orders", order, answer, err);
	progress_fini(&progress);
	json_decref(order);
	return fine;
}
