/* SPDX-License-Identifier: Apache-2.0
 *
 * The configuration reader: what it reads, and that each broken text is refused with its file, line
 * and key.
 */
#include "base/conf.h"
#include "base/clock.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#define RULES(table) (table), sizeof(table) / sizeof((table)[0])

static const struct conf_rule rules[] = {
	{NULL, "floor", CONF_TEXT, true, 1, 8, NULL, NULL},
	{NULL, "tags", CONF_LIST, false, 0, 3, "a b", NULL},
	{NULL, "workers", CONF_INT, false, 1, 64, "2", NULL},
	{NULL, "wait", CONF_MS, false, 100, 60000, "10 s", NULL},
	{NULL, "cap", CONF_BYTES, false, 1024, INT64_C(1) << 32, "2 GiB", NULL},
	{NULL, "width", CONF_HMM, false, 2000, 100000, NULL, NULL},
	{NULL, "fit", CONF_CHOICE, false, 0, 0, "fill", "fill fit none"},
	{"cloud!", "url", CONF_TEXT, true, 1, 200, NULL, NULL},
	{"cloud!", "port", CONF_INT, false, 1, 65535, "443", NULL},
	{"printer", NULL, CONF_TEXT, true, 0, 0, NULL, NULL},
	{"printer", "uri", CONF_TEXT, true, 1, 100, NULL, NULL},
	{"printer", "exclusive", CONF_BOOL, false, 0, 0, "no", NULL},
	{"printer", "media", CONF_LIST, false, 1, 2, NULL, NULL},
};

#define GOOD "printer P9 { uri = \"fake:/x\" }\n"

static struct conf *parse(const char *text, struct conf_faults *faults)
{
	*faults = (struct conf_faults){0};
	return conf_parse("t.conf", text, RULES(rules), faults);
}

static void a_full_text_gives_every_kind(void **state)
{
	(void)state;
	struct conf_faults faults;
	struct conf *conf = parse("# a comment with \"quotes\" and ${HOME}\n"
				  "floor = \"F 1\" // another\n"
				  "tags = { one, /* inside */ \"two\", # to the end\n 'three' }\n"
				  "workers = 3\nwait = \"1.5 s\"\ncap = 1 KiB_\n",
		&faults);
	assert_null(conf);
	conf = parse("# a comment with \"quotes\" and ${HOME}\n"
		     "floor = \"F \\\"1\" // another\n"
		     "tags = { one, /* inside\n */ \"two\", # to the end\n 'three', }\n"
		     "workers = 3\nwait = \"1.5 s\"\ncap = \"0.5 GiB\"\nwidth = \"4 in\"\n"
		     "fit = none\n"
		     "cloud { url = \"https://orders:8443/v1\" }\n"
		     "printer P1 { uri = fake:/a exclusive = yes media = \"m1\" }\n"
		     "printer \"P-2\" { uri = 'fake:/b'\n media = { m1, m2 } }\n",
		&faults);
	assert_int_equal(faults.n, 0);
	assert_non_null(conf);
	assert_string_equal(conf_text(conf, NULL, 0, "floor"), "F \"1");
	assert_int_equal(conf_list_count(conf, NULL, 0, "tags"), 3);
	assert_string_equal(conf_list_at(conf, NULL, 0, "tags", 1), "two");
	assert_string_equal(conf_list_at(conf, NULL, 0, "tags", 3), "");
	assert_int_equal(conf_int(conf, NULL, 0, "workers"), 3);
	assert_int_equal(conf_int(conf, NULL, 0, "wait"), 1500);
	assert_int_equal(conf_int(conf, NULL, 0, "cap"), 512 << 20);
	assert_int_equal(conf_int(conf, NULL, 0, "width"), 10160);
	assert_int_equal(conf_int(conf, NULL, 0, "fit"), 2);
	assert_int_equal(conf_count(conf, "cloud"), 1);
	assert_string_equal(conf_text(conf, "cloud", 0, "url"), "https://orders:8443/v1");
	assert_int_equal(conf_int(conf, "cloud", 0, "port"), 443);
	assert_int_equal(conf_count(conf, "printer"), 2);
	assert_string_equal(conf_title(conf, "printer", 1), "P-2");
	assert_true(conf_int(conf, "printer", 0, "exclusive"));
	assert_false(conf_int(conf, "printer", 1, "exclusive"));
	assert_int_equal(conf_list_count(conf, "printer", 0, "media"), 1);
	assert_string_equal(conf_list_at(conf, "printer", 1, "media", 1), "m2");
	conf_destroy(conf);
}

