/* SPDX-License-Identifier: Apache-2.0
 *
 * What a printer of the USB class says of itself: the device id of IEEE 1284, and the status of its
 * port (USB Printing Devices 1.1, 4.2).
 */
#pragma once
#include "drivers/driver.h"

struct printer_id {      /* "" where it does not say */
	char title[129]; /* maker and model */
	char serial[65];
};

/* From the bytes of GET_DEVICE_ID. What makes no sense is left out. */
void printer_id_read(const uint8_t *bytes, size_t n_bytes, struct printer_id *id);
/* State, reasons and words by the status byte. */
void port_status_read(uint8_t bits, struct device_status *status);
