/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks of platen.conf that a rule for one key can't say: files that must be there and shut,
 * addresses, printers against their models, lists.
 */
#include "config.h"
#include "wire/settings_own.h"
#include "base/address.h"
#include "base/file.h"
#include "base/text.h"
#include "wire/usb_address.h"
#include <stdio.h>
#include <string.h>

struct check {
	const struct conf *conf;
	struct settings *settings;
	struct conf_faults *faults;
};

/* ---- paths ---- */

static void check_path(const struct check *at, const char *key)
{
	if (conf_text(at->conf, NULL, 0, key)[0] != '/') {
		conf_fault(
			at->conf, at->faults, NULL, 0, key, "must be a whole path, from the / on");
	}
}

/* What is wrong inside of it names its own files; that it is not there is said here, with its key.
 */
static void check_profiles(const struct check *at)
{
	struct names names = {0};
	struct err err;
	if (!folder_names(at->settings->profiles_folder, "", &names, &err)) {
		conf_fault(at->conf, at->faults, NULL, 0, "profiles_folder",
			"%s: install platen, or name the folder profiles of its sources", err.text);
	}
	names_fini(&names);
}

static void check_file(
	const struct check *at, const char *section, size_t index, const char *key, bool secret)
{
	struct err err;
	if (conf_has(at->conf, section, index, key) &&
		!file_check(conf_text(at->conf, section, index, key), secret, &err)) {
		conf_fault(at->conf, at->faults, section, index, key, "%s", err.text);
	}
}

/* ---- addresses ---- */

/* "host" or "host:port" or "[::1]:port": letters, digits, dots, dashes; within brackets also
 * colons. `len` bytes at `text`. */
bool settings_is_authority(const char *text, size_t len)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
	const char *end = text + len;
	if (len > 0 && text[0] == '[') {
		const char *close = memchr(text, ']', len);
		if (close == NULL || strspn(text + 1, "0123456789abcdefABCDEF:.") !=
					     (size_t)(close - text - 1)) {
			return false;
		}
		text = close + 1;
	} else {
		size_t host = strspn(text, letters);
		if (host == 0 || host > len) {
			return false;
		}
		text += host;
	}
	if (text == end) {
		return true;
	}
	char port[8] = "";
	size_t digits = (size_t)(end - text) - 1;
	if (*text != ':' || digits == 0 || digits >= sizeof port) {
		return false;
	}
	memcpy(port, text + 1, digits);
	int64_t number;
	return text_to_int(port, 1, 65535, &number);
}

static void check_signing_keys(const struct check *at)
{
	const struct settings_cloud *cloud = &at->settings->cloud;
	bool wanted = cloud->signatures != SIGNATURES_OFF;
	struct err err;
	if (wanted != (cloud->signing_keys[0] != '\0')) {
		conf_fault(at->conf, at->faults, "cloud", 0, wanted ? "signatures" : "signing_keys",
			"%s",
			wanted ? "needs signing_keys, the folder of the keys that are believed"
			       : "is of no use while signatures is off: say warn or block");
		return;
	}
	struct key_ring *ring = wanted ? key_ring_open(cloud->signing_keys, &err) : NULL;
	if (wanted && ring == NULL) {
		conf_fault(at->conf, at->faults, "cloud", 0, "signing_keys", "%s", err.text);
	}
	key_ring_close(ring);
}

static void check_cloud(const struct check *at)
{
	const struct settings_cloud *cloud = &at->settings->cloud;
	if (!cloud->given) {
		return;
	}
	static const char scheme[] = "https://";
	size_t skip = sizeof scheme - 1;
	if (strncmp(cloud->url, scheme, skip) != 0 ||
		!settings_is_authority(cloud->url + skip, strlen(cloud->url + skip))) {
		conf_fault(at->conf, at->faults, "cloud", 0, "url",
			"must be https://HOST or https://HOST:PORT, without a path");
	}
	check_file(at, "cloud", 0, "ca", false);
	check_file(at, "cloud", 0, "certificate", false);
	check_file(at, "cloud", 0, "key", true);
	check_signing_keys(at);
}

