/* SPDX-License-Identifier: Apache-2.0
 *
 * papplprinter PORT FOLDER: two photo printers in one process on PAPPL's own IPP stack, "photo" and
 * "second". What is printed is decoded by PAPPL to its last line; FOLDER/out/received gets a line
 * for every document with the sheets that came out whole. A file FOLDER/empty takes the paper out.
 */
#include <pappl/pappl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *folder;

struct work { /* one document under way */
	unsigned lines, pages;
	int copies;
};

static bool is_there(const char *name)
{
	char path[300];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

static bool look_at_tray(pappl_printer_t *printer)
{
	bool empty = is_there("empty");
	papplPrinterSetReasons(printer, empty ? PAPPL_PREASON_MEDIA_EMPTY : PAPPL_PREASON_NONE,
		empty ? PAPPL_PREASON_NONE : PAPPL_PREASON_MEDIA_EMPTY);
	return !empty;
}

static bool on_status(pappl_printer_t *printer)
{
	look_at_tray(printer);
	return true;
}

static bool on_job(pappl_job_t *job, pappl_pr_options_t *options, pappl_device_t *device)
{
	(void)device;
	struct work *work = calloc(1, sizeof *work);
	work->copies = options->copies;
	papplJobSetData(job, work);
	return true;
}

static bool on_page(
	pappl_job_t *job, pappl_pr_options_t *options, pappl_device_t *device, unsigned page)
{
	(void)options;
	(void)device;
	(void)page;
	struct work *work = papplJobGetData(job);
	work->lines = 0;
	while (!look_at_tray(papplJobGetPrinter(job)) && !papplJobIsCanceled(job)) {
		usleep(50000);
	}
	return true;
}

static bool on_line(pappl_job_t *job, pappl_pr_options_t *options, pappl_device_t *device,
	unsigned y, const unsigned char *line)
{
	(void)options;
	(void)device;
	(void)y;
	(void)line;
	struct work *work = papplJobGetData(job);
	work->lines++;
	return true;
}

static bool on_page_end(
	pappl_job_t *job, pappl_pr_options_t *options, pappl_device_t *device, unsigned page)
{
	(void)device;
	(void)page;
	struct work *work = papplJobGetData(job);
	work->pages += work->lines == options->header.cupsHeight && !papplJobIsCanceled(job);
	return true;
}

static bool on_job_end(pappl_job_t *job, pappl_pr_options_t *options, pappl_device_t *device)
{
	(void)options;
	(void)device;
	char path[300];
	struct work *work = papplJobGetData(job);
	snprintf(path, sizeof path, "%s/out/received", folder);
	FILE *file = fopen(path, "a");
	if (file != NULL) {
		fprintf(file,
			"{\"job\": \"%s\", \"pages\": %u, \"copies\": %d, \"sheets\": %u, "
			"\"completed\": %d}\n",
			papplJobGetName(job), work->pages, work->copies, work->pages,
			papplJobGetImpressionsCompleted(job));
		fclose(file);
	}
	free(work);
	papplJobSetData(job, NULL);
	return true;
}

static bool no_file(pappl_job_t *job, pappl_pr_options_t *options, pappl_device_t *device)
{
	(void)job;
	(void)options;
	(void)device;
	return false;
}

static void add_tray(pappl_pr_driver_data_t *to, int at, const char *source, const char *size,
	int width_hmm, int length_hmm, const char *type)
{
	pappl_media_col_t *tray = &to->media_ready[at];
	to->source[at] = source;
	to->media[at] = size;
	to->type[at] = type;
	snprintf(tray->size_name, sizeof tray->size_name, "%s", size);
	snprintf(tray->source, sizeof tray->source, "%s", source);
	snprintf(tray->type, sizeof tray->type, "%s", type);
	tray->size_width = width_hmm;
	tray->size_length = length_hmm;
}

static bool on_driver(pappl_system_t *system, const char *driver, const char *uri, const char *id,
	pappl_pr_driver_data_t *to, ipp_t **attributes, void *data)
{
	(void)system;
	(void)driver;
	(void)uri;
	(void)id;
	(void)attributes;
	(void)data;
	to->status_cb = on_status;
	to->rstartjob_cb = on_job;
	to->rstartpage_cb = on_page;
	to->rwriteline_cb = on_line;
	to->rendpage_cb = on_page_end;
	to->rendjob_cb = on_job_end;
	to->printfile_cb = no_file;
	to->format = "application/vnd.platen-test";
	snprintf(to->make_and_model, sizeof to->make_and_model, "Test 300 on PAPPL");
	to->kind = PAPPL_KIND_PHOTO;
	to->ppm = to->ppm_color = 6;
	to->orient_default = IPP_ORIENT_NONE;
	to->color_supported = PAPPL_COLOR_MODE_AUTO | PAPPL_COLOR_MODE_COLOR;
	to->color_default = PAPPL_COLOR_MODE_AUTO;
	to->content_default = PAPPL_CONTENT_AUTO;
	to->quality_default = IPP_QUALITY_NORMAL;
	to->scaling_default = PAPPL_SCALING_NONE;
	to->raster_types = to->force_raster_type = PAPPL_PWG_RASTER_TYPE_SRGB_8;
	to->sides_supported = to->sides_default = PAPPL_SIDES_ONE_SIDED;
	to->duplex = PAPPL_DUPLEX_NONE;
	to->num_resolution = 1;
	to->x_resolution[0] = to->y_resolution[0] = to->x_default = to->y_default = 300;
	to->borderless = true;
	to->num_source = to->num_media = to->num_type = 2;
	add_tray(to, 0, "tray-1", "na_index-4x6_4x6in", 10160, 15240, "photographic-glossy");
	add_tray(to, 1, "tray-2", "na_5x7_5x7in", 12700, 17780, "photographic-lustre");
	to->num_bin = 1;
	to->bin[0] = "face-up";
	to->media_default = to->media_ready[0];
	return true;
}

int main(int argc, char **argv)
{
	static pappl_pr_driver_t drivers[] = {{"test", "Test 300", "MFG:Test;MDL:300;", NULL}};
	static const char *const names[] = {"photo", "second"};
	char spool[300];
	char log[300];
	if (argc != 3) {
		return 64;
	}
	folder = argv[2];
	snprintf(spool, sizeof spool, "%s/spool", folder);
	snprintf(log, sizeof log, "%s/pappl.log", folder);
	pappl_system_t *system = papplSystemCreate(PAPPL_SOPTIONS_MULTI_QUEUE, "test",
		atoi(argv[1]), NULL, spool, log, PAPPL_LOGLEVEL_INFO, NULL, false);
	papplSystemAddListeners(system, "localhost");
	papplSystemSetPrinterDrivers(system, 1, drivers, NULL, NULL, on_driver, NULL);
	for (int i = 0; i < 2; i++) {
		char uri[64];
		snprintf(uri, sizeof uri, "file:///dev/null?%d", i);
		if (papplPrinterCreate(system, 0, names[i], "test", "MFG:Test;MDL:300;", uri) ==
			NULL) {
			return 1;
		}
	}
	papplSystemRun(system);
	return 0;
}