static void what_is_absent_has_its_fallback(void **state)
{
	(void)state;
	struct conf_faults faults;
	struct conf *conf = parse("floor = f\n" GOOD, &faults);
	assert_non_null(conf);
	assert_int_equal(conf_int(conf, NULL, 0, "wait"), 10000);
	assert_int_equal(conf_int(conf, NULL, 0, "cap"), INT64_C(2) << 30);
	assert_int_equal(conf_list_count(conf, NULL, 0, "tags"), 2);
	assert_string_equal(conf_list_at(conf, NULL, 0, "tags", 1), "b");
	assert_false(conf_has(conf, NULL, 0, "width"));
	assert_string_equal(conf_text(conf, NULL, 0, "width"), "");
	assert_int_equal(conf_count(conf, "cloud"), 0);
	assert_false(conf_has(conf, "cloud", 0, "url"));
	assert_int_equal(conf_int(conf, "cloud", 0, "port"), 443);
	assert_string_equal(conf_text(conf, "printer", 7, "uri"), "");
	conf_destroy(conf);
	conf = parse("floor = f tags = { }\n" GOOD, &faults);
	assert_non_null(conf);
	assert_int_equal(conf_list_count(conf, NULL, 0, "tags"), 0);
	conf_destroy(conf);
}

static void measures_are_exact(void **state)
{
	(void)state;
	static const struct conf_rule one[] = {
		{NULL, "ms", CONF_MS, false, 0, 0, NULL, NULL},
		{NULL, "bytes", CONF_BYTES, false, 0, 0, NULL, NULL},
		{NULL, "hmm", CONF_HMM, false, 0, 0, NULL, NULL},
	};
	static const struct {
		const char *key, *value;
		int64_t is;
	} cases[] = {
		{"ms", "250 ms", 250},
		{"ms", "10s", 10000},
		{"ms", "5 min", 300000},
		{"ms", "2 h", 7200000},
		{"ms", "3 d", 259200000},
		{"ms", "0", 0},
		{"ms", "0.25 h", 900000},
		{"bytes", "0", 0},
		{"bytes", "4096", 4096},
		{"bytes", "64 KiB", 65536},
		{"bytes", "1.5 MiB", 1572864},
		{"bytes", "7 B", 7},
		{"bytes", "1 TiB", INT64_C(1) << 40},
		{"hmm", "101.6 mm", 10160},
		{"hmm", "4 in", 10160},
		{"hmm", "3.5in", 8890},
		{"hmm", "12.7 cm", 12700},
		{"hmm", "0.125 in", 318},
		{"hmm", "0", 0},
		{"hmm", "0.01 mm", 1},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[80];
		snprintf(text, sizeof text, "%s = \"%s\"", cases[i].key, cases[i].value);
		struct conf_faults faults = {0};
		struct conf *conf = conf_parse("m.conf", text, RULES(one), &faults);
		if (conf == NULL) {
			fail_msg("%s: %s", text, faults.text[0]);
		}
		assert_int_equal(conf_int(conf, NULL, 0, cases[i].key), cases[i].is);
		conf_destroy(conf);
	}
}

