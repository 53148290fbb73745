/* SPDX-License-Identifier: Apache-2.0
 *
 * Any JSON as each body between the daemon and its workers. What is accepted, written, and read
 * again gives the same text.
 */
#include "tests/fuzz/fuzz.h"
#include "base/mem.h"
#include "wire/registers.h"
#include "wire/task.h"
#include <string.h>

/* NAME_again: read, then written; NULL when it was refused. */
#define AGAIN(type, name)                                                                          \
	static json_t *name##_again(const json_t *json, struct err *err)                           \
	{                                                                                          \
		struct type *value = mem_new(1, sizeof *value);                                    \
		json_t *out = name##_from_json(json, value, err) ? name##_to_json(value) : NULL;   \
		free(value);                                                                       \
		return out;                                                                        \
	}

AGAIN(err, err)
AGAIN(render_task, render_task)
AGAIN(render_result, render_result)
AGAIN(facts, facts)
AGAIN(raster, raster)
AGAIN(device_setup, device_setup)
AGAIN(device_status, device_status)
AGAIN(witness, witness)
AGAIN(attempt, attempt)
AGAIN(receipt, receipt)
AGAIN(device_send, device_send)
AGAIN(device_step_message, device_step)
AGAIN(recipe, recipe)
AGAIN(page_options, page_options)
AGAIN(bus_setup, bus_setup)
AGAIN(sensor_answer, sensor_answer)

typedef json_t *read_again(const json_t *json, struct err *err);
static read_again *const agains[] = {err_again, render_task_again, render_result_again, facts_again,
	raster_again, device_setup_again, device_status_again, witness_again, attempt_again,
	receipt_again, device_send_again, device_step_again, recipe_again, page_options_again,
	bus_setup_again, sensor_answer_again};

static void try_one(read_again *again, const json_t *json)
{
	struct err err = {.text = ""};
	json_t *first = again(json, &err);
	if (first == NULL) {
		fuzz_must(err.text[0] != '\0');
		return;
	}
	json_t *second = again(first, &err);
	if (second == NULL) {
		fprintf(stderr, "written, but not read again: %s\n", err.text);
	}
	fuzz_must(second != NULL);
	char *a = json_write(first);
	char *b = json_write(second);
	fuzz_must(strcmp(a, b) == 0);
	free(a);
	free(b);
	json_decref(first);
	json_decref(second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct err err;
	json_t *json = json_read((const char *)bytes, len, &err);
	if (json != NULL) {
		for (size_t i = 0; i < sizeof agains / sizeof agains[0]; i++) {
			try_one(agains[i], json);
		}
		json_decref(json);
	}
	return 0;
}
