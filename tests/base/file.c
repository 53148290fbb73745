/* SPDX-License-Identifier: Apache-2.0
 *
 * Small files and folders.
 */
#include "base/file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/platen-file-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void put(const char *name, size_t len, mode_t mode)
{
	FILE *file = fopen(in_folder(name), "w");
	assert_non_null(file);
	for (size_t i = 0; i < len; i++) {
		fputc('a' + (int)(i % 26), file);
	}
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(in_folder(name), mode), 0);
}

static int make_folder(void **context)
{
	(void)context;
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **context)
{
	(void)context;
	return rmdir(folder);
}

static void files_are_read_up_to_their_bound(void **state)
{
	(void)state;
	put("f", 40000, 0600);
	struct buf buf = {0};
	struct err err;
	buf_text(&buf, "before ");
	assert_true(file_read(in_folder("f"), 40000, &buf, &err));
	assert_int_equal(buf.len, 40007);
	assert_memory_equal(buf.bytes, "before abc", 10);
	buf_clear(&buf);
	assert_false(file_read(in_folder("f"), 39999, &buf, &err));
	assert_non_null(strstr(err.text, "too large"));
	assert_non_null(strstr(err.text, in_folder("f")));
	assert_int_equal(unlink(in_folder("f")), 0);
	assert_false(file_read(in_folder("f"), 10, &buf, &err));
	assert_non_null(strstr(err.text, "No such file"));
	assert_false(file_read(folder, 10, &buf, &err));
	assert_non_null(strstr(err.text, "not a regular file"));
	buf_fini(&buf);
}

static void open_secrets_are_refused(void **state)
{
	(void)state;
	static const struct {
		mode_t mode;
		bool fine;
	} cases[] = {{0600, true}, {0400, true}, {0640, true}, {0440, true}, {0644, false},
		{0604, false}, {0660, false}, {0601, false}, {0602, false}};
	put("key", 3, 0600);
	struct err err;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(chmod(in_folder("key"), cases[i].mode), 0);
		if (file_check(in_folder("key"), true, &err) != cases[i].fine) {
			fail_msg("mode %o", (unsigned)cases[i].mode);
		}
		assert_true(file_check(in_folder("key"), false, &err));
	}
	assert_int_equal(unlink(in_folder("key")), 0);
	assert_false(file_check(in_folder("key"), false, &err));
}

static void folders_are_listed_by_name(void **state)
{
	(void)state;
	static const char *const files[] = {"b.conf", "a.conf", ".x.conf", "c.conf~", ".conf", "d"};
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		put(files[i], 0, 0600);
	}
	struct names names;
	struct err err;
	assert_true(folder_names(folder, ".conf", &names, &err));
	assert_int_equal(names.n, 2);
	assert_string_equal(names.name[0], "a");
	assert_string_equal(names.name[1], "b");
	names_fini(&names);
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		assert_int_equal(unlink(in_folder(files[i])), 0);
	}
	assert_true(folder_names(folder, ".conf", &names, &err));
	assert_int_equal(names.n, 0);
	names_fini(&names);
	assert_false(folder_names(in_folder("none"), ".conf", &names, &err));
	assert_non_null(strstr(err.text, "No such file"));
}

static void write_text(const char *name, const char *text)
{
	FILE *file = fopen(in_folder(name), "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	assert_int_equal(chmod(in_folder(name), 0600), 0);
}

static void a_secret_is_one_line(void **state)
{
	(void)state;
	char out[8] = "before";
	struct err err;
	write_text("pass", "s3cret!\n");
	assert_true(file_secret(in_folder("pass"), out, sizeof out, &err));
	assert_string_equal(out, "s3cret!");
	write_text("pass", " a b\r\n");
	assert_true(file_secret(in_folder("pass"), out, sizeof out, &err));
	assert_string_equal(out, " a b");
	static const char *const wrong[] = {"", "\n", "12345678\n", "one\ntwo\n"};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		write_text("pass", wrong[i]);
		assert_false(file_secret(in_folder("pass"), out, sizeof out, &err));
		assert_non_null(strstr(err.text, "one line of 1 to 7 bytes"));
		assert_null(strstr(err.text, "two"));
	}
	write_text("pass", "gr\xfc\xdf\n"); /* Latin-1 */
	assert_false(file_secret(in_folder("pass"), out, sizeof out, &err));
	assert_non_null(strstr(err.text, "UTF-8"));
	write_text("pass", "fine\n");
	assert_int_equal(chmod(in_folder("pass"), 0644), 0);
	assert_false(file_secret(in_folder("pass"), out, sizeof out, &err));
	assert_non_null(strstr(err.text, "chmod 0600"));
	assert_string_equal(out, " a b");
	assert_int_equal(unlink(in_folder("pass")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read_up_to_their_bound),
		cmocka_unit_test(open_secrets_are_refused),
		cmocka_unit_test(a_secret_is_one_line),
		cmocka_unit_test(folders_are_listed_by_name),
	};
	return cmocka_run_group_tests_name("base/file", tests, make_folder, remove_folder);
}
