# systemd: the units of those programs that are built, their users and folders. The paths of the
# programs stand in them when they are made, since they depend on the prefix that make is given.
UNITS_IN = systemd/platend.service.in systemd/platen-orders.service.in
UNITS_USERS = systemd/platen.sysusers systemd/platen-orders.sysusers
UNITS_FOLDERS = systemd/platen.tmpfiles systemd/platen-orders.tmpfiles
EXTRA_DIST += $(UNITS_IN) $(UNITS_USERS) $(UNITS_FOLDERS)
CLEANFILES += systemd/platend.service systemd/platen-orders.service

%.service: %.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) systemd && sed -e 's,@sbindir\@,$(sbindir),g' -e 's,@bindir\@,$(bindir),g' \
		$(srcdir)/systemd/$(@F).in >$@.new && mv $@.new $@

if UNITS
systemdsystemunit_DATA = systemd/platend.service
units_installed = platen
if ORDERS
systemdsystemunit_DATA += systemd/platen-orders.service
units_installed += platen-orders
endif

install-data-local:
	$(MKDIR_P) '$(DESTDIR)$(sysusersdir)' '$(DESTDIR)$(tmpfilesdir)'
	for name in $(units_installed); do \
		$(INSTALL_DATA) $(srcdir)/systemd/$$name.sysusers '$(DESTDIR)$(sysusersdir)'/$$name.conf && \
		$(INSTALL_DATA) $(srcdir)/systemd/$$name.tmpfiles '$(DESTDIR)$(tmpfilesdir)'/$$name.conf || exit 1; \
	done
uninstall-local:
	for name in $(units_installed); do \
		rm -f '$(DESTDIR)$(sysusersdir)'/$$name.conf '$(DESTDIR)$(tmpfilesdir)'/$$name.conf; \
	done
endif
