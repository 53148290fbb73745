/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is at the bus, and whose it is, for a libusb program inside the rig. With "hold SERIAL" it is
 * the other process: it claims the device and leaves a transfer in flight until it is killed.
 */
#include "tests/rig/bench.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOLD "hold"

/* ---- who is there ---- */

static void devices_say_their_strings(void **state)
{
	struct bench *bench = *state;
	libusb_device *device = bench_find(bench, "FIRST");
	libusb_device_handle *handle;
	struct libusb_device_descriptor told;
	struct libusb_config_descriptor *set;
	unsigned char product[64];
	assert_non_null(device);
	assert_int_equal(libusb_get_device_descriptor(device, &told), 0);
	assert_int_equal(told.idVendor, 0x1209);
	assert_int_equal(libusb_get_active_config_descriptor(device, &set), 0);
	assert_int_equal(set->bNumInterfaces, 2);
	assert_int_equal(set->interface[1].altsetting[0].bInterfaceClass, LIBUSB_CLASS_PRINTER);
	libusb_free_config_descriptor(set);
	assert_int_equal(libusb_get_port_number(device), 1);
	assert_int_equal(libusb_get_device_speed(device), LIBUSB_SPEED_HIGH);
	assert_int_equal(libusb_open(device, &handle), 0);
	int n = libusb_get_string_descriptor(handle, 2, 0x0409, product, sizeof product);
	assert_int_equal(n, 2 + 2 * (int)strlen("Rig sink x"));
	assert_int_equal(product[n - 2], 0xB5); /* U+00B5 in UTF-16 */
	libusb_close(handle);
	libusb_unref_device(device);
}

static void sysfs_text(const char *name, const char *wanted)
{
	char path[100], text[100] = "";
	snprintf(path, sizeof path, "/sys/bus/usb/devices/%s", name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof text, file));
	fclose(file);
	text[strcspn(text, "\n")] = '\0';
	assert_string_equal(text, wanted);
}

static void sysfs_says_what_a_kernel_says(void **state)
{
	(void)state;
	sysfs_text("1-1/idVendor", "1209");
	sysfs_text("1-1/serial", "FIRST");
	sysfs_text("1-1/manufacturer", "Platen");
	sysfs_text("1-1/bNumInterfaces", " 2");
	sysfs_text("1-1/1-1:1.1/bInterfaceClass", "07");
	sysfs_text("1-1:1.1/bInterfaceProtocol", "01");
	sysfs_text("usb1/bDeviceClass", "09");
}

static void a_descriptor_passed_on_is_a_device_all_the_same(void **state)
{
	struct bench *bench = *state;
	libusb_device_handle *handle;
	uint8_t note[4] = {0};
	int node = bench_node(bench, "FIRST");
	assert_true(node >= 0);
	assert_int_equal(libusb_wrap_sys_device(bench->usb, node, &handle), 0);
	assert_int_equal(
		libusb_control_transfer(handle, 0x40, 1, 0, 0, (void *)"note", 4, 1000), 4);
	assert_int_equal(libusb_control_transfer(handle, 0xC0, 1, 0, 0, note, 4, 1000), 4);
	assert_memory_equal(note, "note", 4);
	libusb_close(handle);
	close(node);
}

/* ---- whose it is ---- */

static void only_the_device_id_needs_no_claim(void **state)
{
	struct bench *bench = *state;
	libusb_device_handle *owner = bench_device(bench, "FIRST"),
			     *other = bench_device(bench, "FIRST");
	uint8_t id[200], status;
	assert_int_equal(libusb_claim_interface(owner, 1), 0);
	assert_int_equal(libusb_claim_interface(other, 1), LIBUSB_ERROR_BUSY);
	int n = libusb_control_transfer(other, 0xA1, 0, 0, 1 << 8, id, sizeof id, 1000);
	assert_true(n > 2 && n == (id[0] << 8 | id[1]));
	assert_int_equal(
		libusb_control_transfer(other, 0xA1, 1, 0, 1, &status, 1, 1000), LIBUSB_ERROR_BUSY);
	assert_int_equal(libusb_control_transfer(owner, 0xA1, 1, 0, 1, &status, 1, 1000), 1);
	assert_int_equal(status, 0x18);
	libusb_close(owner); /* which releases it */
	assert_int_equal(libusb_control_transfer(other, 0xA1, 1, 0, 1, &status, 1, 1000), 1);
	libusb_close(other);
}

