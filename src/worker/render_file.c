/* SPDX-License-Identifier: Apache-2.0
 *
 * `platen-worker render-file`: one picture by the floor's very own way (catalogue, recipe,
 * sandboxed process), without the floor. `platenctl render` calls it.
 */
#include "config.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/terminal.h"
#include "render/probe.h"
#include "wire/manifest.h"
#include "wire/profile.h"
#include "worker/photo.h"
#include "worker/worker.h"
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static const char help[] =
	"usage: platen-worker render-file --product P --model M -o OUT [options] FILE\n"
	"  --catalog DIR    products, media, models and ICC profiles (" PLATEN_DATA "/profiles)\n"
	"  --media MEDIA    what is loaded (the first of the product's that the model prints on)\n"
	"  --options JSON   a page's wishes as in a lease: "
	"{\"crop\":…,\"fit\":…,\"rotate_degrees\":…}\n"
	"  --format F       pwg, jpeg or urf (the model's first)\n"
	"  --ref R          what a label says of the order (\"order\")\n"
	"  --label L        the order's own label\n"
	"  --inspect        only look at FILE; no product, no OUT\n"
	"  --json           the manifest on standard output\n";

struct wish {
	const char *catalog, *product, *model, *media, *options, *format, *ref, *label, *out, *file;
	bool json, inspect;
};

static const struct render_limits limits = {
	.file_bytes = 100 * 1024 * 1024,
	.pixels = 200 * 1000 * 1000,
	.side_px = 30000,
	.cpu_seconds = 60,
	.memory_bytes = INT64_C(3) << 29,
};

static int complain(const struct err *err, int code)
{
	fprintf(stderr, "platen-worker render-file: %s\n", err->text);
	return code;
}

