/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes through json_read: what is accepted is within the bounds, and its canonical text reads
 * back to the same text.
 */
#include "tests/fuzz/fuzz.h"
#include "wire/json.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct err err = {.text = ""};
	json_t *value = json_read((const char *)bytes, len, &err);
	if (value == NULL) {
		fuzz_must(strcmp(err.code, "json") == 0 && err.text[0] != '\0');
		return 0;
	}
	char *text = json_write(value);
	fuzz_must(text != NULL);
	/* escapes may make it longer than what came in; then it can't be read back */
	json_t *again = json_read(text, strlen(text), &err);
	if (again != NULL) {
		char *same = json_write(again);
		fuzz_must(strcmp(text, same) == 0);
		free(same);
		json_decref(again);
	} else {
		fuzz_must(strlen(text) > JSON_BYTES_MAX);
	}
	free(text);
	json_decref(value);
	return 0;
}