/* Every fault text must begin with `where` and hold `what`. */
static const struct broken {
	const char *text;
	const char *where, *what;
} broken[] = {
	/* values */
	{GOOD "floor = \"\"", "t.conf:2: floor: ", "1 to 8 bytes"},
	{GOOD "floor = \"123456789\"", "t.conf:2: floor: ", "1 to 8 bytes"},
	{GOOD "floor = f\nworkers = many", "t.conf:3: workers: ", "whole number, 1 to 64"},
	{GOOD "floor = f\nworkers = 0", "t.conf:3: workers: ", "1 to 64"},
	{GOOD "floor = f\nworkers = 65", "t.conf:3: workers: ", "1 to 64"},
	{GOOD "floor = f\nworkers = 2.5", "t.conf:3: workers: ", "whole number"},
	{GOOD "floor = f\nworkers = 99999999999999999999", "t.conf:3: workers: ", "1 to 64"},
	{GOOD "floor = f\nworkers = \"\"", "t.conf:3: workers: ", "whole number"},
	{GOOD "floor = f\nworkers = \" 3\"", "t.conf:3: workers: ", "whole number"},
	{GOOD "floor = f\nwait = 10", "t.conf:3: wait: ", "with its unit"},
	{GOOD "floor = f\nwait = \"10 sec\"", "t.conf:3: wait: ", "with its unit"},
	{GOOD "floor = f\nwait = \"99 ms\"", "t.conf:3: wait: ", "100 ms to 1 min"},
	{GOOD "floor = f\nwait = \"2 min\"", "t.conf:3: wait: ", "100 ms to 1 min"},
	{GOOD "floor = f\nwait = \"-1 s\"", "t.conf:3: wait: ", "with its unit"},
	{GOOD "floor = f\nwait = \"1. s\"", "t.conf:3: wait: ", "with its unit"},
	{GOOD "floor = f\nwait = \"1.2.3 s\"", "t.conf:3: wait: ", "with its unit"},
	{GOOD "floor = f\nwait = s", "t.conf:3: wait: ", "with its unit"},
	{GOOD "floor = f\nwait = \"1e3 s\"", "t.conf:3: wait: ", "with its unit"},
	{GOOD "floor = f\nwait = \"999999999999999 d\"", "t.conf:3: wait: ", "with its unit"},
	{GOOD "floor = f\nwait = \"9999999999999999 s\"", "t.conf:3: wait: ", "with its unit"},
	{GOOD "floor = f\ncap = \"2 GB\"", "t.conf:3: cap: ", "KiB, MiB, GiB"},
	{GOOD "floor = f\ncap = \"2 gib\"", "t.conf:3: cap: ", "KiB, MiB, GiB"},
	{GOOD "floor = f\ncap = 1023", "t.conf:3: cap: ", "1 KiB to 4 GiB"},
	{GOOD "floor = f\ncap = \"5 GiB\"", "t.conf:3: cap: ", "1 KiB to 4 GiB"},
	{GOOD "floor = f\nwidth = 102", "t.conf:3: width: ", "with its unit (mm, cm, in)"},
	{GOOD "floor = f\nwidth = \"4 inch\"", "t.conf:3: width: ", "(mm, cm, in)"},
	{GOOD "floor = f\nwidth = \"1.9 cm\"", "t.conf:3: width: ", "2 cm to 100 cm"},
	{GOOD "floor = f\nfit = stretch", "t.conf:3: fit: ", "one of: fill fit none"},
	{GOOD "floor = f\nfit = fil", "t.conf:3: fit: ", "one of: fill fit none"},
	{GOOD "floor = f\nfit = \"fill fit\"", "t.conf:3: fit: ", "one of: fill fit none"},
	{GOOD "floor = f\nfit = \"\"", "t.conf:3: fit: ", "one of: fill fit none"},
	{GOOD "floor = f\ntags = { a, b, c, d }", "t.conf:3: tags: ", "0 to 3 items, has 4"},
	{GOOD "floor = f\ntags = { a, \"\" }", "t.conf:3: tags: ", "no empty item"},
	{"floor = f\nprinter P1 {\nuri = a\nexclusive = maybe }",
		"t.conf:4: printer P1, exclusive: ", "yes or no"},
	{"floor = f\nprinter P1 {\nuri = a\nexclusive = 1 }",
		"t.conf:4: printer P1, exclusive: ", "yes or no"},
	{"floor = f\nprinter P1 {\nuri = a\nmedia = { } }",
		"t.conf:4: printer P1, media: ", "1 to 2 items, has 0"},
	{GOOD "floor = f\ncloud {\n url = u\n port = 65536 }",
		"t.conf:5: cloud, port: ", "1 to 65535"},
	/* what is missing */
	{GOOD, "t.conf:1: floor: ", "required and missing"},
	{GOOD "floor = f\ncloud { port = 1 }", "t.conf:3: cloud, url: ", "required and missing"},
	{"floor = f\n\nprinter P1 { media = m }",
		"t.conf:3: printer P1, uri: ", "required and missing"},
	{"floor = f", "t.conf:1: ", "at least one section \"printer\""},
	/* what is not known, or there twice */
	{GOOD "floor = f\nworker = 2", "t.conf:3: worker: ", "not a key"},
	{GOOD "floor = f\nWorkers = 2", "t.conf:3: Workers: ", "not a key"},
	{GOOD "floor = f\nuri = fake", "t.conf:3: uri: ", "not a key"},
	{"floor = f\nprinter P1 { uri = a\nfloor = g }",
		"t.conf:3: printer P1, floor: ", "not a key"},
	{GOOD "floor = f\ninclude = other", "t.conf:3: include: ", "not a key"},
	{GOOD "floor = f\nclouds { url = u }", "t.conf:3: clouds: ", "no such section"},
	{GOOD "floor = f\nclouds { }", "t.conf:3: clouds: ", "no such section"},
	{GOOD "floor = f\nscale S1 { port = 3\n mode = x }",
		"t.conf:3: scale S1: ", "no such section"},
	{GOOD "floor = f\nfloor = g", "t.conf:3: floor: ", "twice"},
	{"floor = f\nprinter P1 { uri = a\nuri = b }", "t.conf:3: printer P1, uri: ", "twice"},
	{"floor = f\nprinter P1 { uri = a }\nprinter P1 { uri = b }",
		"t.conf:3: printer P1: ", "twice"},
	{GOOD "floor = f\ncloud { url = u }\ncloud { url = v }", "t.conf:4: cloud: ", "twice"},
	/* shapes */
	{GOOD "floor = { f }", "t.conf:2: floor: ", "one value, not a list"},
	{GOOD "floor = f\nworkers = { 1, 2 }", "t.conf:3: workers: ", "one value, not a list"},
	{GOOD "floor = f\ncloud C1 { url = u }", "t.conf:3: cloud C1: ", "has no name"},
	{"floor = f\nprinter { uri = a }", "t.conf:2: printer: ", "needs a name"},
	{"floor = f\nprinter \"a b\" { uri = a }", "t.conf:2: printer a b: ", "the name must be"},
	{"floor = f\nprinter .x { uri = a }", "t.conf:2: printer .x: ", "the name must be"},
	{"floor = f\nprinter \"\" { uri = a }", "t.conf:2: printer : ", "the name must be"},
	{"floor = f\nprinter \"../x\" { uri = a }", "t.conf:2: printer ../x: ", "the name must be"},
	/* the environment stays out */
	{GOOD "floor = \"${HOME}\"", "t.conf:2: floor: ", "not expanded"},
	{GOOD "floor = f\ntags = { \"x${PATH:-y}\" }", "t.conf:3: tags: ", "not expanded"},
	/* what can't be understood at all */
	{GOOD "floor f", "t.conf:2: ", "\"=\" and a value"},
	{GOOD "floor =", "t.conf:2: ", "value is missing"},
	{GOOD "floor = =", "t.conf:2: ", "value is missing"},
	{GOOD "floor = f\nwait = 10 s\n", "t.conf:4: ", "stands in quotes"},
	{GOOD "floor = f\n= 3", "t.conf:3: ", "name of a key"},
	{GOOD "floor = f\n\"wait\" = 3", "t.conf:3: ", "name of a key"},
	{GOOD "floor = f\n}", "t.conf:3: ", "} too many"},
	{"floor = f\nprinter P1 {\nuri = a\n", "t.conf:4: ", "} is missing"},
	{"floor = f\nprinter P1 {\nuri = a\nprinter P2 { uri = b }",
		"t.conf:4: ", "section within a section"},
	{GOOD "floor = f\ntags = { a b }", "t.conf:3: ", "comma is missing"},
	{GOOD "floor = f\ntags = { a,, b }", "t.conf:3: ", "value is missing"},
	{GOOD "floor = f\ntags = { a, b", "t.conf:3: ", "comma is missing"},
	{GOOD "floor = f\ntags += { a }", "t.conf:3: ", "\"+\" has no meaning"},
	{GOOD "floor = f\ninclude(\"/etc/passwd\")", "t.conf:3: ", "include"},
	{GOOD "floor = \"f\nworkers = 2", "t.conf:2: ", "not closed"},
	{GOOD "floor = 'f", "t.conf:2: ", "not closed"},
	{GOOD "floor = f\n/* no end\n\n", "t.conf:3: ", "comment has no end"},
	{GOOD "floor = \"a\\x41\"", "t.conf:2: ", "after a backslash"},
	{GOOD "floor = \"a\001\"", "t.conf:2: ", "control character"},
	{GOOD "floor = f;", "t.conf:2: ", "must stand in quotes"},
	{GOOD "floor = ${HOME}", "t.conf:2: ", "must stand in quotes"},
	{GOOD "floor = f\nfit = http://x", "t.conf:3: ", "in quotes"},
	{GOOD "floor = \"\xff\xfe\"", "t.conf:1: ", "not UTF-8"},
	{"[floor]\nname = f\n", "t.conf:1: ", "must stand in quotes"},
	{"{\"floor\": \"f\"}", "t.conf:1: ", "name of a key"},
};

