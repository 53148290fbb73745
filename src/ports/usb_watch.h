/* SPDX-License-Identifier: Apache-2.0
 *
 * Hears when something is plugged in or unplugged.
 */
#pragma once
#include "ports/loop.h"

struct usb_watch;

/* Calls back soon after anything happened on USB, and every few seconds besides: look again. */
struct usb_watch *usb_watch_start(struct loop *loop, loop_call *changed, void *context);
void usb_watch_stop(struct usb_watch *watch); /* calls nothing any more; NULL is none */
