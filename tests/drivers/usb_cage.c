/* SPDX-License-Identifier: Apache-2.0
 *
 * The cage of a USB printer's worker: what libusb asks of an open node reaches the kernel (which
 * knows no such request for /dev/null: ENOTTY); whatever else is refused.
 */
#include "worker/device.h"
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CAGE_HOLDS, CAGE_DID_NOT_SHUT, CAGE_REFUSED_A_CLAIM, CAGE_LET_A_DRIVER_GO, CAGE_LET_OUT };

#define NOWHERE (-1) /* the kernel says EBADF of it, if it is asked */

static bool asks(int fd, unsigned long request, int wanted)
{
	char argument[512] = "";
	return ioctl(fd, request, argument) < 0 && errno == wanted;
}

static int look_around(int fd)
{
	static const unsigned long needed[] = {USBDEVFS_CLAIMINTERFACE, USBDEVFS_SUBMITURB,
		USBDEVFS_REAPURBNDELAY, USBDEVFS_CONTROL, USBDEVFS_RESET};
	static const struct {
		unsigned long request;
		int with;
	} refused[] = {{USBDEVFS_DISCONNECT, EPERM}, {USBDEVFS_SETCONFIGURATION, EPERM},
		{TCGETS, EPERM}, {FIONBIO, EPERM},
		/* so that libusb claims again after a reset, and sends nobody away */
		{USBDEVFS_DISCONNECT_CLAIM, ENOTTY}, {USBDEVFS_IOCTL, ENODATA}};
	struct device device = {.uri = "usb://1209:0c1a/AB12"};
	struct err err;
	if (!device_sandbox_enter(&device, 0, &err)) {
		return CAGE_DID_NOT_SHUT;
	}
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		if (!asks(fd, needed[i], ENOTTY)) {
			return CAGE_REFUSED_A_CLAIM;
		}
	}
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		if (!asks(NOWHERE, refused[i].request, refused[i].with)) {
			return CAGE_LET_A_DRIVER_GO;
		}
	}
	bool shut = open("/dev/null", O_RDONLY) < 0 && socket(AF_INET, SOCK_STREAM, 0) < 0;
	return shut ? CAGE_HOLDS : CAGE_LET_OUT;
}

static void it_lets_libusb_work_and_nothing_else(void **state)
{
	(void)state;
	int status;
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	pid_t child = fork();
	if (child == 0) {
		_exit(look_around(fd));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(fd);
	assert_true(WIFEXITED(status)); /* else the cage has killed it */
	assert_int_equal(WEXITSTATUS(status), CAGE_HOLDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_lets_libusb_work_and_nothing_else),
	};
	return cmocka_run_group_tests_name("drivers/usb_cage", tests, NULL, NULL);
}
