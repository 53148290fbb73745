/* SPDX-License-Identifier: Apache-2.0
 *
 * platen.conf: the example reads, defaults are what the example says they are, and whatever is
 * wrong across keys and files is told with its line and key.
 */
#include "wire/settings.h"
#include "base/clock.h"
#include "base/file.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[] = "/tmp/platen-settings-XXXXXX";
static char conf_path[64];

static void put(const char *name, const char *text, mode_t mode)
{
	char path[128];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL) {
		return -1;
	}
	snprintf(conf_path, sizeof conf_path, "%s/t.conf", folder);
	put("ca.pem", "ca", 0644);
	put("floor.pem", "certificate", 0644);
	put("floor.key", "key", 0640);
	put("open.key", "key", 0644);
	put("shared.key", "key", 0660);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	static const char *const names[] = {
		"ca.pem", "floor.pem", "floor.key", "open.key", "shared.key", "t.conf", ""};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[128];
		snprintf(path, sizeof path, "%s/%s", folder, names[i]);
		remove(path);
	}
	return 0;
}

/* $ is the temporary folder, ~ the shipped profiles. */
static void put_conf(const char *text)
{
	struct buf buf = {0};
	for (; *text != '\0'; text++) {
		if (*text == '$') {
			buf_text(&buf, folder);
		} else if (*text == '~') {
			buf_print(&buf, "%s/profiles", getenv("PLATEN_SRC"));
		} else {
			buf_add(&buf, text, 1);
		}
	}
	put("t.conf", buf_get(&buf), 0644);
	buf_fini(&buf);
}

static void read_good(const char *text, struct settings *settings)
{
	put_conf(text);
	struct conf_faults faults = {0};
	if (!settings_read(conf_path, settings, &faults)) {
		fail_msg("%zu faults, first: %s", faults.n, faults.text[0]);
	}
}

/* The example as it stands, but for the places that only an installed platen has. */
static char *example(void)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/docs/platen.conf.example", getenv("PLATEN_SRC"));
	struct buf buf = {0};
	struct err err;
	assert_true(file_read(path, 100000, &buf, &err));
	struct buf out = {0};
	static const struct {
		const char *from, *to;
	} changes[] = {{"/etc/platen", "$"}, {"/usr/local/share/platen/profiles", "~"}};
	for (const char *at = buf_get(&buf); *at != '\0';) {
		size_t i = 0;
		while (i < 2 && strncmp(at, changes[i].from, strlen(changes[i].from)) != 0) {
			i++;
		}
		/* a comment may hold one */
		if (i < 2) {
			buf_text(&out, changes[i].to);
			at += strlen(changes[i].from);
		} else {
			buf_add(&out, *at == '$' ? "a" : at, 1);
			at++;
		}
	}
	buf_fini(&buf);
	return out.bytes;
}

static void the_example_reads(void **state)
{
	(void)state;
	char *text = example();
	struct settings settings;
	read_good(text, &settings);
	free(text);
	assert_string_equal(settings.floor, "floor-1");
	assert_true(settings.cloud.given);
	assert_string_equal(settings.cloud.url, "https://orders.example:8443");
	assert_int_equal(settings.n_asset_hosts, 1);
	assert_string_equal(settings.asset_hosts[0].host, "photos.example");
	assert_false(settings.asset_hosts[0].is_private);
	assert_int_equal(settings.catalog.n_printers, 2);
	assert_string_equal(settings.catalog.printers[0].name, "P1");
	assert_string_equal(settings.catalog.printers[1].uri, "fake:/var/lib/platen/trial");
	assert_true(settings.catalog.printers[1].exclusive);
	assert_non_null(catalog_product(&settings.catalog, "4x6-glossy"));
	settings_fini(&settings);
}

