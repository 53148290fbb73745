/* SPDX-License-Identifier: Apache-2.0
 *
 * Is the paper loaded that a document needs? Asked by every driver before the first byte goes.
 */
#pragma once
#include "drivers/driver.h"

/* True with *tray when a tray fits, or with NULL when the printer does not say what is loaded.
 * Else ATTEND "media-not-loaded", with a sentence that names what is loaded and what is needed. */
must_use bool media_is_loaded(const struct device *device, const struct device_status *status,
	const struct document *document, const struct ready_media **tray, struct err *err);