/* "127.0.0.1:8631", "[::1]:8631". */
static bool take_listen(const char *listen, struct settings_console *console)
{
	const char *colon = strrchr(listen, ':');
	int64_t port;
	if (colon == NULL || !text_to_int(colon + 1, 0, 65535, &port)) {
		return false;
	}
	char address[64];
	snprintf(address, sizeof address, "%.*s", (int)(colon - listen), listen);
	size_t len = strlen(address);
	bool bracketed = len > 2 && address[0] == '[' && address[len - 1] == ']';
	if (bracketed) {
		address[len - 1] = '\0';
	}
	const char *bare = address + bracketed;
	if (!address_is_numeric(bare) || (strchr(bare, ':') != NULL) != bracketed) {
		return false;
	}
	text_copy(console->address, sizeof console->address, bare);
	console->port = (int32_t)port;
	return true;
}

static void check_console(const struct check *at)
{
	struct settings_console *console = &at->settings->console;
	bool lan = conf_int(at->conf, "console", 0, "lan") != 0;
	if (!take_listen(conf_text(at->conf, "console", 0, "listen"), console)) {
		conf_fault(at->conf, at->faults, "console", 0, "listen",
			"must be a numeric address and a port, as \"127.0.0.1:8631\"");
	} else if (!lan && !address_is_loopback(console->address)) {
		conf_fault(at->conf, at->faults, "console", 0, "listen",
			"others than this machine could read the console there: say lan = yes if "
			"that is meant");
	}
	for (size_t i = 0; i < conf_list_count(at->conf, "console", 0, "hosts"); i++) {
		const char *host = conf_list_at(at->conf, "console", 0, "hosts", i);
		char *to = console->hosts[console->n_hosts++];
		if (!text_is_id(host) || !text_copy(to, sizeof console->hosts[0], host)) {
			conf_fault(at->conf, at->faults, "console", 0, "hosts",
				"%s is not a name or address without a port", host);
		}
	}
}

static void take_asset_hosts(const struct check *at)
{
	size_t n = conf_count(at->conf, "asset_host");
	if (n > SETTINGS_LIST_MAX) {
		conf_fault(at->conf, at->faults, "asset_host", SETTINGS_LIST_MAX, NULL,
			"at most %d are possible", SETTINGS_LIST_MAX);
		n = SETTINGS_LIST_MAX;
	}
	for (size_t i = 0; i < n; i++) {
		struct settings_asset_host *host =
			&at->settings->asset_hosts[at->settings->n_asset_hosts++];
		text_copy(host->host, sizeof host->host, conf_title(at->conf, "asset_host", i));
		text_copy(host->ca, sizeof host->ca, conf_text(at->conf, "asset_host", i, "ca"));
		host->port = (int32_t)conf_int(at->conf, "asset_host", i, "port");
		host->is_private = conf_int(at->conf, "asset_host", i, "private") != 0;
		check_file(at, "asset_host", i, "ca", false);
	}
}

/* ---- formats ---- */

static void check_formats(const struct check *at)
{
	enum picture_format format;
	for (size_t i = 0; i < conf_list_count(at->conf, "limits", 0, "formats"); i++) {
		const char *word = conf_list_at(at->conf, "limits", 0, "formats", i);
		if (picture_from_type(word, &format)) {
			at->settings->formats[format].taken = true;
		} else {
			conf_fault(at->conf, at->faults, "limits", 0, "formats",
				"%s: known are " PICTURE_TYPES, word);
		}
	}
	for (size_t i = 0; i < conf_count(at->conf, "format"); i++) {
		if (!picture_from_name(conf_title(at->conf, "format", i), &format)) {
			conf_fault(at->conf, at->faults, "format", i, NULL,
				"no such format: known are jpeg, png, tiff, webp and heic");
		}
	}
}

/* ---- the hot folder ---- */