static void each_broken_text_names_file_line_and_key(void **state)
{
	(void)state;
	assert_true(sizeof broken / sizeof broken[0] >= 80);
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		struct conf_faults faults;
		struct conf *conf = parse(broken[i].text, &faults);
		const char *said = faults.n > 0 ? faults.text[0] : "nothing";
		if (conf != NULL || faults.n != 1 ||
			strncmp(said, broken[i].where, strlen(broken[i].where)) != 0 ||
			strstr(said, broken[i].what) == NULL) {
			fail_msg("case %zu (%s): %zu faults, first: %s", i, broken[i].text,
				faults.n, said);
		}
	}
}

static void all_faults_are_told_in_the_order_of_the_file(void **state)
{
	(void)state;
	struct conf_faults faults;
	struct conf *conf = parse("workers = x\n"
				  "/* one */ /* two\n lines */\n"
				  "colour = red # with } and { and \"\n"
				  "nowhere { a = 1 b = { 2, 3 } }\n"
				  "cloud { port = 0 }\n"
				  "printer P1 { uri = a exclusive = x }\n"
				  "wait = \"1 s\"\n"
				  "printer P2 {\n uri = \"\"\n speed = 3\n}\n"
				  "fit = \"${FIT}\"\n",
		&faults);
	assert_null(conf);
	static const char *const expected[] = {"t.conf:1: floor: is required",
		"t.conf:1: workers: must be", "t.conf:4: colour: is not a key",
		"t.conf:5: nowhere: there is no such section", "t.conf:6: cloud, url: is required",
		"t.conf:6: cloud, port: must be", "t.conf:7: printer P1, exclusive: must be",
		"t.conf:10: printer P2, uri: must be", "t.conf:11: printer P2, speed: is not",
		"t.conf:13: fit: ${"};
	size_t n = sizeof expected / sizeof expected[0];
	assert_int_equal(faults.n, n);
	for (size_t i = 0; i < n; i++) {
		if (strncmp(faults.text[i], expected[i], strlen(expected[i])) != 0) {
			fail_msg("%zu: %s", i, faults.text[i]);
		}
	}
}

