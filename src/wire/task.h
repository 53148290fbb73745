/* SPDX-License-Identifier: Apache-2.0
 *
 * The frames between the daemon and its workers, and their bodies as C values. Each has an
 * `x_to_json` and an `x_from_json`; the latter checks every bound.
 *
 * A render server: RENDER_HELLO when warm; then for each RENDER_TASK (two descriptors: the asset,
 * read-only; the output, a writable empty file; for DO render also the profile, read-only, third)
 * exactly one RENDER_RESULT of the same id. RENDER_CANCEL kills a task: its result says so.
 *
 * (For RENDER_INSPECT the second descriptor may be absent.) RENDER_HELLO: {"engine","pid","font"};
 * RENDER_CANCEL: {"id"}.
 *
 * A device worker, in order of a walk; "or err" means {"err":{…}} beside the key instead:
 *
 *   daemon asks                              worker answers
 *   DEVICE_SETUP  device_setup               DEVICE_HELLO {}
 *   STATUS_ASK    {}                         STATUS    {"status"} or err; also unasked, at its pace
 *   SWEEP         {"known":[keys]}           SWEPT     {"swept"} or err
 *   WITNESS_ASK   {"key"}                    WITNESS   {"key","witness"} or err
 *   SEND          device_send + document fd  STEP device_step, three times at most, each waiting
 * for GO            {"key"}                    … then SENT {"key"} or err CONFIRM       attempt
 * RECEIPT   {"key","receipt"} or err CANCEL        attempt                    during SEND: SENT
 * with err DROP; else CANCELLED {"key"} or err CONNECTED     {} + socket fd, or err     … is the
 * daemon's answer to the worker's CONNECT {}
 *
 * Of a USB printer, CONNECTED is {"port"} + its device's node. CONNECT {"taken": interface} asks
 * who has that interface of it: the answer is the err that says so.
 *
 * KEY {"tls_key"}: over TLS the printer proved another key than the one the worker knows. The
 * daemon answers PINNED {"tls_key"} once what it believes is stored; it says that also unasked,
 * when a person has accepted another. PASSWORD {"password"}: the file was changed.
 *
 * The end of the channel ends the worker.
 */
#pragma once
#include "rules/device.h"
#include "wire/json.h"
#include "wire/picture.h"
#include "wire/recipe.h"

enum frame_type {
	FRAME_RENDER_HELLO = 1,
	FRAME_RENDER_TASK,
	FRAME_RENDER_RESULT,
	FRAME_RENDER_CANCEL,
	FRAME_DEVICE_SETUP = 32,
	FRAME_DEVICE_HELLO,
	FRAME_STATUS_ASK,
	FRAME_STATUS,
	FRAME_WITNESS_ASK,
	FRAME_WITNESS,
	FRAME_SEND,
	FRAME_STEP,
	FRAME_GO,
	FRAME_SENT,
	FRAME_CONFIRM,
	FRAME_RECEIPT,
	FRAME_CANCEL,
	FRAME_CANCELLED,
	FRAME_SWEEP,
	FRAME_SWEPT,
	FRAME_CONNECT,
	FRAME_CONNECTED,
	FRAME_KEY,
	FRAME_PINNED,
	FRAME_PASSWORD,
	FRAME_THUMB_TASK = 64, /* {"id","side_px"} + raster fd, output fd */
	FRAME_THUMB_DONE,      /* {"id"} or err */
	FRAME_COMPARE_TASK,    /* {"id"} + two rasters' fds: the kept one, the other */
	FRAME_COMPARE_DONE,    /* {"id","sha256" of the first,"pixels","differing","most"} or err */
	FRAME_SENSOR_SETUP = 96, /* of a sensor worker: wire/registers.h */
	FRAME_SENSOR_HELLO,
	FRAME_SENSOR_LINE,
	FRAME_SENSOR_LINE_FD,
	FRAME_SENSOR_FIGURES,
};

/* ---- errors across a channel: {"remedy","code","text"} ---- */
json_t *err_to_json(const struct err *err);
must_use bool err_from_json(const json_t *json, struct err *out, struct err *err);

/* ---- render server ---- */
enum render_do { RENDER_INSPECT, RENDER_RENDER };

struct render_task {
	int64_t id;
	enum render_do what;
	char media_type[33]; /* as the order says it: "image/jpeg"; must agree with the content */
	struct render_limits limits;
	struct recipe recipe; /* RENDER_RENDER only */
};