static pid_t start_holder(const char *serial, int *said)
{
	int ends[2];
	char word;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execl("/proc/self/exe", "usb", HOLD, serial, NULL);
		_exit(127);
	}
	close(ends[1]);
	*said = ends[0];
	assert_int_equal(read(ends[0], &word, 1), 1);
	return pid;
}

static void a_killed_process_leaves_nothing_claimed(void **state)
{
	struct bench *bench = *state;
	int said;
	bench_say(bench, "dev 1 take 0");
	pid_t holder = start_holder("FIRST", &said);
	libusb_device_handle *handle = bench_device(bench, "FIRST");
	assert_int_equal(libusb_claim_interface(handle, 0), LIBUSB_ERROR_BUSY);
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	close(said);
	assert_int_equal(libusb_claim_interface(handle, 0), 0);
	bench_say(bench, "dev 1 take-all");
	int moved;
	assert_int_equal(
		libusb_bulk_transfer(handle, SINK_OUT, (void *)"again", 5, &moved, 1000), 0);
	libusb_close(handle);
	assert_int_equal(bench_number(bench, 1, "bytes"), 5);
}

static void a_kernel_driver_is_in_the_way_until_it_is_detached(void **state)
{
	struct bench *bench = *state;
	int wanted = bench->n_arrived + 1;
	char driver[100] = "";
	bench_say(bench, "plug 2 sink serial=BOUND driver=usblp");
	assert_true(bench_wait_for(bench, &bench->n_arrived, wanted, PATIENCE_MS));
	assert_true(readlink("/sys/bus/usb/devices/1-2:1.1/driver", driver, sizeof driver) > 0);
	assert_string_equal(driver, "/sys/bus/usb/drivers/usblp");
	libusb_device_handle *handle = bench_device(bench, "BOUND");
	assert_int_equal(libusb_kernel_driver_active(handle, 1), 1);
	assert_int_equal(libusb_claim_interface(handle, 1), LIBUSB_ERROR_BUSY);
	assert_int_equal(libusb_detach_kernel_driver(handle, 1), 0);
	assert_int_equal(libusb_kernel_driver_active(handle, 1), 0);
	assert_int_equal(libusb_claim_interface(handle, 1), 0);
	assert_int_equal(libusb_release_interface(handle, 1), 0);
	assert_int_equal(libusb_attach_kernel_driver(handle, 1), 0);
	assert_int_equal(libusb_set_auto_detach_kernel_driver(handle, 1), 0);
	assert_int_equal(libusb_claim_interface(handle, 1), 0);
	assert_int_equal(libusb_release_interface(handle, 1), 0);
	assert_int_equal(libusb_kernel_driver_active(handle, 1), 1);
	libusb_close(handle);
	bench_unplug(bench, 2);
}

/* ---- the other process ---- */

static int hold(const char *serial)
{
	void *state;
	static uint8_t bytes[100000];
	struct flight flight;
	if (bench_open(&state) != 0) {
		return 1;
	}
	libusb_device_handle *handle = bench_device(state, serial);
	if (handle == NULL || libusb_claim_interface(handle, 0) != 0 ||
		flight_start(&flight, handle, SINK_OUT, bytes, sizeof bytes, 0) != 0) {
		return 1;
	}
	(void)!write(STDOUT_FILENO, "h", 1);
	pause();
	return 1;
}

int main(int n_words, char **words)
{
	if (n_words == 3 && strcmp(words[1], HOLD) == 0) {
		return hold(words[2]);
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_say_their_strings),
		cmocka_unit_test(sysfs_says_what_a_kernel_says),
		cmocka_unit_test(a_descriptor_passed_on_is_a_device_all_the_same),
		cmocka_unit_test(only_the_device_id_needs_no_claim),
		cmocka_unit_test(a_killed_process_leaves_nothing_claimed),
		cmocka_unit_test(a_kernel_driver_is_in_the_way_until_it_is_detached),
	};
	return cmocka_run_group_tests_name("usb", tests, bench_open, bench_close);
}