static void check_hot_folder(const struct check *at)
{
	const struct settings_hot_folder *hot = &at->settings->hot_folder;
	const struct catalog *catalog = &at->settings->catalog;
	if (!hot->given) {
		return;
	}
	if (hot->folder[0] != '/') {
		conf_fault(at->conf, at->faults, "hot_folder", 0, "folder",
			"must be a whole path, from the / on");
	}
	if (strcmp(hot->folder, at->settings->spool_folder) == 0 ||
		strcmp(hot->folder, at->settings->state_folder) == 0) {
		conf_fault(at->conf, at->faults, "hot_folder", 0, "folder",
			"must be a folder of its own: others write into it");
	}
	if (hot->times.patience_ms < hot->times.settle_ms) {
		conf_fault(at->conf, at->faults, "hot_folder", 0, "patience",
			"must be at least as long as settle");
	}
	for (int32_t i = 0; i < catalog->n_products; i++) {
		const char *sku = catalog->products[i].sku;
		if (strcmp(sku, "done") == 0 || strcmp(sku, "refused") == 0) {
			conf_fault(at->conf, at->faults, "hot_folder", 0, "folder",
				"the product %s would have the folder that is platen's own: give "
				"the product another name",
				sku);
		}
	}
}

/* ---- printers ---- */

/* These languages have a scheme of their own; all others are spoken over USB. */
static const char *scheme_of(const char *driver)
{
	static const char *const own[] = {"ipp", "fake", "hotfolder", "replay"};
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
		if (strcmp(driver, own[i]) == 0) {
			return driver;
		}
	}
	return "usb";
}

/* With an s for TLS: ipps. */
static bool scheme_fits(const char *uri, const char *scheme)
{
	size_t len = strlen(scheme);
	if (strncmp(uri, scheme, len) != 0) {
		return false;
	}
	return uri[len] == ':' ||
	       (strcmp(scheme, "ipp") == 0 && uri[len] == 's' && uri[len + 1] == ':');
}

/* What follows the scheme: //HOST[:PORT][/PATH], or a whole path. */
static bool rest_is_fine(const char *uri)
{
	const char *rest = strchr(uri, ':') + 1;
	if (strpbrk(rest, " \t\"<>\\") != NULL) {
		return false;
	}
	if (strncmp(rest, "//", 2) != 0) {
		bool network = strncmp(uri, "ipp", 3) == 0;
		return !network && rest[0] == '/' && rest[1] != '\0';
	}
	return settings_is_authority(rest + 2, strcspn(rest + 2, "/"));
}

static void check_uri(const struct check *at, size_t index, const struct model *model)
{
	const struct printer_conf *printers = at->settings->catalog.printers;
	const char *uri = printers[index].uri;
	struct usb_address usb;
	struct err err;
	if (model != NULL && !scheme_fits(uri, scheme_of(model->driver))) {
		conf_fault(at->conf, at->faults, "printer", index, "uri",
			"the driver of model %s is %s: the address must begin with %s:",
			model->name, model->driver, scheme_of(model->driver));
	} else if (usb_address_is(uri)) {
		if (!usb_address_from(uri, &usb, &err)) {
			conf_fault(at->conf, at->faults, "printer", index, "uri", "%s", err.text);
		}
	} else if (strchr(uri, ':') == NULL || !rest_is_fine(uri)) {
		conf_fault(at->conf, at->faults, "printer", index, "uri",
			"must be an address as \"ipp://HOST:PORT/PATH\", "
			"\"usb://VVVV:PPPP/SERIAL\", \"hotfolder:/FOLDER\", "
			"\"replay:/FILE\" or \"fake:/FOLDER\"");
	}
	for (size_t i = 0; i < index; i++) {
		if (strcmp(printers[i].uri, uri) == 0) {
			conf_fault(at->conf, at->faults, "printer", index, "uri",
				"is the same as that of printer %s", printers[i].name);
		}
	}
}

