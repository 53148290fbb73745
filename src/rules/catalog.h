/* SPDX-License-Identifier: Apache-2.0
 *
 * What is sold (product), what is loaded (media), what a printer is (model), and which printers the
 * floor has. Plain values, read from the files in profiles/ and the configuration, never changed
 * while the floor runs.
 */
#pragma once
#include "base/hash.h"
#include "base/text.h"
#include "rules/sensor.h"
#include <stdbool.h>
#include <stdint.h>

#define NAME_MAX_LEN         49 /* names of products, media, models, printers: 48 bytes and the NUL */
#define CATALOG_LIST_MAX     64
#define MARKING_TEMPLATE_MAX 129 /* a template of a label or of a line on the back */
#define MARKING_TEXT_MAX     129 /* what it becomes */
#define BACK_LINES_MAX       4
#define BACK_COLUMNS_MIN     8
#define BACK_COLUMNS_MAX     80
#define BACK_LINE_MAX        (2 * BACK_COLUMNS_MAX + 1) /* bytes of Latin-1's characters in UTF-8 */

enum fit { FIT_FILL, FIT_FIT, FIT_NONE };
enum intent { INTENT_PERCEPTUAL, INTENT_RELATIVE, INTENT_SATURATION, INTENT_ABSOLUTE };
enum duplicates { DUPLICATES_HOLD, DUPLICATES_RELEASE, DUPLICATES_REPRINT }; /* strictest first */
enum document_format { FORMAT_PWG, FORMAT_JPEG, FORMAT_URF, FORMAT_COUNT };

enum label_where {
	LABEL_NONE,
	LABEL_BORDER, /* in the white border, on the finished print */
	LABEL_WASTE,  /* beside the finished print: it is trimmed away */
};

struct product_label { /* what is written beside the picture; rules/marking.h */
	enum label_where where;
	char text[MARKING_TEMPLATE_MAX];
	int32_t size_hmm; /* of the type: from the top of a tall letter to the bottom of a deep one
			   */
};

struct product {
	char sku[NAME_MAX_LEN]; /* the file's name */
	char title[65];
	int32_t version;               /* of the policy; goes into recipes */
	int32_t width_hmm, height_hmm; /* the finished print, portrait (width <= height) */
	int32_t border_hmm;            /* white border inside the finished size; 0 = borderless */
	int32_t bleed_hmm; /* how far a borderless picture runs past the trim, each side */
	int32_t across, down, gap_hmm; /* finished prints on a sheet, and between them; 0 is as 1 */
	bool cut_marks;                /* where the paper around the print has room for them */
	char finish[17];               /* "glossy" "matte" "lustre" … */
	enum fit fit;                  /* default; a job's option counts only where allowed below */
	enum intent intent;
	bool black_point;           /* black point compensation */
	int32_t sharpen_percent;    /* 0..200: unsharp strength of the policy */
	int32_t warn_ppi, hold_ppi; /* effective resolution below which to note / to ask a person */
	int32_t copies_max;         /* of one job; above: a person decides */
	enum duplicates duplicates;
	bool may_crop, may_fit, may_rotate, may_intent; /* which options of a job are obeyed */
	char media[CATALOG_LIST_MAX][NAME_MAX_LEN];     /* acceptable, best first */
	int32_t n_media;
	struct product_label label;
	char back_print[BACK_LINES_MAX][MARKING_TEMPLATE_MAX]; /* a template a line */
	int32_t n_back_print;
	bool back_print_needed; /* else printers that can't do it print it all the same */
};

struct media {
	char name[NAME_MAX_LEN]; /* the file's name */
	char title[65];
	int32_t width_hmm, height_hmm; /* of a sheet, portrait; of a roll: of the shortest one */
	int32_t height_most_hmm; /* of a roll: of the longest sheet that is cut of it; else 0 */
	char size_name[65];      /* PWG 5101.1: "na_index-4x6_4x6in"; of a roll: "roll_max_…" */
	char type[65];           /* IPP media-type: "photographic-glossy" */
	char finish[17];
};

struct model_media { /* how one model prints on one media */
	char media[NAME_MAX_LEN];
	char profile[NAME_MAX_LEN];        /* file in profiles/icc/ */
	char profile_sha256[HASH_HEX_MAX]; /* filled by the loader */
	int32_t margin_hmm;                /* unprintable edge, all sides; 0 = borderless */
	bool cuts;                         /* into the finished prints, by itself */
};

