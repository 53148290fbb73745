/* SPDX-License-Identifier: Apache-2.0
 *
 * The ioctls of usbfs, a row each. Not there: isochronous URBs, streams, mapped buffers, power
 * management, 32-bit callers.
 */
#include "base/text.h"
#include "tests/rig/usbfs.h"
#include <errno.h>
#include <linux/usb/ch9.h>
#include <linux/usbdevice_fs.h>
#include <string.h>
#include <sys/ioctl.h>

/* Reads the argument, a struct or number in the caller's memory. */
static bool get(const struct request *request, void *argument, size_t n)
{
	return caller_read(request->thread, request->address, argument, n);
}

static int put(const struct request *request, const void *argument, size_t n)
{
	return caller_write(request->thread, request->address, argument, n) ? 0 : -EFAULT;
}

static int get_capabilities(struct open_file *file, const struct request *request)
{
	const uint32_t able =
		USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION |
		USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_REAP_AFTER_DISCONNECT |
		(file->usbfs->no_scatter_gather ? 0 : USBDEVFS_CAP_BULK_SCATTER_GATHER);
	return put(request, &able, sizeof able);
}

static int get_speed(struct open_file *file, const struct request *request)
{
	(void)file;
	(void)request;
	return USB_SPEED_HIGH;
}

static int connect_info(struct open_file *file, const struct request *request)
{
	const struct usbdevfs_connectinfo info = {.devnum = (unsigned)file->device->address};
	return put(request, &info, sizeof info);
}

static int claim(struct open_file *file, const struct request *request)
{
	unsigned interface;
	return get(request, &interface, sizeof interface) ? claims_take(file, interface) : -EFAULT;
}

static int release(struct open_file *file, const struct request *request)
{
	unsigned interface;
	return get(request, &interface, sizeof interface) ? claims_release(file, interface)
							  : -EFAULT;
}

static bool has_interface(const struct open_file *file, unsigned interface)
{
	return interface < INTERFACES_MAX &&
	       descriptors_interface(&file->device->descriptors, (int)interface, -1) != NULL;
}

static int get_driver(struct open_file *file, const struct request *request)
{
	struct usbdevfs_getdriver asked;
	if (!get(request, &asked, sizeof asked)) {
		return -EFAULT;
	}
	const char *driver =
		has_interface(file, asked.interface) ? claims_driver(file, asked.interface) : NULL;
	if (driver == NULL) {
		return -ENODATA;
	}
	text_copy(asked.driver, sizeof asked.driver, driver);
	return put(request, &asked, sizeof asked);
}

static int disconnect_claim(struct open_file *file, const struct request *request)
{
	struct usbdevfs_disconnect_claim asked;
	if (!get(request, &asked, sizeof asked)) {
		return -EFAULT;
	}
	if (!has_interface(file, asked.interface)) {
		return -EINVAL;
	}
	const char *driver = claims_driver(file, asked.interface);
	bool is_named = driver != NULL && strncmp(asked.driver, driver, sizeof asked.driver) == 0;
	bool must_be = (asked.flags & USBDEVFS_DISCONNECT_CLAIM_IF_DRIVER) != 0;
	bool must_not_be = (asked.flags & USBDEVFS_DISCONNECT_CLAIM_EXCEPT_DRIVER) != 0;
	if (driver != NULL && ((must_be && !is_named) || (must_not_be && is_named))) {
		return -EBUSY;
	}
	claims_disconnect(file, asked.interface);
	return claims_take(file, asked.interface);
}

/* An ioctl to the driver of an interface; only taking and giving it back is understood. */
static int driver_ioctl(struct open_file *file, const struct request *request)
{
	struct usbdevfs_ioctl asked;
	if (!get(request, &asked, sizeof asked)) {
		return -EFAULT;
	}
	if (asked.ifno < 0 || !has_interface(file, (unsigned)asked.ifno)) {
		return -EINVAL;
	}
	switch ((unsigned)asked.ioctl_code) {
	case USBDEVFS_DISCONNECT:
		return claims_disconnect(file, (unsigned)asked.ifno);
	case USBDEVFS_CONNECT:
		return claims_connect(file, (unsigned)asked.ifno);
	default:
		return -ENOTTY;
	}
}