static void what_is_left_out_is_as_the_example_says(void **state)
{
	(void)state;
	char *text = example();
	struct settings said;
	read_good(text, &said);
	free(text);
	struct settings bare;
	read_good("floor = floor-1 profiles_folder = \"~\"", &bare);
	assert_string_equal(bare.state_folder, said.state_folder);
	assert_string_equal(bare.spool_folder, said.spool_folder);
	assert_string_equal(bare.socket, said.socket);
	assert_int_equal(bare.cloud.offline_permits_ms, said.cloud.offline_permits_ms);
	assert_int_equal(bare.copies_per_job_max, said.copies_per_job_max);
	assert_int_equal(bare.copies_per_hour_max, said.copies_per_hour_max);
	assert_string_equal(bare.console.address, said.console.address);
	assert_int_equal(bare.console.port, said.console.port);
	assert_int_equal(bare.console.n_hosts, said.console.n_hosts);
	assert_string_equal(bare.console.hosts[1], said.console.hosts[1]);
	assert_memory_equal(bare.formats, said.formats, sizeof bare.formats);
	assert_int_equal(bare.spool_reserve_bytes, said.spool_reserve_bytes);
	assert_int_equal(bare.keep_printed_ms, said.keep_printed_ms);
	assert_int_equal(bare.render_workers, said.render_workers);
	assert_true(said.hot_folder.given && !bare.hot_folder.given);
	assert_int_equal(bare.hot_folder.times.settle_ms, said.hot_folder.times.settle_ms);
	assert_int_equal(bare.hot_folder.times.patience_ms, said.hot_folder.times.patience_ms);
	assert_int_equal(bare.hot_folder.keep_done_ms, said.hot_folder.keep_done_ms);
	assert_int_equal(bare.want_ms, said.want_ms);
	assert_int_equal(bare.permit_ahead_ms, said.permit_ahead_ms);
	/* and a few as figures, so that both can't be wrong together */
	for (int i = 0; i < PICTURE_FORMATS; i++) {
		assert_true(bare.formats[i].taken);
		assert_int_equal(bare.formats[i].limits.file_bytes, 100 << 20);
		assert_int_equal(bare.formats[i].limits.cpu_seconds, 30);
		assert_int_equal(bare.formats[i].limits.memory_bytes, INT64_C(1536) << 20);
	}
	assert_int_equal(bare.spool_reserve_bytes, INT64_C(2) << 30);
	assert_int_equal(bare.cloud.offline_permits_ms, 2 * HOUR_MS);
	assert_int_equal(bare.want_ms, 15 * MINUTE_MS);
	settings_fini(&said);
	settings_fini(&bare);
}

static void each_format_may_have_limits_of_its_own(void **state)
{
	(void)state;
	struct settings settings;
	read_good("floor = f profiles_folder = \"~\"\n"
		  "limits { pixels = 90000000 formats = { \"image/jpeg\", \"image/heic\" } }\n"
		  "format heic { file = \"20 MiB\" cpu_time = \"9500 ms\" }\n",
		&settings);
	const struct picture_policy *heic = &settings.formats[PICTURE_HEIC];
	const struct picture_policy *jpeg = &settings.formats[PICTURE_JPEG];
	assert_true(heic->taken && jpeg->taken);
	assert_false(settings.formats[PICTURE_TIFF].taken);
	assert_int_equal(heic->limits.file_bytes, 20 << 20);
	assert_int_equal(heic->limits.cpu_seconds, 10);
	assert_int_equal(heic->limits.pixels, 90000000);
	assert_int_equal(jpeg->limits.file_bytes, 100 << 20);
	int64_t file_bytes, pixels;
	picture_policy_most(settings.formats, &file_bytes, &pixels);
	assert_int_equal(file_bytes, 100 << 20);
	assert_int_equal(pixels, 90000000);
	settings_fini(&settings);
}

static void without_a_cloud_section_there_is_no_cloud(void **state)
{
	(void)state;
	struct settings settings;
	read_good("floor = f profiles_folder = \"~\"", &settings);
	assert_false(settings.cloud.given);
	assert_string_equal(settings.cloud.url, "");
	assert_int_equal(settings.n_asset_hosts, 0);
	assert_int_equal(settings.catalog.n_printers, 0);
	settings_fini(&settings);
}

