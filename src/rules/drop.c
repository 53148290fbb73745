/* SPDX-License-Identifier: Apache-2.0
 *
 * Names and ripeness of what is dropped into the hot folder.
 */
#include "rules/drop.h"
#include "base/text.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

/* What browsers, copiers and synchronizers call a file that is on its way. */
static const char *const unfinished[] = {".part", ".partial", ".filepart", ".tmp", ".temp",
	".crdownload", ".download", ".opdownload", ".!sync", ".upload", "~"};
static const char *const of_file_managers[] = {"Thumbs.db", "ehthumbs.db", "desktop.ini"};
#define N_OF(list) (sizeof(list) / sizeof(list)[0])

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);
	return len >= tail && strcasecmp(name + len - tail, end) == 0;
}

enum drop_kind drop_kind_of(const char *name)
{
	if (name[0] == '\0' || name[0] == '.' || name[0] == '~') {
		return DROP_NOTHING;
	}
	for (size_t i = 0; i < N_OF(unfinished); i++) {
		if (ends_with(name, unfinished[i])) {
			return DROP_NOTHING;
		}
	}
	for (size_t i = 0; i < N_OF(of_file_managers); i++) {
		if (strcasecmp(name, of_file_managers[i]) == 0) {
			return DROP_NOTHING;
		}
	}
	return ends_with(name, ".json") ? DROP_SIDECAR : DROP_PICTURE;
}

bool drop_copies_of(const char *name, int32_t *copies, struct err *err)
{
	const char *dot = strrchr(name, '.');
	const char *end = dot != NULL && dot != name ? dot : name + strlen(name);
	const char *digits = end;
	while (digits > name && isdigit((unsigned char)digits[-1])) {
		digits--;
	}
	*copies = 1;
	if (digits == end || digits - name < 2 || digits[-2] != '_' ||
		(digits[-1] != 'x' && digits[-1] != 'X')) {
		return true;
	}
	char number[16] = "";
	int64_t value = 0;
	bool fits = (size_t)(end - digits) < sizeof number;
	memcpy(number, digits, fits ? (size_t)(end - digits) : 0);
	if (!fits || !text_to_int(number, 1, DROP_COPIES_MAX, &value)) {
		return err_set(err, REMEDY_REJECT, "copies",
			"its name asks for %.12s copies, 1 to %d can be made: rename it, as "
			"photo_x2.jpg, and drop it again",
			number[0] == '\0' ? "very many" : number, DROP_COPIES_MAX);
	}
	*copies = (int32_t)value;
	return true;
}

/* ---- ripeness ---- */

static void add(int64_t *sum, int64_t number)
{
	*sum = (int64_t)((uint64_t)*sum + (uint64_t)number);
}

void drop_add(struct drop_print *tree, const struct drop_print *file)
{
	add(&tree->files, file->files);
	add(&tree->inode, file->inode);
	add(&tree->bytes, file->bytes);
	add(&tree->modified_ns, file->modified_ns);
	add(&tree->changed_ns, file->changed_ns);
}

bool drop_is_same_content(const struct drop_print *a, const struct drop_print *b)
{
	return a->files == b->files && a->inode == b->inode && a->bytes == b->bytes &&
	       a->modified_ns == b->modified_ns;
}

bool drop_is_same(const struct drop_print *a, const struct drop_print *b)
{
	return drop_is_same_content(a, b) && a->changed_ns == b->changed_ns;
}

void drop_failed(struct drop_watch *watch)
{
	watch->fails += watch->failed ? 0 : 1;
	watch->failed = true;
}

void drop_put_off(struct drop_watch *watch, int64_t now_ms)
{
	watch->fails += watch->fails < DROP_SETTLE_MOST ? 1 : 0;
	watch->failed = false;
	watch->put_off = true;
	watch->since_ms = now_ms;
}

/* A slow copy with pauses is not read from its start again at each of them. */
static int64_t settle_ms(const struct drop_watch *watch, const struct drop_times *times)
{
	int64_t times_longer = 1;
	for (int32_t i = 0; i < watch->fails && times_longer < DROP_SETTLE_MOST; i++) {
		times_longer *= 2;
	}
	return times->settle_ms * times_longer;
}

enum drop_state drop_look(struct drop_watch *watch, const struct drop_print *print, int64_t now_ms,
	const struct drop_times *times)
{
	if (!watch->known || !drop_is_same(&watch->print, print)) {
		watch->print = *print;
		watch->since_ms = now_ms;
		watch->known = true;
		watch->failed = false;
		watch->put_off = false;
	}
	int64_t still_ms = now_ms - watch->since_ms;
	if (!watch->failed && still_ms < settle_ms(watch, times)) {
		return DROP_MOVING;
	}
	if (!watch->failed && print->bytes > 0) {
		return DROP_RIPE;
	}
	return still_ms < times->patience_ms ? DROP_WAITING : DROP_GIVEN_UP;
}
