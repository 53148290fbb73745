# system tests: the built programs, whole; scripts that print TAP lines

# a test that hangs is a failed test
LOG_COMPILER = timeout -k 10 600

TESTS += tests/layers.sh tests/tools.sh tests/dist.sh
SYSTEM_TESTS = tests/system/damaged_store.py tests/system/demo.py tests/system/demo_documents.py tests/system/errors_calls.py \
	tests/system/errors_floor.py tests/system/errors_job.py tests/system/errors_printer.py tests/system/errors_service.py \
	tests/system/first_hour.py tests/system/full_disk.py tests/system/health.py tests/system/hostile_floor.py tests/system/hot_folder.py \
	tests/system/idle_cost.py tests/system/keys.py tests/system/kill_campaign.py tests/system/local_order.py tests/system/marking.py tests/system/peers.py tests/system/minilab.py \
	tests/system/render_twice.py tests/system/second_daemon.py tests/system/signatures.py tests/system/sensors.py tests/system/replay.py \
	tests/system/manual.py tests/system/unit.py tests/system/terminal.py tests/system/usb_owners.py tests/system/usb_printer.py tests/system/usb_s2145.py tests/system/dyesub.py
TESTS += $(SYSTEM_TESTS)
EXTRA_DIST += .clang-format CHANGES.md docs/audit.md docs/faults.md docs/first-hour.md docs/health.md docs/local-api.md docs/map.md docs/operating.md docs/stock.md \
	docs/printing.md docs/rendering.md docs/simulator.md docs/style.md bootstrap .ci/run tests/layers.sh tests/tools.sh tests/dist.sh docs/sensors.md \
	demo/conf.py demo/lab.py demo/noavahi.c demo/personality.py demo/photos.py \
	demo/photosource.py demo/pki.py demo/print-command demo/printers.py demo/procs.py \
	demo/profiles.py demo/run demo/service.py demo/summary.py \
	$(SYSTEM_TESTS) tests/system/documents.py tests/system/hot_pictures.py tests/system/jamming-command tests/system/judge.py tests/system/proxy.py tests/system/modbus.py \
	tests/system/tap.py tests/system/trouble.py tests/system/usb_rig.py tests/system/cheap.py tests/system/costs.py tests/system/ipp_printers.py \
	tools/build.sh tools/check.sh tools/dist.sh tools/packages.sh tools/say.sh tools/tap_read.py tools/tap_sum.py

# run on what was installed, by make installcheck
INSTALLCHECKS += tests/system/installed.py
EXTRA_DIST += tests/system/installed.py tests/system/unit_probe.py

# a disk that fails, preloaded before platend; never sanitized, as platend is not where it is used
noinst_PROGRAMS += tests/system/failing_disk.so
tests_system_failing_disk_so_SOURCES = tests/system/failing_disk.c
tests_system_failing_disk_so_CFLAGS = -std=c11 $(WARN_CFLAGS) -fPIC
tests_system_failing_disk_so_LDFLAGS = -shared

# thousands of kills at named points, two floors at once
CAMPAIGNS += tests/system/kill_points.py
EXTRA_DIST += tests/system/kill_points.py tests/system/kill_floor.py tests/system/kill_oracle.py

FAULT_CAMPAIGNS = tests/system/disk_calls.py tests/system/line_faults.py tests/system/power_cuts.py
CAMPAIGNS += $(FAULT_CAMPAIGNS)
EXTRA_DIST += $(FAULT_CAMPAIGNS) tests/system/apart.py tests/system/line.py tests/system/mounts.py \
	tests/system/quick.py tests/system/stores.py

# 64 IPP printers, 8 of them frozen
CAMPAIGNS += tests/system/many_printers.py
EXTRA_DIST += tests/system/many_printers.py

# the long campaigns, one after another; SEEDS, KILLS, CUTS, MUTATIONS, DROPS (files into the hot folder) and SEED are
# passed on (./bootstrap check runs fewer: 1,000 seeds, 300 kills, 100 cuts, 100 drops). At last the kills among
# real IPP printers (IPP_KILLS), whose last line is JSON with every figure
LONG_ENVIRONMENT = PLATEN_SRC='$(abs_top_srcdir)' PLATEN_BUILD='$(abs_top_builddir)' \
	SEEDS='$(or $(SEEDS),10000)' CUTS='$(or $(CUTS),200)' SEED='$(SEED)' \
	BOMBS=all MUTATIONS='$(or $(MUTATIONS),3000)'
long-check: all $(CAMPAIGNS) tests/walk/disk
	@for campaign in $(CAMPAIGNS); do \
		$(LONG_ENVIRONMENT) KILLS='$(or $(KILLS),5000)' $(LONG_PATH); done
	@PLATEN_DISK_SHARE=1 tests/walk/disk
	@$(LONG_ENVIRONMENT) $(srcdir)/tests/render/hostile.py
	@$(LONG_ENVIRONMENT) $(srcdir)/tests/render/neighbours.py
	@$(LONG_ENVIRONMENT) DROPS="$(or $(DROPS),1000)" $(srcdir)/tests/system/hot_folder.py
	@$(LONG_ENVIRONMENT) KILLS="$(or $(IPP_KILLS),100)" $(srcdir)/tests/system/kill_campaign.py

# a campaign is a built program or a script of the sources
LONG_PATH = "$$([ -e $$campaign ] && echo ./$$campaign || echo $(srcdir)/$$campaign)" || exit 1

.PHONY: list-tests list-campaigns list-packed long-check
list-tests:
	@for test in $(TESTS); do echo "$$test"; done
list-campaigns:
	@for campaign in $(CAMPAIGNS); do echo "$$campaign"; done
list-packed:
	@for file in $(DISTFILES); do \
		name="$${file#$(srcdir)/}"; \
		if [ -d "$(srcdir)/$$name" ]; then (cd $(srcdir) && find "$$name" -type f); else echo "$$name"; fi; \
	done