/* Counters prove a print only where nobody else can move them: without that, every single print of
 * such a printer would end as "may have printed". */
static void check_proof(const struct check *at, size_t index, const struct printer_conf *printer,
	const struct model *model)
{
	if (model != NULL && model->has_counters && !model->counts_impressions &&
		!printer->exclusive) {
		conf_fault(at->conf, at->faults, "printer", index, "exclusive",
			"must be yes: %s proves its prints by counters alone, so platen must be "
			"its only user",
			model->name);
	}
}

/* A key is of an encrypted connection, a name and a password are of the network. */
static void check_trust(const struct check *at, size_t index, const struct printer_conf *printer)
{
	bool named = printer->user[0] != '\0';
	struct err err;
	char password[PASSWORD_MAX];
	if (printer->tls_key[0] != '\0' && !hash_is_pin(printer->tls_key)) {
		conf_fault(at->conf, at->faults, "printer", index, "tls_key",
			"must be sha256// and the 44 characters of the key's hash in base 64");
	}
	if (printer->tls_key[0] != '\0' && strncmp(printer->uri, "ipps:", 5) != 0) {
		conf_fault(at->conf, at->faults, "printer", index, "tls_key",
			"only a printer at ipps:// proves a key");
	}
	if (named != (printer->password_file[0] != '\0')) {
		conf_fault(at->conf, at->faults, "printer", index, named ? "user" : "password_file",
			"user and password_file go together");
	} else if (named && !file_secret(printer->password_file, password, PASSWORD_MAX, &err)) {
		conf_fault(at->conf, at->faults, "printer", index, "password_file", "%s", err.text);
	}
	explicit_bzero(password, sizeof password);
	if (named && strncmp(printer->uri, "ipp", 3) != 0) {
		conf_fault(at->conf, at->faults, "printer", index, "user",
			"only a printer at ipp:// or ipps:// asks for a name");
	}
}

static void check_printers(const struct check *at, bool have_profiles)
{
	const struct catalog *catalog = &at->settings->catalog;
	for (int32_t i = 0; i < catalog->n_printers; i++) {
		const struct printer_conf *printer = &catalog->printers[i];
		const struct model *model = catalog_model(catalog, printer->model);
		if (strlen(conf_title(at->conf, "printer", (size_t)i)) >= NAME_MAX_LEN) {
			conf_fault(at->conf, at->faults, "printer", (size_t)i, NULL,
				"the name must have at most %d bytes", NAME_MAX_LEN - 1);
		}
		if (model == NULL && have_profiles) {
			conf_fault(at->conf, at->faults, "printer", (size_t)i, "model",
				"there is no %s/models/%s.conf", at->settings->profiles_folder,
				printer->model);
		} else if (model != NULL && !text_has_word(DRIVERS_BUILT_IN, model->driver)) {
			conf_fault(at->conf, at->faults, "printer", (size_t)i, "model",
				"%s needs the driver %s, which this platend was built without; it "
				"has: " DRIVERS_BUILT_IN,
				model->name, model->driver);
		}
		check_uri(at, (size_t)i, model);
		check_proof(at, (size_t)i, printer, model);
		check_trust(at, (size_t)i, printer);
	}
}

void settings_check(const struct conf *conf, struct settings *settings, bool have_profiles,
	struct conf_faults *faults)
{
	struct check at = {.conf = conf, .settings = settings, .faults = faults};
	if (!text_is_id(settings->floor)) {
		conf_fault(conf, faults, NULL, 0, "floor",
			"must be 1 to 64 of A-Z a-z 0-9 . _ : - without a leading dot");
	}
	static const char *const paths[] = {
		"state_folder", "spool_folder", "profiles_folder", "socket", "worker_program"};
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		check_path(&at, paths[i]);
	}
	check_cloud(&at);
	take_asset_hosts(&at);
	check_console(&at);
	check_formats(&at);
	if (!have_profiles) {
		check_profiles(&at);
	}
	check_hot_folder(&at);
	check_printers(&at, have_profiles);
}