static void faults_beyond_the_table_are_counted(void **state)
{
	(void)state;
	char text[8192] = GOOD "floor = f\n";
	for (int i = 0; i < 100; i++) {
		snprintf(text + strlen(text), sizeof text - strlen(text), "bad%d = 1\n", i);
	}
	struct conf_faults faults;
	assert_null(parse(text, &faults));
	assert_int_equal(faults.n, 100);
	assert_string_equal(faults.text[31],
		"t.conf:34: bad31: is not a key of this section: misspelt, or in the wrong place?");
}

static void nothing_from_outside_forges_a_line(void **state)
{
	(void)state;
	struct conf_faults faults;
	assert_null(parse(GOOD "floor = f\nclouds \"\x1b[2J\" { }", &faults));
	assert_int_equal(faults.n, 1);
	assert_null(strchr(faults.text[0], '\x1b'));
	assert_null(parse(GOOD "floor = f\nclouds \"\xc2\x9b"
			       "2J\" { }",
		&faults));
	assert_non_null(strstr(faults.text[0], "\\xc2\\x9b"));
}

static void faults_of_the_caller_stand_at_their_line(void **state)
{
	(void)state;
	struct conf_faults faults;
	struct conf *conf =
		parse("floor = f\nprinter P1 {\n uri = a\n}\nprinter P2 { uri = a }", &faults);
	assert_non_null(conf);
	conf_fault(conf, &faults, "printer", 0, "uri", "is %d", 7);
	conf_fault(conf, &faults, "printer", 1, NULL, "odd");
	conf_fault(conf, &faults, "printer", 0, "exclusive", "a fallback");
	conf_fault(conf, &faults, "cloud", 0, "port", "absent");
	conf_fault(conf, &faults, NULL, 0, "floor", "top");
	assert_int_equal(faults.n, 5);
	assert_string_equal(faults.text[0], "t.conf:3: printer P1, uri: is 7");
	assert_string_equal(faults.text[1], "t.conf:5: printer P2: odd");
	assert_string_equal(faults.text[2], "t.conf:2: printer P1, exclusive: a fallback");
	assert_string_equal(faults.text[3], "t.conf:1: port: absent");
	assert_string_equal(faults.text[4], "t.conf:1: floor: top");
	conf_destroy(conf);
}

