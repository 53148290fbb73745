/* SPDX-License-Identifier: Apache-2.0
 *
 * Bulk OUT: pieces of 64 KiB, up to four on their way, so that the device never waits for us. All
 * USB devices of a machine share 16 MiB of the kernel's memory: no room there is a reason to wait.
 *
 * What the device has swallowed is counted also of pieces that were cut off. They are cut off from
 * the last to the first: else one behind a cut one could still go, and the count would have a hole.
 */
#include "drivers/usb_own.h"
#include "base/clock.h"
#include <string.h>

#define PIECE_BYTES   (64 * 1024)
#define PIECES        4
#define MEMORY_MS     60000 /* without any piece on its way */
#define MEMORY_NAP_MS 50

struct stream;

struct piece {
	struct stream *stream;
	struct libusb_transfer *transfer;
	bool flies;
};

struct stream { /* one call of `out` */
	struct usb_open *open;
	uint8_t *bytes;
	size_t n_bytes, at, taken; /* all, handed to libusb, swallowed */
	struct piece pieces[PIECES];
	int next, n_flying; /* the ring's: which is used next */
	bool broken;        /* a piece ended badly: status says how */
	enum libusb_transfer_status status;
	bool crept;           /* the cut showed that bytes had moved */
	int64_t moved_ms;     /* when the last byte was known to be taken */
	int64_t no_memory_ms; /* since when; 0 */
};

static void on_over(struct libusb_transfer *transfer)
{
	struct piece *piece = transfer->user_data;
	struct stream *stream = piece->stream;
	piece->flies = false;
	stream->n_flying--;
	stream->taken += (size_t)transfer->actual_length;
	if (transfer->actual_length > 0) {
		stream->moved_ms = clock_boot_ms();
	}
	bool whole = transfer->status == LIBUSB_TRANSFER_COMPLETED &&
		     transfer->actual_length == transfer->length;
	if (!whole && !stream->broken) {
		stream->broken = true;
		stream->status = transfer->status;
	}
}

/* From the last to the first, and until each is back: their memory is the kernel's until then. */
static void cut_off(struct stream *stream)
{
	for (int i = 1; i <= PIECES; i++) {
		struct piece *piece = &stream->pieces[(stream->next + PIECES - i) % PIECES];
		if (piece->flies) {
			libusb_cancel_transfer(piece->transfer);
		}
	}
	while (stream->n_flying > 0) {
		usb_events(stream->open, USB_EVENTS_MS);
	}
}

/* Hands over as many pieces as may be on their way. */
static bool feed(struct stream *stream, struct err *err)
{
	struct usb_open *open = stream->open;
	while (stream->at < stream->n_bytes && !stream->pieces[stream->next].flies) {
		struct piece *piece = &stream->pieces[stream->next];
		size_t left = stream->n_bytes - stream->at;
		size_t n = left < PIECE_BYTES ? left : PIECE_BYTES;
		libusb_fill_bulk_transfer(piece->transfer, open->handle, open->out.address,
			stream->bytes + stream->at, (int)n, on_over, piece, 0);
		int code = libusb_submit_transfer(piece->transfer);
		if (code == LIBUSB_ERROR_NO_MEM) {
			return true;
		}
		if (code != LIBUSB_SUCCESS) {
			return usb_code_is_bad(open, "sending", code, err);
		}
		piece->flies = true;
		stream->n_flying++;
		stream->at += n;
		stream->next = (stream->next + 1) % PIECES;
	}
	return true;
}

/* With nothing on its way, the kernel has no memory: that is no fault of the device. */
static bool wait_for_memory(struct stream *stream, struct err *err)
{
	int64_t now_ms = clock_boot_ms();
	if (stream->no_memory_ms == 0) {
		stream->no_memory_ms = now_ms;
	}
	if (now_ms - stream->no_memory_ms >= MEMORY_MS) {
		return usb_is_broken(stream->open, "sending",
			"other devices have had all the kernel's memory for USB for a minute "
			"(usbfs_memory_mb)",
			err);
	}
	usb_events(stream->open, MEMORY_NAP_MS);
	stream->moved_ms = clock_boot_ms();
	return true;
}

static bool await(struct stream *stream, int64_t patience_ms, struct err *err)
{
	if (stream->n_flying == 0) {
		return stream->at == stream->n_bytes || wait_for_memory(stream, err);
	}
	stream->no_memory_ms = 0;
	int64_t left_ms = stream->moved_ms + patience_ms - clock_boot_ms();
	if (left_ms <= 0) {
		return usb_is_stalled(stream->open, patience_ms, err);
	}
	usb_events(stream->open, left_ms < USB_EVENTS_MS ? left_ms : USB_EVENTS_MS);
	return true;
}

/* A stall is not always called one: where libusb cuts a piece into smaller ones and the first is
 * refused while it still hands over the others, all that it says is that the piece ended early. */
static bool may_be_halted(const struct stream *stream)
{
	return stream->broken && stream->status != LIBUSB_TRANSFER_CANCELLED &&
	       stream->status != LIBUSB_TRANSFER_NO_DEVICE;
}

/* Until all is taken, or something is in the way. */
static bool run(struct stream *stream, int64_t patience_ms, struct err *err)
{
	bool fine = true;
	while (fine && stream->taken < stream->n_bytes) {
		fine = usb_may_go(stream->open, err) && feed(stream, err) &&
		       await(stream, patience_ms, err);
		if (fine && stream->broken) {
			fine = usb_status_is_bad(stream->open, "sending", stream->status, err);
		}
	}
	size_t known = stream->taken;
	cut_off(stream);
	stream->crept = stream->taken > known;
	if (!fine && may_be_halted(stream)) {
		libusb_clear_halt(stream->open->handle, stream->open->out.address);
	}
	return fine || stream->taken == stream->n_bytes;
}

/* One piece may take longer than the patience for a byte: what a cut shows to have moved is no
 * stall, and it goes on from there. */
static bool run_on(struct stream *stream, int64_t patience_ms, struct err *err)
{
	bool fine;
	do {
		stream->at = stream->taken;
		stream->broken = false;
		stream->status = LIBUSB_TRANSFER_COMPLETED;
		stream->moved_ms = clock_boot_ms();
		fine = run(stream, patience_ms, err);
	} while (!fine && stream->crept && strcmp(err->code, "printer-stalled") == 0);
	return fine;
}

bool usb_out(struct usb_line *line, const void *bytes, size_t n_bytes, int64_t patience_ms,
	size_t *taken_bytes, struct err *err)
{
	struct stream stream = {.open = line->own,
		.bytes = (uint8_t *)(uintptr_t)bytes, /* libusb only reads them */
		.n_bytes = n_bytes};
	for (int i = 0; i < PIECES; i++) {
		stream.pieces[i] = (struct piece){&stream, usb_transfer_new(), false};
	}
	bool fine = run_on(&stream, patience_ms, err);
	for (int i = 0; i < PIECES; i++) {
		libusb_free_transfer(stream.pieces[i].transfer);
	}
	*taken_bytes = stream.taken;
	return fine;
}