static int set_interface(struct open_file *file, const struct request *request)
{
	struct usbdevfs_setinterface asked;
	if (!get(request, &asked, sizeof asked)) {
		return -EFAULT;
	}
	int refused = claims_take(file, asked.interface);
	if (refused != 0) {
		return refused;
	}
	if (asked.altsetting > UINT8_MAX ||
		descriptors_interface(&file->device->descriptors, (int)asked.interface,
			(int)asked.altsetting) == NULL) {
		return -EINVAL;
	}
	file->device->alternates[asked.interface] = (uint8_t)asked.altsetting;
	return 0;
}

static int set_configuration(struct open_file *file, const struct request *request)
{
	int wanted;
	const uint8_t *set = file->device->descriptors.configuration;
	if (!get(request, &wanted, sizeof wanted)) {
		return -EFAULT;
	}
	for (unsigned i = 0; i < INTERFACES_MAX; i++) {
		if (claims_driver(file, i) != NULL) {
			return -EBUSY;
		}
	}
	if (wanted != set[AT_CONFIGURATION_VALUE]) {
		return wanted <= 0 ? 0 : -EINVAL;
	}
	file->device->configuration = wanted;
	return 0;
}

static int clear_halt(struct open_file *file, const struct request *request)
{
	unsigned endpoint;
	if (!get(request, &endpoint, sizeof endpoint)) {
		return -EFAULT;
	}
	int refused =
		endpoint > UINT8_MAX ? -EINVAL : claims_check_endpoint(file, (uint8_t)endpoint);
	if (refused == 0) {
		device_clear_halt(file->device, (uint8_t)endpoint);
	}
	return refused;
}

static int reset(struct open_file *file, const struct request *request)
{
	(void)request;
	device_reset(file->device, file->usbfs->now_ms);
	return 0;
}

static const struct {
	unsigned command;
	int (*answer)(struct open_file *file, const struct request *request);
	bool also_when_gone;
} answers[] = {
	{USBDEVFS_SUBMITURB, urb_submit, false},
	{USBDEVFS_REAPURBNDELAY, urb_reap, true},
	{USBDEVFS_REAPURB, urb_reap_later, true},
	{USBDEVFS_DISCARDURB, urb_discard, false},
	{USBDEVFS_CONTROL, call_control, false},
	{USBDEVFS_BULK, call_bulk, false},
	{USBDEVFS_CLAIMINTERFACE, claim, false},
	{USBDEVFS_RELEASEINTERFACE, release, false},
	{USBDEVFS_GETDRIVER, get_driver, false},
	{USBDEVFS_DISCONNECT_CLAIM, disconnect_claim, false},
	{USBDEVFS_IOCTL, driver_ioctl, false},
	{USBDEVFS_SETINTERFACE, set_interface, false},
	{USBDEVFS_SETCONFIGURATION, set_configuration, false},
	{USBDEVFS_CLEAR_HALT, clear_halt, false},
	{USBDEVFS_RESETEP, clear_halt, false},
	{USBDEVFS_RESET, reset, false},
	{USBDEVFS_GET_CAPABILITIES, get_capabilities, false},
	{USBDEVFS_GET_SPEED, get_speed, false},
	{USBDEVFS_CONNECTINFO, connect_info, false},
};

int ioctl_do(struct open_file *file, unsigned command, const struct request *request)
{
	if (!file->may_write) {
		return -EPERM;
	}
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		if (answers[i].command != command) {
			continue;
		}
		return file->is_gone && !answers[i].also_when_gone
			       ? -ENODEV
			       : answers[i].answer(file, request);
	}
	return file->is_gone ? -ENODEV : -ENOTTY;
}