struct model_back {             /* what a model writes on the back of a sheet */
	int32_t lines, columns; /* lines 0: nothing */
	bool latin1;            /* else ASCII */
};

#define TICKET_LINES_MAX 24
#define TICKET_LINE_MAX  129
enum ticket_escape { TICKET_PLAIN, TICKET_XML, TICKET_QUOTES };
struct model_folder { /* of a machine that takes its work out of a folder: rules/job_ticket.h */
	char ticket[TICKET_LINES_MAX][TICKET_LINE_MAX]; /* a template a line */
	int32_t n_ticket;                               /* 0: it is no such machine */
	char suffix[9];                                 /* what its tickets' names end in */
	enum ticket_escape escape;
	bool ascii, crlf;
	/* where it puts what it has done, and what it could not do; "": it removes it */
	char done[NAME_MAX_LEN], error[NAME_MAX_LEN];
};

struct model {
	char name[NAME_MAX_LEN]; /* the file's name */
	char title[65];
	char driver[NAME_MAX_LEN]; /* row in drivers/list.c: "ipp", "fake", "hotfolder" */
	int32_t x_dpi, y_dpi;
	enum document_format formats[FORMAT_COUNT]; /* order of preference */
	int32_t n_formats;
	int32_t copies_per_attempt; /* 1..: prints handed over at once */
	int32_t ms_per_print;       /* for placing and backpressure */
	bool counts_impressions;    /* its job impressions are to be trusted as evidence */
	bool has_counters;          /* life counter readable before and after */
	int32_t counter_lag_ms;     /* it shows a print at most so late */
	bool self_resumes;          /* finishes by itself after a jam was cleared */
	struct model_media media[CATALOG_LIST_MAX];
	int32_t n_media;
	struct model_back back;
	struct model_folder folder;
};

struct printer_conf { /* one `printer NAME { … }` of platen.conf: added by a person */
	char name[NAME_MAX_LEN];
	char model[NAME_MAX_LEN];
	char uri[256];              /* ipp://host:port/path, fake:/folder, hotfolder:/folder */
	char uuid[65];              /* pinned printer-uuid or serial; "" = pin what answers first */
	char tls_key[HASH_PIN_MAX]; /* the only key it may prove; "" = pin what it proves first */
	char user[65];              /* who we are there; "" = it asks for no name */
	char password_file[256];    /* read by the daemon whenever a worker starts or is refused */
	bool exclusive;             /* platen is its only user: counters may prove */
	int32_t poll_ms;            /* between health polls */
};

struct routine; /* rules/maintenance.h */

struct catalog {
	struct product *products;
	struct media *media;
	struct model *models;
	struct printer_conf *printers;
	struct sensor_bus_conf *buses;
	struct sensor_conf *sensors;
	int32_t n_products, n_media, n_models, n_printers, n_buses, n_sensors;
	struct routine *routines; /* what has to be done to printers regularly */
	int32_t n_routines;
};

/* All return NULL when there is none of that name. */
const struct product *catalog_product(const struct catalog *catalog, const char *sku);
const struct media *catalog_media(const struct catalog *catalog, const char *name);
const struct model *catalog_model(const struct catalog *catalog, const char *name);
const struct printer_conf *catalog_printer(const struct catalog *catalog, const char *name);
const struct model_media *model_on(const struct model *model, const char *media);
/* Paper aside: it writes on the back what must stand there, and what it leaves in doubt is asked.
 */
bool model_can_make(const struct model *model, const struct product *product);
/* Nothing that it says proves a print: a person counts what lies at its exit, once per run. */
bool model_is_counted_by_hand(const struct model *model);
/* It prints the product on that of its media. */
bool model_makes_on(const struct model *model, const struct product *product, const char *media);
const char *fit_name(enum fit fit);
const char *intent_name(enum intent intent);
const char *duplicates_name(enum duplicates duplicates);
/* As model files say it: "pwg", "jpeg", "urf". */
const char *format_name(enum document_format format);
/* IPP's media type: "image/pwg-raster", "image/jpeg", "image/urf". */
const char *format_media_type(enum document_format format);