static void odd_but_right_addresses_are_taken(void **state)
{
	(void)state;
	struct settings settings;
	read_good("floor = f profiles_folder = \"~\"\n"
		  "console { listen = \"[::1]:80\" }\n"
		  "asset_host 127.0.0.1 { port = 8444 private = yes ca = \"$/ca.pem\" }\n"
		  "printer P1 { model = photo-ipp uri = \"ipps://[2001:db8::1]/ipp/print\" }\n"
		  "printer P2 { model = photo-ipp uri = \"ipp://printer-2.local:8631/ipp/print/2\" "
		  "}\n"
		  "printer P3 { model = photo-ipp-jpeg uri = \"ipp://localhost\" }\n",
		&settings);
	assert_string_equal(settings.console.address, "::1");
	assert_int_equal(settings.console.port, 80);
	assert_true(settings.asset_hosts[0].is_private);
	assert_int_equal(settings.asset_hosts[0].port, 8444);
	settings_fini(&settings);
	read_good("floor = f profiles_folder = \"~\"\n"
		  "console { listen = \"0.0.0.0:0\" lan = yes hosts = { floor.example } }",
		&settings);
	assert_string_equal(settings.console.address, "0.0.0.0");
	assert_int_equal(settings.console.n_hosts, 1);
	settings_fini(&settings);
}

#define TOP   "floor = f profiles_folder = \"~\"\n"
#define FILES "ca = \"$/ca.pem\" certificate = \"$/floor.pem\" "
#define CLOUD "cloud { url = \"https://o\" " FILES