enum source_profile {
	SOURCE_EMBEDDED,
	SOURCE_ASSUMED_SRGB,
	SOURCE_EXIF_ADOBE_RGB,
	SOURCE_ASSUMED_CMYK,
	SOURCE_HEIC_DISPLAY_P3,
	SOURCE_COUNT
};

struct facts {                       /* what INSPECT found: the upright picture */
	char format[17];             /* "jpeg" "png" "tiff" "webp" "heic" */
	int32_t width_px, height_px; /* upright, after orientation */
	int32_t orientation;         /* EXIF 1..8 as found; 1 where absent */
	int32_t channels, bits;
	int32_t pictures; /* pages or frames; the first is printed */
	enum source_profile source;
	char profile_title[65]; /* description of the embedded profile, "" if none */
	bool has_alpha;
};

struct raster {                    /* what RENDER made */
	char sha256[HASH_HEX_MAX]; /* of the output file */
	int64_t bytes;
	int32_t width_px, height_px, x_dpi, y_dpi;
	enum document_format format;
	int32_t effective_ppi;            /* least of both directions, of the printed part */
	char pixels_sha256[HASH_HEX_MAX]; /* of the device pixels before encoding */
	char source_profile_sha256[HASH_HEX_MAX]; /* of the profile used; the assumption's file */
	enum source_profile source;
	/* "embedded profile refused (bad tag table): sRGB assumed"; several by "; "; "" = none */
	char note[257];
};

struct render_result {
	int64_t id;
	bool fine;
	bool died;      /* the task's process died (signal, limit): filled by the server */
	char cause[25]; /* with it: "signal 11", "exit 3", "late" */
	struct err err;
	struct facts facts;   /* of both kinds of task */
	struct raster raster; /* RENDER_RENDER */
};

json_t *render_task_to_json(const struct render_task *task);
must_use bool render_task_from_json(const json_t *json, struct render_task *task, struct err *err);
json_t *render_result_to_json(const struct render_result *result);
must_use bool render_result_from_json(
	const json_t *json, struct render_result *result, struct err *err);
json_t *facts_to_json(const struct facts *facts);
must_use bool facts_from_json(const json_t *json, struct facts *facts, struct err *err);
json_t *raster_to_json(const struct raster *raster);
must_use bool raster_from_json(const json_t *json, struct raster *raster, struct err *err);

/* ---- device worker ---- */
#define PASSWORD_MAX 129

struct device_setup {
	struct printer_conf conf; /* without its file of the password */
	char password[PASSWORD_MAX];
	struct model model;
};

struct device_send {
	struct attempt attempt;
	/* the document beside its descriptor */
	int64_t bytes;
	char sha256[HASH_HEX_MAX]; /* as it was rendered: nothing else is printed */
	enum document_format format;
	int32_t width_px, height_px, x_dpi, y_dpi;
	char media_size[65], media_type[65];
	int32_t media_width_hmm, media_height_hmm, margin_hmm;
	bool cuts;
	char order[65]; /* what people call it, for a ticket; hostile */
	char back_print[BACK_LINES_MAX][BACK_LINE_MAX]; /* in the model's characters */
	int32_t n_back_print;
};

enum device_step { STEP_OPENED, STEP_SENDING, STEP_COMMITTED };

struct device_step_message {
	char key[ATTEMPT_KEY_MAX];
	enum device_step step;
	int32_t job_id;
	char job_uuid[65];
};

json_t *device_setup_to_json(const struct device_setup *setup);
must_use bool device_setup_from_json(
	const json_t *json, struct device_setup *setup, struct err *err);
json_t *device_status_to_json(const struct device_status *status);
must_use bool device_status_from_json(
	const json_t *json, struct device_status *status, struct err *err);
json_t *witness_to_json(const struct witness *witness);
must_use bool witness_from_json(const json_t *json, struct witness *witness, struct err *err);
json_t *attempt_to_json(const struct attempt *attempt);
must_use bool attempt_from_json(const json_t *json, struct attempt *attempt, struct err *err);
json_t *receipt_to_json(const struct receipt *receipt);
must_use bool receipt_from_json(const json_t *json, struct receipt *receipt, struct err *err);
json_t *device_send_to_json(const struct device_send *send);
must_use bool device_send_from_json(const json_t *json, struct device_send *send, struct err *err);
json_t *device_step_to_json(const struct device_step_message *step);
must_use bool device_step_from_json(
	const json_t *json, struct device_step_message *step, struct err *err);