/* 0: go on; else an exit code, or -1 when help was all that was wanted */
static int read_wish(int argc, char **argv, struct wish *wish)
{
	static const struct option options[] = {
		{"catalog", required_argument, NULL, 'c'},
		{"product", required_argument, NULL, 'p'},
		{"model", required_argument, NULL, 'm'},
		{"media", required_argument, NULL, 'M'},
		{"options", required_argument, NULL, 'O'},
		{"format", required_argument, NULL, 'f'},
		{"ref", required_argument, NULL, 'r'},
		{"label", required_argument, NULL, 'l'},
		{"output", required_argument, NULL, 'o'},
		{"inspect", no_argument, NULL, 'i'},
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	*wish = (struct wish){.catalog = PLATEN_DATA "/profiles", .ref = "order", .label = ""};
	for (int c; (c = getopt_long(argc, argv, "o:h", options, NULL)) != -1;) {
		const char **const texts[] = {['c'] = &wish->catalog,
			['p'] = &wish->product,
			['m'] = &wish->model,
			['M'] = &wish->media,
			['O'] = &wish->options,
			['f'] = &wish->format,
			['r'] = &wish->ref,
			['l'] = &wish->label,
			['o'] = &wish->out};
		if (c == 'h') {
			fputs(help, stdout);
			return -1;
		}
		if (c == '?') {
			return EX_USAGE;
		}
		wish->json |= c == 'j';
		wish->inspect |= c == 'i';
		if (c != 'j' && c != 'i') {
			*texts[c] = optarg;
		}
	}
	wish->file = argc == optind + 1 ? argv[optind] : NULL;
	bool whole = wish->inspect || (wish->product && wish->model && wish->out);
	if (wish->file == NULL || !whole) {
		fputs(help, stderr);
		return EX_USAGE;
	}
	return 0;
}

/* Until there is something to read; how far it is nobody knows outside of its process. */
static void wait_for(const struct photo *photo, struct progress *progress, const char *file)
{
	struct pollfd answer = {.fd = photo->answer_fd, .events = POLLIN};
	while (poll(&answer, 1, (int)SECOND_MS) == 0) {
		progress_say(progress, "%s, %lld s", file,
			(long long)((clock_boot_ms() - progress->begin_ms) / SECOND_MS));
	}
}

/* Forks, waits, judges: what the render server does, for one. */
static void run_task(const struct wish *wish, const struct render_task *task,
	const struct render_files *files, struct render_result *result)
{
	struct photo photo;
	struct progress progress;
	if (!photo_start(&photo, task, files, &result->err)) {
		return;
	}
	progress_init(&progress, !wish->json);
	do {
		wait_for(&photo, &progress, wish->file);
	} while (!photo_read(&photo));
	progress_fini(&progress);
	photo_finish(&photo, result);
}

static bool prepare_task(const char *file, int fd, struct render_task *task,
	char sha256[HASH_HEX_MAX], struct err *err)
{
	unsigned char head[64];
	ssize_t n = pread(fd, head, sizeof head, 0);
	struct picture_kind kind = picture_kind_of(head, n > 0 ? (size_t)n : 0);
	*task = (struct render_task){.id = 1, .what = RENDER_INSPECT, .limits = limits};
	/* an unknown type is refused by the engine, with its name */
	text_copy(task->media_type, sizeof task->media_type,
		kind.printed ? picture_media_type(kind.format) : "");
	return hash_hex_of_file(fd, sha256, err) || err_wrap(err, "%s", file);
}

static const struct media *find_media(const struct catalog *catalog, const struct product *product,
	const struct model *model, const char *name)
{
	for (int32_t i = 0; name == NULL && i < product->n_media; i++) {
		if (model_on(model, product->media[i]) != NULL) {
			name = product->media[i];
		}
	}
	return name == NULL || model_on(model, name) == NULL ? NULL : catalog_media(catalog, name);
}

static bool take_options(const char *text, struct page_options *options, struct err *err)
{
	json_t *json = NULL;
	if (text != NULL) {
		json = json_read(text, strlen(text), err);
		if (json == NULL) {
			return false;
		}
	}
	bool fine = page_options_from_json(json, options, err);
	json_decref(json);
	return fine;
}

static bool unknown(struct err *err, const char *what, const char *name)
{
	return err_set(err, REMEDY_REJECT, "unknown", "no %s is called \"%s\"", what, name);
}

static bool find_format(const char *name, enum document_format *format)
{
	for (int i = 0; i < FORMAT_COUNT; i++) {
		if (strcmp(format_name((enum document_format)i), name) == 0) {
			*format = (enum document_format)i;
			return true;
		}
	}
	return false;
}

/* Of an order that isn't there: one page, today. */
static void mark(const struct wish *wish, const struct product *product, const struct media *media,
	const struct model_media *on, const struct font *font, struct recipe *recipe)
{
	char day[CLOCK_DAY_MAX];
	struct marking_facts facts = {.order = wish->ref,
		.job = "job",
		.label = wish->label,
		.sku = product->sku,
		.product = product->title,
		.floor = "floor",
		.date = clock_day(clock_wall_ms(), day),
		.page = 1,
		.pages = 1,
		.copies = 1};
	recipe_mark(product, media, on, &facts, font_identity(font), recipe);
}

static bool make_recipe(const struct wish *wish, const struct catalog *catalog, const char *sha256,
	struct font **font, struct recipe *recipe, struct err *err)
{
	const struct product *product = catalog_product(catalog, wish->product);
	struct model model;
	struct page_options options;
	if (product == NULL) {
		return unknown(err, "product", wish->product);
	}
	if (catalog_model(catalog, wish->model) == NULL) {
		return unknown(err, "model", wish->model);
	}
	model = *catalog_model(catalog, wish->model);
	const struct media *media = find_media(catalog, product, &model, wish->media);
	if (media == NULL) {
		return unknown(err, "media of this product that the model prints on",
			wish->media == NULL ? "(any)" : wish->media);
	}
	if (wish->format != NULL) {
		model.n_formats = 1;
		if (!find_format(wish->format, &model.formats[0])) {
			return unknown(err, "document format", wish->format);
		}
	}
	if (!take_options(wish->options, &options, err)) {
		return false;
	}
	char engine[RECIPE_ENGINE_MAX];
	render_engine(engine);
	recipe_make(product, media, &model, model_on(&model, media->name), &options, sha256, engine,
		recipe);
	if (product->label.where != LABEL_NONE) {
		*font = font_open(LABEL_FONT, err);
		if (*font == NULL) {
			return false;
		}
		mark(wish, product, media, model_on(&model, media->name), *font, recipe);
	}
	return true;
}

static void print_json(json_t *json)
{
	char *text = json_write(json);
	puts(text);
	free(text);
	json_decref(json);
}

static void tell(const struct wish *wish, const struct render_task *task,
	const struct render_result *result, const struct product *product)
{
	const struct raster *raster = &result->raster;
	if (wish->json) {
		print_json(manifest_make(&task->recipe, result, product));
		return;
	}
	printf("%s: %d x %d pixels at %d dpi, %lld bytes of %s; %d ppi in print%s%s\n", wish->out,
		raster->width_px, raster->height_px, raster->x_dpi, (long long)raster->bytes,
		format_media_type(raster->format), raster->effective_ppi,
		raster->note[0] == '\0' ? "" : "; ", raster->note);
}

static int open_profile(const struct wish *wish, const char *name)
{
	char path[4096];
	snprintf(path, sizeof path, "%s/icc/%s", wish->catalog, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The file has no name until it is whole, so that Ctrl-C leaves nothing; *named: where the file
 * system can't do that, it has one. */
static int open_part(const char *out, const char *part, bool *named)
{
	char folder[4096];
	const char *slash = strrchr(out, '/');
	size_t len = slash == NULL ? 1 : slash == out ? 1 : (size_t)(slash - out);
	snprintf(folder, sizeof folder, "%.*s", (int)len, slash == NULL ? "." : out);
	int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0644);
	*named = fd < 0;
	return fd >= 0 ? fd : open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

static bool name_part(int fd, const char *part, const char *out, bool named, struct err *err)
{
	char path[40];
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (!named) {
		unlink(part);
		named = linkat(AT_FDCWD, path, AT_FDCWD, part, AT_SYMLINK_FOLLOW) == 0;
	}
	if (named && rename(part, out) == 0) {
		return true;
	}
	err_set(err, REMEDY_REJECT, "output", "%s: %s", out, strerror(errno));
	unlink(part);
	return false;
}

/* Renders into a file beside OUT, which takes OUT's name only when it is whole. */
static int render_into(const struct wish *wish, const struct catalog *catalog,
	const struct font *font, struct render_task *task, int asset)
{
	char part[4096];
	snprintf(part, sizeof part, "%s.part", wish->out);
	bool named;
	struct render_result result = {0};
	struct render_files files = {.asset = asset,
		.output = open_part(wish->out, part, &named),
		.profile = open_profile(wish, task->recipe.profile),
		.font = font};
	if (files.output < 0) {
		err_set(&result.err, REMEDY_REJECT, "output", "%s: %s", part, strerror(errno));
		return complain(&result.err, EX_CANTCREAT);
	}
	run_task(wish, task, &files, &result);
	if (result.fine) {
		result.fine = name_part(files.output, part, wish->out, named, &result.err);
	} else if (named) {
		unlink(part);
	}
	close(files.output);
	close(files.profile);
	if (!result.fine) {
		err_wrap(&result.err, "%s", wish->file);
		return complain(
			&result.err, result.err.remedy == REMEDY_REJECT ? EX_DATAERR : EX_SOFTWARE);
	}
	tell(wish, task, &result, catalog_product(catalog, wish->product));
	return EX_OK;
}

static int inspect(const struct wish *wish, const struct render_task *task, int asset)
{
	struct render_result result = {0};
	struct render_files files = {.asset = asset, .output = -1, .profile = -1};
	run_task(wish, task, &files, &result);
	if (!result.fine) {
		err_wrap(&result.err, "%s", wish->file);
		return complain(
			&result.err, result.err.remedy == REMEDY_REJECT ? EX_DATAERR : EX_SOFTWARE);
	}
	print_json(facts_to_json(&result.facts));
	return EX_OK;
}

static int render(const struct wish *wish, struct render_task *task, const char *sha256, int asset)
{
	struct catalog catalog;
	struct conf_faults *faults = mem_new(1, sizeof *faults);
	struct err err;
	if (!catalog_load(wish->catalog, &catalog, faults)) {
		for (size_t i = 0; i < faults->n && i < CONF_FAULTS_MAX; i++) {
			fprintf(stderr, "%s\n", faults->text[i]);
		}
		free(faults);
		return EX_CONFIG;
	}
	free(faults);
	int code;
	struct font *font = NULL;
	if (make_recipe(wish, &catalog, sha256, &font, &task->recipe, &err)) {
		task->what = RENDER_RENDER;
		code = render_into(wish, &catalog, font, task, asset);
	} else {
		code = complain(&err, EX_USAGE);
	}
	font_close(font);
	catalog_free(&catalog);
	return code;
}

int render_file_main(int argc, char **argv)
{
	struct wish wish;
	struct err err;
	int code = read_wish(argc, argv, &wish);
	if (code != 0) {
		return code < 0 ? EX_OK : code;
	}
	int asset = open(wish.file, O_RDONLY | O_CLOEXEC);
	if (asset < 0) {
		err_set(&err, REMEDY_REJECT, "input", "%s: %s", wish.file, strerror(errno));
		return complain(&err, EX_NOINPUT);
	}
	struct render_task task;
	char sha256[HASH_HEX_MAX];
	if (!render_warm("platen-worker", &err)) {
		code = complain(&err, EX_SOFTWARE);
	} else if (!prepare_task(wish.file, asset, &task, sha256, &err)) {
		code = complain(&err, EX_NOINPUT);
	} else {
		code = wish.inspect ? inspect(&wish, &task, asset)
				    : render(&wish, &task, sha256, asset);
	}
	close(asset);
	return code;
}
