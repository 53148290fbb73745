/* SPDX-License-Identifier: Apache-2.0
 *
 * What is written on the back: which drivers can, and that the fake printer writes it on each copy
 * of the page that it was sent with, and on no other.
 */
#include "drivers/host.h"
#include "drivers/list.h"
#include "base/file.h"
#include "wire/profile.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/platen-back-XXXXXX";

static void drivers_and_profiles_agree_on_who_can(void **state)
{
	(void)state;
	static const char *const all[] = {"ipp", "fake"};
	for (size_t i = 0; i < 2; i++) {
		const struct driver *driver = driver_find(all[i]);
		assert_true(driver == NULL || /* not built in */
			    driver->prints_backs == catalog_driver_prints_backs(all[i]));
	}
	assert_false(catalog_driver_prints_backs("nobody"));
}

static void print(const char *key, int copies, const char *first, const char *second)
{
	char uri[64];
	struct host host = {.report = -1};
	struct device device;
	struct document document;
	struct attempt attempt;
	struct send_hooks hooks;
	struct receipt receipt;
	struct err err = {.text = ""};
	snprintf(uri, sizeof uri, "fake:%s/printer", folder);
	host_device(&host, "fake", uri, &device);
	device.model.back = (struct model_back){2, 40, true};
	if (!device.driver->open(&device, &err)) {
		fail_msg("%s", err.text);
	}
	host_document(&document, 30, 40);
	if (first != NULL) {
		document.n_back_print = 2;
		text_copy(document.back_print[0], sizeof document.back_print[0], first);
		text_copy(document.back_print[1], sizeof document.back_print[1], second);
	}
	host_hooks(&host, &hooks);
	host_attempt(&device, key, copies, &attempt);
	if (!device.driver->send(&device, &attempt, &document, &hooks, &err)) {
		fail_msg("%s", err.text);
	}
	attempt.phase = PHASE_ACCEPTED;
	host_confirm(&device, &attempt, 10000, &receipt);
	assert_int_equal(receipt.completed, copies);
	close(document.fd);
	device.driver->close(&device);
}

/* The back of the n-th print of all, "" when there is none. */
static void back_of(int n, const char *key, int copy, struct buf *text)
{
	char path[200];
	struct err err;
	snprintf(path, sizeof path, "%s/printer/back/%08d_%s_page-1_copy-%d.txt", folder, n, key,
		copy);
	text->len = 0;
	if (!file_read(path, 4096, text, &err)) {
		text->len = 0;
	}
}

static void every_copy_has_its_lines_and_no_other_print(void **state)
{
	(void)state;
	struct buf text = {0};
	assert_non_null(mkdtemp(folder));
	print("J1.1.1", 2, "A-1042 1/2", "J\xC3\xB6rg %n {order}");
	print("J2.1.1", 1, NULL, NULL);
	print("J3.1.1", 1, "A-1043", "");
	static const char both[] = "A-1042 1/2\nJ\xC3\xB6rg %n {order}\n";
	for (int copy = 1; copy <= 2; copy++) {
		back_of(copy, "J1.1.1", copy, &text);
		assert_int_equal(text.len, sizeof both - 1);
		assert_memory_equal(text.bytes, both, text.len);
	}
	back_of(3, "J2.1.1", 1, &text);
	assert_int_equal(text.len, 0);
	back_of(4, "J3.1.1", 1, &text);
	assert_int_equal(text.len, strlen("A-1043\n\n"));
	buf_fini(&text);
	/* nothing of it is left behind in the machine */
	char glob[200];
	snprintf(
		glob, sizeof glob, "test -z \"$(ls -d %s/printer/back[-.]* 2>/dev/null)\"", folder);
	assert_int_equal(system(glob), 0);
	snprintf(glob, sizeof glob, "rm -rf %s", folder);
	assert_int_equal(system(glob), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(drivers_and_profiles_agree_on_who_can),
		cmocka_unit_test(every_copy_has_its_lines_and_no_other_print),
	};
	return cmocka_run_group_tests_name("drivers/back", tests, NULL, NULL);
}