static void faults_across_keys_are_told_with_line_and_key(void **state)
{
	(void)state;
	static const struct {
		const char *text, *where, *what;
	} cases[] = {
		{"profiles_folder = \"~\"", "t.conf:1: floor: ", "required"},
		{"floor = \"a b\" profiles_folder = \"~\"", "t.conf:1: floor: ", "must be 1 to 64"},
		{TOP "state_folder = here", "t.conf:2: state_folder: ", "whole path"},
		{TOP "socket = \"run/p.sock\"", "t.conf:2: socket: ", "whole path"},
		{TOP CLOUD "}", "t.conf:2: cloud, key: ", "required"},
		{TOP CLOUD "\nkey = \"$/no.key\" }", "t.conf:3: cloud, key: ", "No such file"},
		{TOP CLOUD "\nkey = \"$/open.key\" }",
			"t.conf:3: cloud, key: ", "(mode 0644): chmod 0600"},
		{TOP CLOUD "\nkey = \"$/shared.key\" }", "t.conf:3: cloud, key: ", "(mode 0660)"},
		{TOP CLOUD "\nkey = \"$\" }", "t.conf:3: cloud, key: ", "not a regular file"},
		{TOP "cloud { url = \"http://o\" " FILES "key = \"$/floor.key\" }",
			"t.conf:2: cloud, url: ", "https://HOST"},
		{TOP "cloud { url = \"https://o/v1\" " FILES "key = \"$/floor.key\" }",
			"t.conf:2: cloud, url: ", "without a path"},
		{TOP "cloud { url = \"https://u@o\" " FILES "key = \"$/floor.key\" }",
			"t.conf:2: cloud, url: ", "https://HOST"},
		{TOP "cloud { url = \"https://o:0\" " FILES "key = \"$/floor.key\" }",
			"t.conf:2: cloud, url: ", "https://HOST"},
		{TOP "cloud { url = \"https://\" " FILES "key = \"$/floor.key\" }",
			"t.conf:2: cloud, url: ", "https://HOST"},
		{TOP CLOUD "key = \"$/floor.key\"\noffline_permits = \"73 h\" }",
			"t.conf:3: cloud, offline_permits: ", "0 ms to 3 d"},
		{TOP "asset_host a {\nca = \"$/no.pem\" }",
			"t.conf:3: asset_host a, ca: ", "No such file"},
		{TOP "asset_host a { port = 0 }", "t.conf:2: asset_host a, port: ", "1 to 65535"},
		{TOP "console { listen = \"localhost:80\" }",
			"t.conf:2: console, listen: ", "numeric address"},
		{TOP "console { listen = \"127.0.0.1\" }",
			"t.conf:2: console, listen: ", "numeric address"},
		{TOP "console { listen = \"127.0.0.1:65536\" }",
			"t.conf:2: console, listen: ", "numeric address"},
		{TOP "console { listen = \"::1:80\" }",
			"t.conf:2: console, listen: ", "numeric address"},
		{TOP "console { listen = \"0.0.0.0:80\" }",
			"t.conf:2: console, listen: ", "lan = yes"},
		{TOP "console { listen = \"[::]:80\" }",
			"t.conf:2: console, listen: ", "lan = yes"},
		{TOP "console { hosts = { \"a:b c\" } }",
			"t.conf:2: console, hosts: ", "a:b c is not a name"},
		{TOP "limits { formats = { \"image/gif\" } }",
			"t.conf:2: limits, formats: ", "image/gif: known are"},
		{TOP "format jp2 { pixels = 20000 }", "t.conf:2: format jp2", "known are jpeg"},
		{TOP "limits { memory = \"1 MiB\" }",
			"t.conf:2: limits, memory: ", "256 MiB to 64 GiB"},
		{TOP "render { workers = 0 }", "t.conf:2: render, workers: ", "1 to 64"},
		{TOP "planner { want = 15 }", "t.conf:2: planner, want: ", "with its unit"},
		{TOP "printer P1 { model = photo-ipp }", "t.conf:2: printer P1, uri: ", "required"},
		{TOP "printer P1 { model = dp-70 uri = \"ipp://a\" }",
			"t.conf:2: printer P1, model: ", "models/dp-70.conf"},
		{TOP "printer P1 { model = photo-ipp\nuri = \"fake:/a\" }",
			"t.conf:3: printer P1, uri: ", "begin with ipp:"},
		{TOP "printer P1 { model = virtual-dyesub exclusive = yes\nuri = \"ipp://a\" }",
			"t.conf:3: printer P1, uri: ", "begin with fake:"},
		{TOP "printer P1 { model = photo-ipp\nuri = \"ippx://a\" }",
			"t.conf:3: printer P1, uri: ", "begin with ipp:"},
		{TOP "printer P1 { model = photo-ipp\nuri = \"ipp:/a\" }",
			"t.conf:3: printer P1, uri: ", "must be an address"},
		{TOP "printer P1 { model = photo-ipp\nuri = \"ipp://a b/\" }",
			"t.conf:3: printer P1, uri: ", "must be an address"},
		{TOP "printer P1 { model = photo-ipp\nuri = \"ipp://u:p@a/\" }",
			"t.conf:3: printer P1, uri: ", "must be an address"},
		{TOP "printer P1 { model = photo-ipp\nuri = \"ipp://[::1/\" }",
			"t.conf:3: printer P1, uri: ", "must be an address"},
		{TOP "printer P1 { model = usb-printer\nuri = \"ipp://a\" }",
			"t.conf:3: printer P1, uri: ", "begin with usb:"},
		{TOP "printer P1 { model = usb-printer\nuri = \"usb://1209:0c1a/\" }",
			"t.conf:3: printer P1, uri: ", "usb://VVVV:PPPP/SERIAL"},
		{TOP "printer P1 { model = photo-ipp uri = \"ipps://a\"\ntls_key = \"sha1//x\" }",
			"t.conf:3: printer P1, tls_key: ", "must be sha256//"},
		{TOP "printer P1 { model = photo-ipp uri = \"ipp://a\"\n"
		     "tls_key = \"sha256//ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=\" }",
			"t.conf:3: printer P1, tls_key: ", "only a printer at ipps://"},
		{TOP "printer P1 { model = photo-ipp uri = \"ipps://a\"\nuser = lab }",
			"t.conf:3: printer P1, user: ", "go together"},
		{TOP "printer P1 { model = photo-ipp uri = \"ipps://a\"\npassword_file = \"/p\" }",
			"t.conf:3: printer P1, password_file: ", "go together"},
		{TOP "printer P1 { model = photo-ipp uri = \"ipps://a\" user = lab\n"
		     "password_file = \"/nowhere/p\" }",
			"t.conf:3: printer P1, password_file: ", "/nowhere/p"},
		{TOP "printer P1 { model = virtual-dyesub exclusive = yes\nuri = \"fakes:/a\" }",
			"t.conf:3: printer P1, uri: ", "begin with fake:"},
		{TOP "printer P1 { model = virtual-dyesub exclusive = yes\nuri = \"fake:a\" }",
			"t.conf:3: printer P1, uri: ", "must be an address"},
		{TOP "printer P1 { model = photo-ipp uri = \"ipp://a\" }\n"
		     "printer P2 { model = photo-ipp uri = \"ipp://a\" }",
			"t.conf:3: printer P2, uri: ", "same as that of printer P1"},
		{TOP "printer P1 { model = virtual-dyesub uri = \"fake:/a\"\nexclusive = no }",
			"t.conf:3: printer P1, exclusive: ", "must be yes"},
		{TOP "printer P1 { model = virtual-dyesub uri = \"fake:/a\" }",
			"t.conf:2: printer P1, exclusive: ", "must be yes"},
		{TOP "printer P1 { model = photo-ipp uri = \"ipp://a\" poll = \"1 ms\" }",
			"t.conf:2: printer P1, poll: ", "500 ms to 10 min"},
		{TOP "hot_folder {\nfolder = orders }",
			"t.conf:3: hot_folder, folder: ", "whole path"},
		{TOP "hot_folder { }", "t.conf:2: hot_folder, folder: ", "required"},
		{TOP "hot_folder { folder = \"/var/lib/platen\" }",
			"t.conf:2: hot_folder, folder: ", "of its own"},
		{TOP "hot_folder { folder = \"/o\" settle = \"5 min\"\npatience = \"1 min\" }",
			"t.conf:3: hot_folder, patience: ", "at least as long as settle"},
		{TOP "printer PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP {\n"
		     "model = photo-ipp uri = \"ipp://a\" }",
			"t.conf:2: printer PPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPPP: ",
			"at most 48"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		put_conf(cases[i].text);
		struct settings settings;
		struct conf_faults faults = {0};
		bool fine = settings_read(conf_path, &settings, &faults);
		char where[256];
		snprintf(where, sizeof where, "%s/%s", folder, cases[i].where);
		if (fine || faults.n != 1 || strncmp(faults.text[0], where, strlen(where)) != 0 ||
			strstr(faults.text[0], cases[i].what) == NULL) {
			fail_msg("case %zu (%s): %zu faults, first: %s", i, cases[i].text, faults.n,
				faults.n > 0 ? faults.text[0] : "nothing");
		}
	}
}

static void faults_of_profiles_come_along(void **state)
{
	(void)state;
	put_conf("floor = f\nprofiles_folder = \"$\"\nconsole { listen = x:y }\n"
		 "printer P1 { model = m uri = \"ipp://a\" }");
	struct settings settings;
	struct conf_faults faults = {0};
	assert_false(settings_read(conf_path, &settings, &faults));
	/* three folders and the console; that the model is missing says nothing new */
	assert_int_equal(faults.n, 4);
	assert_null(settings.catalog.printers);
	struct buf out = {0};
	settings_check_print(&faults, &out);
	size_t lines = 0;
	for (const char *at = buf_get(&out); (at = strchr(at, '\n')) != NULL; at++) {
		lines++;
	}
	assert_int_equal(lines, 4);
	assert_non_null(strstr(buf_get(&out), "t.conf:3: console, listen: must be"));
	buf_clear(&out);
	faults.n = CONF_FAULTS_MAX + 5;
	settings_check_print(&faults, &out);
	assert_non_null(strstr(buf_get(&out), "and 5 more\n"));
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_reads),
		cmocka_unit_test(what_is_left_out_is_as_the_example_says),
		cmocka_unit_test(each_format_may_have_limits_of_its_own),
		cmocka_unit_test(without_a_cloud_section_there_is_no_cloud),
		cmocka_unit_test(odd_but_right_addresses_are_taken),
		cmocka_unit_test(faults_across_keys_are_told_with_line_and_key),
		cmocka_unit_test(faults_of_profiles_come_along),
	};
	return cmocka_run_group_tests_name("wire/settings", tests, make_folder, remove_folder);
}
