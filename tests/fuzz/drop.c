/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a card's print order, as a sidecar and as a ticket. Whatever is accepted stays
 * within the card and within bounds; a ticket reads back the same.
 */
#include "tests/fuzz/fuzz.h"
#include "wire/dpof.h"
#include "wire/ticket.h"
#include <string.h>

static void stays_within(const char *path)
{
	fuzz_must(path[0] != '/' && path[0] != '\0' && strlen(path) < DPOF_PATH_MAX);
	fuzz_must(strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0);
	fuzz_must(strstr(path, "/../") == NULL && strchr(path, '\\') == NULL);
	size_t len = strlen(path);
	fuzz_must(len < 3 || strcmp(path + len - 3, "/..") != 0);
}

static void try_card(const char *text, size_t len)
{
	struct err err = {.text = ""};
	struct dpof dpof;
	if (!dpof_read(text, len, &dpof, &err)) {
		fuzz_must(err.text[0] != '\0');
		return;
	}
	fuzz_must(dpof.n >= 1 && dpof.n <= DPOF_JOBS_MAX);
	for (size_t i = 0; i < dpof.n; i++) {
		stays_within(dpof.prints[i].path);
		fuzz_must(dpof.prints[i].copies >= 1 && dpof.prints[i].copies <= DROP_COPIES_MAX);
	}
	dpof_fini(&dpof);
}

static void try_sidecar(const char *text, size_t len)
{
	struct err err = {.text = ""};
	struct ticket_page page = {.copies = 1};
	struct ticket ticket = {.pages = &page, .n_pages = 1};
	if (sidecar_read(text, len, &ticket, &err)) {
		fuzz_must(page.copies >= 1 && page.copies <= DROP_COPIES_MAX);
		fuzz_must(strlen(ticket.ref) < sizeof ticket.ref);
	} else {
		fuzz_must(err.text[0] != '\0');
	}
}

static void try_ticket(const char *text, size_t len)
{
	struct err err;
	struct ticket ticket, again;
	json_t *json = json_read(text, len, &err);
	if (json != NULL && ticket_from_json(json, &ticket, &err)) {
		json_t *second = ticket_to_json(&ticket);
		fuzz_must(strchr(ticket.name, '/') == NULL && ticket.n_pages >= 1);
		fuzz_must(ticket_from_json(second, &again, &err));
		fuzz_must(again.n_pages == ticket.n_pages);
		json_decref(second);
		ticket_fini(&again);
		ticket_fini(&ticket);
	}
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char name[DROP_NAME_MAX];
	int32_t copies;
	struct err err;
	try_card((const char *)bytes, len);
	try_sidecar((const char *)bytes, len);
	try_ticket((const char *)bytes, len);
	size_t n = len < sizeof name ? len : sizeof name - 1;
	memcpy(name, bytes, n);
	name[n] = '\0';
	if (drop_copies_of(name, &copies, &err)) {
		fuzz_must(copies >= 1 && copies <= DROP_COPIES_MAX && drop_kind_of(name) >= 0);
	}
	return 0;
}
