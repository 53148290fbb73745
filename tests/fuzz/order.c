/* SPDX-License-Identifier: Apache-2.0
 *
 * Any JSON as each body that the cloud sends. What is accepted is bounded as the header says; a
 * lease written again and read again is the same lease.
 */
#include "tests/fuzz/fuzz.h"
#include "wire/order.h"
#include <string.h>

static void same_again(const struct lease *lease)
{
	struct err err;
	json_t *json = lease_to_json(lease);
	struct lease again;
	fuzz_must(lease_from_json(json, &again, &err));
	json_t *second = lease_to_json(&again);
	char *a = json_write(json);
	char *b = json_write(second);
	fuzz_must(strcmp(a, b) == 0);
	free(a);
	free(b);
	json_decref(json);
	json_decref(second);
	lease_fini(&again);
}

static void look_at_lease(const struct lease *lease)
{
	fuzz_must(text_is_id(lease->job) && lease->epoch >= 1);
	fuzz_must(lease->n_pages >= 1 && lease->n_pages <= PAGES_MAX);
	fuzz_must(lease->copies >= 1 && lease->priority >= 0 && lease->priority <= 100);
	for (int32_t i = 0; i < lease->n_pages; i++) {
		fuzz_must(hash_is_hex(lease->pages[i].asset.sha256));
		fuzz_must(lease->pages[i].asset.bytes >= 0);
	}
	same_again(lease);
}

static void try_lease(const json_t *json)
{
	struct err err = {.text = ""};
	struct lease lease;
	if (lease_from_json(json, &lease, &err)) {
		look_at_lease(&lease);
		lease_fini(&lease);
	} else {
		fuzz_must(err.text[0] != '\0');
	}
}

static void try_acquire(const json_t *json)
{
	struct err err;
	static struct acquire_answer answer; /* large */
	if (acquire_answer_from_json(json, &answer, &err)) {
		fuzz_must(answer.n_leases <= LEASES_MAX && answer.n_faults <= LEASES_MAX);
		for (size_t i = 0; i < answer.n_leases; i++) {
			look_at_lease(&answer.leases[i]);
		}
		acquire_answer_fini(&answer);
	}
}

static void try_answers(const json_t *json)
{
	struct err err;
	struct session_answer session;
	struct closed_answer closed;
	struct extend_answer extend;
	struct start_answer start;
	struct events_answer events;
	struct sign_answer sign;
	struct token token;
	struct problem problem;
	enum release_verdict verdict;
	if (session_answer_from_json(json, &session, &err)) {
		session_answer_fini(&session);
	}
	if (closed_answer_from_json(json, &closed, &err)) {
		closed_answer_fini(&closed);
	}
	if (extend_answer_from_json(json, &extend, &err)) {
		extend_answer_fini(&extend);
	}
	if (start_answer_from_json(json, &start, &err)) {
		start_answer_fini(&start);
	}
	if (events_answer_from_json(json, &events, &err)) {
		events_answer_fini(&events);
	}
	if (sign_answer_from_json(json, &sign, &err)) {
		fuzz_must(strlen(sign.url) < URL_MAX);
	}
	if (token_from_json(json, &token, &err)) {
		fuzz_must(strlen(token.text) < sizeof token.text);
	}
	if (release_verdict_from_json(json, "j-1", &verdict, &err)) {
		fuzz_must((int)verdict >= 0);
	}
	problem_from_json(json, 409, &problem);
	fuzz_must(strlen(problem.code) < ERR_CODE_MAX);
}

static void try_event(const json_t *json)
{
	struct err err;
	struct event_row event = {0};
	if (event_from_json(json, &event, &err)) {
		fuzz_must(event.data != NULL);
		json_t *batch = event_batch_to_json(&event, 1, "f", "01ARZ3NDEKTSV4RRFFQ69G5FAV");
		fuzz_must(json_is_array(batch));
		struct event_row again = {0};
		fuzz_must(event_from_json(json_array_get(batch, 0), &again, &err));
		fuzz_must(strcmp(event.data, again.data) == 0);
		free(again.data);
		json_decref(batch);
		free(event.data);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct err err;
	json_t *json = json_read((const char *)bytes, len, &err);
	if (json != NULL) {
		try_lease(json);
		try_acquire(json);
		try_answers(json);
		try_event(json);
		try_event(json_array_get(json, 0)); /* a batch; NULL is nobody's event */
		json_decref(json);
	}
	return 0;
}