static void put_file(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void files_are_read_within_bounds(void **state)
{
	(void)state;
	char folder[] = "/tmp/platen-conf-XXXXXX";
	assert_non_null(mkdtemp(folder));
	char path[64];
	snprintf(path, sizeof path, "%s/a.conf", folder);
	struct conf_faults faults = {0};
	assert_null(conf_read(path, RULES(rules), &faults));
	assert_non_null(strstr(faults.text[0], "No such file"));
	static const char good[] = "floor = f\n" GOOD;
	put_file(path, good, sizeof good - 1);
	faults = (struct conf_faults){0};
	struct conf *conf = conf_read(path, RULES(rules), &faults);
	assert_non_null(conf);
	conf_destroy(conf);
	put_file(path, good, sizeof good); /* with its NUL */
	assert_null(conf_read(path, RULES(rules), &faults));
	assert_non_null(strstr(faults.text[0], "zero byte"));
	char *big = malloc(1024 * 1024 + 1);
	assert_non_null(big);
	memset(big, '\n', 1024 * 1024 + 1);
	put_file(path, big, 1024 * 1024 + 1);
	free(big);
	faults = (struct conf_faults){0};
	assert_null(conf_read(path, RULES(rules), &faults));
	assert_non_null(strstr(faults.text[0], "too large"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	faults = (struct conf_faults){0};
	assert_null(conf_read(path, RULES(rules), &faults));
	assert_non_null(strstr(faults.text[0], "not a regular file"));
	assert_non_null(strstr(faults.text[0], path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void an_empty_text_is_no_crash(void **state)
{
	(void)state;
	static const struct conf_rule one[] = {{NULL, "a", CONF_INT, false, 0, 9, "4", NULL}};
	static const char *const texts[] = {"", "\n\n", "# nothing", "/**/", "// x"};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct conf_faults faults = {0};
		struct conf *conf = conf_parse("e.conf", texts[i], RULES(one), &faults);
		assert_non_null(conf);
		assert_int_equal(conf_int(conf, NULL, 0, "a"), 4);
		conf_destroy(conf);
	}
}

/* After a refused text libConfuse's own scanner must be in its first state. */
static void a_refused_text_leaves_nothing_behind(void **state)
{
	(void)state;
	struct conf_faults faults;
	for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
		assert_null(parse(broken[i].text, &faults));
		struct conf *conf = parse("floor = f\n" GOOD, &faults);
		assert_non_null(conf);
		assert_string_equal(conf_text(conf, NULL, 0, "floor"), "f");
		conf_destroy(conf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_text_gives_every_kind),
		cmocka_unit_test(what_is_absent_has_its_fallback),
		cmocka_unit_test(measures_are_exact),
		cmocka_unit_test(each_broken_text_names_file_line_and_key),
		cmocka_unit_test(all_faults_are_told_in_the_order_of_the_file),
		cmocka_unit_test(faults_beyond_the_table_are_counted),
		cmocka_unit_test(nothing_from_outside_forges_a_line),
		cmocka_unit_test(faults_of_the_caller_stand_at_their_line),
		cmocka_unit_test(files_are_read_within_bounds),
		cmocka_unit_test(an_empty_text_is_no_crash),
		cmocka_unit_test(a_refused_text_leaves_nothing_behind),
	};
	return cmocka_run_group_tests_name("base/conf", tests, NULL, NULL);
}
