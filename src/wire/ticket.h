/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wanted of a thing that was dropped into the hot folder: read from a sidecar
 * (PICTURE.json) and, once it is taken, written beside it as its ticket, so that after a kill the
 * same is wanted under the same key.
 */
#pragma once
#include "rules/drop.h"
#include "wire/recipe.h"

#define TICKET_PAGES_MAX  999
#define SIDECAR_BYTES_MAX 65536
#define TICKET_PATH_MAX   256
#define TICKET_REF_MAX    65

struct ticket_page {
	char path[TICKET_PATH_MAX]; /* within the card; "" for a single picture */
	int32_t copies;
	struct page_options options;
};

struct ticket {
	char sku[NAME_MAX_LEN];
	char name[DROP_NAME_MAX]; /* of the picture or the card, as it was dropped */
	char ref[TICKET_REF_MAX]; /* the order's number, as the sidecar says */
	bool is_card;
	char sidecar_name[DROP_NAME_MAX]; /* "": none */
	struct drop_print sidecar;
	struct ticket_page *pages; /* owned: ticket_fini */
	int32_t n_pages;
};

/* Takes what the sidecar says into the ticket of a picture (one page). REJECT: a member that is
 * unknown or out of bounds; RETRY, code "json": it can't be read, perhaps it is not whole yet. */
must_use bool sidecar_read(const char *text, size_t len, struct ticket *ticket, struct err *err);

json_t *ticket_to_json(const struct ticket *ticket);
must_use bool ticket_from_json(const json_t *json, struct ticket *ticket, struct err *err);
void ticket_fini(struct ticket *ticket);
