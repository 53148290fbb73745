/* SPDX-License-Identifier: Apache-2.0
 *
 * Prints what the daemon sends a device worker first, for canaries.py: setup URI DRIVER.
 */
#include "wire/task.h"
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

int main(int argc, char **argv)
{
	struct device_setup setup = {
		.conf = {.name = "P1", .model = "m", .exclusive = true, .poll_ms = 1000},
		.model = {.name = "m",
			.title = "M",
			.x_dpi = 300,
			.y_dpi = 300,
			.copies_per_attempt = 1,
			.ms_per_print = 100,
			.counter_lag_ms = 5000,
			.counts_impressions = true}};
	if (argc != 3) {
		fprintf(stderr, "usage: setup URI DRIVER\n");
		return EX_USAGE;
	}
	text_copy(setup.conf.uri, sizeof setup.conf.uri, argv[1]);
	text_copy(setup.model.driver, sizeof setup.model.driver, argv[2]);
	json_t *json = device_setup_to_json(&setup);
	char *text = json_dumps(json, JSON_COMPACT);
	puts(text);
	free(text);
	json_decref(json);
	return EX_OK;
}
