/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding a printer's USB device in the kernel's folders (made up here, in a real folder): by
 * serial, by port, equal and missing serials, and whoever has an interface taken, by name.
 */
#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"
#include "ports/loop.h"
#include "ports/usb_find.h"
#include "ports/usb_watch.h"
#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char devices[80], nodes[80], processes[80];
static const struct usb_roots roots = {devices, nodes, processes};

static void put(const char *where, const void *bytes, size_t n)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, where);
	for (char *slash = path + strlen(folder); (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';
		assert_true(mkdir(path, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
	assert_true(fd >= 0);
	assert_true(fd_write(fd, bytes, n));
	close(fd);
}

static void put_line(const char *port, const char *entry, const char *line)
{
	char where[128];
	char text[96];
	snprintf(where, sizeof where, "devices/%s/%s", port, entry);
	snprintf(text, sizeof text, "%s\n", line);
	put(where, text, strlen(text));
}

static void put_link(const char *where, const char *to)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", folder, where);
	assert_int_equal(symlink(to, path), 0);
}

/* serial NULL: the device says none. */
static void plug(const char *port, const char *product, const char *serial, int number)
{
	char text[16];
	put_line(port, "idVendor", "1452");
	put_line(port, "idProduct", product);
	if (serial != NULL) {
		put_line(port, "serial", serial);
	}
	put_line(port, "busnum", "1");
	snprintf(text, sizeof text, "%d", number);
	put_line(port, "devnum", text);
	snprintf(text, sizeof text, "nodes/001/%03d", number);
	put(text, "", 0);
}

static int begin(void **state)
{
	(void)state;
	text_copy(folder, sizeof folder, "/tmp/platen-usb-XXXXXX");
	if (mkdtemp(folder) == NULL) {
		return -1;
	}
	snprintf(devices, sizeof devices, "%s/devices", folder);
	snprintf(nodes, sizeof nodes, "%s/nodes", folder);
	snprintf(processes, sizeof processes, "%s/processes", folder);
	put("devices/usb1/idVendor", "1d6b\n", 5); /* a root hub is no printer */
	put("devices/1-2:1.0/bInterfaceClass", "07\n", 3);
	put("nodes/001/001", "", 0);
	put("processes/self", "", 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	char command[96];
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static bool find(const char *uri, struct usb_found *found, struct err *err)
{
	struct usb_address address;
	*err = (struct err){.text = ""};
	assert_true(usb_address_from(uri, &address, err));
	return usb_find(&roots, &address, "P1", found, err);
}

static void must_find(const char *uri, const char *port, int number)
{
	struct usb_found found;
	struct err err;
	if (!find(uri, &found, &err)) {
		fail_msg("%s: %s", err.code, err.text);
	}
	assert_string_equal(found.port, port);
	assert_int_equal(found.bus, 1);
	assert_int_equal(found.number, number);
	int fd = usb_node_open(&roots, &found, "P1", &err);
	assert_true(fd >= 0);
	close(fd);
}

static void must_refuse(const char *uri, enum remedy remedy, const char *code, const char *words)
{
	struct usb_found found;
	struct err err;
	assert_false(find(uri, &found, &err));
	assert_string_equal(err.code, code);
	assert_int_equal(err.remedy, remedy);
	if (strstr(err.text, words) == NULL || strstr(err.text, "printer P1: ") != err.text) {
		fail_msg("\"%s\" is not in: %s", words, err.text);
	}
}

/* ---- which one ---- */

static void two_of_a_kind_keep_their_names_at_any_port(void **state)
{
	(void)state;
	plug("1-2", "9001", "AB12", 4);
	plug("1-3.1", "9001", "CD34", 5);
	plug("1-4", "8b01", "AB12", 6);
	must_find("usb://1452:9001/AB12", "1-2", 4);
	must_find("usb://1452:9001/CD34", "1-3.1", 5);
	plug("1-2", "9001", "CD34", 7); /* their cables are exchanged */
	plug("1-3.1", "9001", "AB12", 8);
	must_find("usb://1452:9001/AB12", "1-3.1", 8);
	must_find("usb://1452:9001/CD34", "1-2", 7);
}

static void one_that_is_not_there_is_absent_and_nothing_worse(void **state)
{
	(void)state;
	must_refuse("usb://1452:9001/AB12", REMEDY_RETRY, "printer-absent", "switch it on");
	must_refuse("usb://1452:9001/?port=1-2", REMEDY_RETRY, "printer-absent", "port 1-2");
	plug("1-2", "9001", "CD34", 4);
	must_refuse("usb://1452:9001/AB12", REMEDY_RETRY, "printer-absent", "serial CD34");
	snprintf(devices, sizeof devices, "%s/no-usb-here", folder);
	must_refuse("usb://1452:9001/AB12", REMEDY_RETRY, "printer-absent", "switch it on");
}

static void equal_serials_are_refused_until_bound_by_port(void **state)
{
	(void)state;
	plug("1-2", "9001", "AB12", 4);
	plug("1-3", "9001", "AB12", 5);
	must_refuse("usb://1452:9001/AB12", REMEDY_ATTEND, "usb-serial",
		"the same serial (ports 1-2, 1-3): bind each by its port: uri = "
		"\"usb://1452:9001/?port=PORT\"");
	must_find("usb://1452:9001/?port=1-3", "1-3", 5);
}

static void one_without_a_serial_is_found_where_no_other_can_be_meant(void **state)
{
	(void)state;
	plug("1-2", "9001", NULL, 4);
	plug("1-3", "9001", "CD34", 5);
	must_find("usb://1452:9001/AB12", "1-2", 4); /* the worker asks it */
	plug("1-4", "9001", NULL, 6);
	must_refuse("usb://1452:9001/AB12", REMEDY_ATTEND, "usb-serial",
		"say no serial (ports 1-2, 1-4): switch their serials on");
	must_find("usb://1452:9001/CD34", "1-3", 5);
}

static void another_device_at_its_port_is_told(void **state)
{
	(void)state;
	plug("1-2", "8b01", "AB12", 4);
	must_refuse("usb://1452:9001/?port=1-2", REMEDY_ATTEND, "usb-other", "1452:8b01");
}

static void without_the_kernels_words_the_descriptor_says_what_it_is(void **state)
{
	(void)state;
	static const uint8_t bytes[18] = {
		18, 1, 0, 2, 0, 0, 0, 64, 0x52, 0x14, 0x01, 0x90, 0, 1, 1, 2, 3, 1};
	put("devices/1-2/descriptors", bytes, sizeof bytes);
	put("devices/1-2/busnum", "1\n", 2);
	put("devices/1-2/devnum", "4\n", 2);
	put("nodes/001/004", "", 0);
	must_find("usb://1452:9001/AB12", "1-2", 4);
	put("devices/1-2/descriptors", bytes, sizeof bytes - 1);
	must_refuse("usb://1452:9001/AB12", REMEDY_RETRY, "printer-absent", "switch it on");
}

static void hostile_entries_are_no_device(void **state)
{
	(void)state;
	plug("1-2", "9001", "AB12", 4);
	put_line("1-2", "busnum", "../../1");
	must_refuse("usb://1452:9001/AB12", REMEDY_RETRY, "printer-absent", "switch it on");
	put_line("1-2", "busnum", "1");
	put("devices/1-2/serial", "AB\xFF\n", 4); /* then it has none that could be said */
	must_find("usb://1452:9001/AB12", "1-2", 4);
}

static void a_node_that_may_not_be_opened_says_where_to_read(void **state)
{
	(void)state;
	struct usb_found found;
	struct err err;
	plug("1-2", "9001", "AB12", 4);
	assert_true(find("usb://1452:9001/AB12", &found, &err));
	found.number = 5; /* unplugged meanwhile */
	assert_int_equal(usb_node_open(&roots, &found, "P1", &err), -1);
	assert_string_equal(err.code, "printer-absent");
	snprintf(nodes, sizeof nodes, "%s/kept-from-us", folder);
	assert_int_equal(usb_node_open(&roots, &found, "P1", &err), -1);
	assert_string_equal(err.code, "usb-permission");
	assert_int_equal(err.remedy, REMEDY_ATTEND);
	assert_non_null(strstr(err.text, "docs/operating.md"));
}

/* ---- who has it ---- */

static void must_be_taken(const char *words, const char *remedy)
{
	struct usb_found found;
	struct err err;
	assert_true(find("usb://1452:9001/AB12", &found, &err));
	assert_false(usb_taken(&roots, &found, 0, 4711, "P1", &err));
	assert_string_equal(err.code, "usb-taken");
	assert_int_equal(err.remedy, REMEDY_ATTEND);
	if (strstr(err.text, words) == NULL || strstr(err.text, remedy) == NULL) {
		fail_msg("\"%s\" and \"%s\" are not in: %s", words, remedy, err.text);
	}
}

static void run_program(const char *pid, const char *name, const char *opened)
{
	char where[128];
	char to[160];
	char line[64];
	snprintf(where, sizeof where, "processes/%s/comm", pid);
	snprintf(line, sizeof line, "%s\n", name);
	put(where, line, strlen(line));
	snprintf(where, sizeof where, "processes/%s/fd/0", pid);
	put(where, "", 0);
	snprintf(where, sizeof where, "processes/%s/fd/7", pid);
	snprintf(to, sizeof to, "%s/%s", nodes, opened);
	put_link(where, to);
}

static void a_driver_of_the_kernel_is_named_with_what_sends_it_away(void **state)
{
	(void)state;
	plug("1-2", "9001", "AB12", 4);
	put_link("devices/1-2:1.0/driver", "../../../bus/usb/drivers/usblp");
	must_be_taken("driver usblp has it", "modprobe -r usblp");
}

static void a_process_is_named_with_what_frees_it(void **state)
{
	(void)state;
	static const struct {
		const char *name, *words, *remedy;
	} rows[] = {
		{"usb", "a queue of CUPS (usb, process 123) has it", "lpadmin -x"},
		{"ipp-usb", "the IPP-over-USB daemon (ipp-usb, process 123)",
			"systemctl disable --now ipp-usb"},
		{"platen-worker", "another platend", "leave the printer to one"},
		{"gutenprint", "the program gutenprint (process 123)", "kill 123"},
	};
	plug("1-2", "9001", "AB12", 4);
	put_link("devices/1-2:1.0/driver", "../../../bus/usb/drivers/usbfs");
	run_program("99", "lsusb", "001/003");           /* another device */
	run_program("4711", "platen-worker", "001/004"); /* our own */
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		run_program("123", rows[i].name, "001/004");
		must_be_taken(rows[i].words, rows[i].remedy);
		char command[128];
		snprintf(command, sizeof command, "rm -r '%s/123'", processes);
		assert_int_equal(system(command), 0);
	}
	must_be_taken("another program has it", "fuser -v");
	run_program("200", "ipp-usb", "001/003");
	must_be_taken("probably the IPP-over-USB daemon", "systemctl disable --now ipp-usb");
}

/* ---- hearing of changes ---- */

/* As udev passes one on: only what stands in it as text matters here. */
static bool send_event(const char *event, size_t n)
{
	struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_groups = 2};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
	bool sent = fd >= 0 &&
		    sendto(fd, event, n, 0, (const struct sockaddr *)&to, sizeof to) == (ssize_t)n;
	fd_close(fd);
	return sent;
}

static void stop_loop(void *context)
{
	loop_stop(context);
}

static int64_t heard_after_ms(const char *event, size_t n)
{
	struct err err;
	struct loop *loop = loop_create(&err);
	assert_non_null(loop);
	int64_t since_ms = clock_boot_ms();
	struct usb_watch *watch = usb_watch_start(loop, stop_loop, loop);
	bool sent = send_event(event, n);
	if (sent) {
		loop_run(loop);
	}
	usb_watch_stop(watch);
	loop_destroy(loop);
	return sent ? clock_boot_ms() - since_ms : -1;
}

static void what_is_plugged_in_is_heard_of_at_once(void **state)
{
	(void)state;
	static const char usb[] = "libudev\0\xfe\xed\xca\xfe"
				  "ACTION=add\0SUBSYSTEM=usb\0DEVTYPE=x";
	static const char other[] = "add@/x\0ACTION=add\0SUBSYSTEM=usbmisc\0";
	if (unshare(CLONE_NEWNET) != 0) {
		print_message("# skipped: no network namespace to send events in\n");
		skip();
	}
	assert_in_range(heard_after_ms(usb, sizeof usb), 100, 2000);
	assert_in_range(heard_after_ms(other, sizeof other), 4000, 8000);
}

int main(void)
{
#define FACT(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		FACT(two_of_a_kind_keep_their_names_at_any_port),
		FACT(one_that_is_not_there_is_absent_and_nothing_worse),
		FACT(equal_serials_are_refused_until_bound_by_port),
		FACT(one_without_a_serial_is_found_where_no_other_can_be_meant),
		FACT(another_device_at_its_port_is_told),
		FACT(without_the_kernels_words_the_descriptor_says_what_it_is),
		FACT(hostile_entries_are_no_device),
		FACT(a_node_that_may_not_be_opened_says_where_to_read),
		FACT(a_driver_of_the_kernel_is_named_with_what_sends_it_away),
		FACT(a_process_is_named_with_what_frees_it),
		FACT(what_is_plugged_in_is_heard_of_at_once),
	};
	return cmocka_run_group_tests_name("ports/usb", tests, NULL, NULL);
}
