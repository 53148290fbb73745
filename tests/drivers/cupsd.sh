#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# cupsd.sh FOLDER PORT: a private cupsd on loopback with everything of its own in FOLDER, in the
# foreground. Its only backends are cups' ipp and our tray (tray.sh).
set -eu
folder=$1
port=$2
here=$(dirname "$(readlink -f "$0")")
for sub in root spool tmp cache state keys log out bin/backend bin/daemon bin/filter; do
	mkdir -p "$folder/$sub"
done
chmod 755 "$folder" # cups' own backends run as another user
ln -sf /usr/lib/cups/daemon/* "$folder/bin/daemon/"
ln -sf /usr/lib/cups/backend/ipp "$folder/bin/backend/ipp"
cat >"$folder/bin/backend/tray" <<TEXT
#!/bin/sh
RIG=$folder exec $here/tray.sh "\$@"
TEXT
chmod 700 "$folder/bin/backend/tray" # not for others: cupsd then runs it as itself
cat >"$folder/root/cupsd.conf" <<TEXT
Listen 127.0.0.1:$port
ServerName localhost
Browsing Off
WebInterface No
DefaultAuthType None
DirtyCleanInterval ${RIG_CUPS_DIRTY:-0}
ErrorPolicy abort-job
PreserveJobHistory Yes
LogLevel ${RIG_CUPS_LOG:-warn}
<Location />
Order allow,deny
Allow from 127.0.0.1
</Location>
<Policy default>
<Limit All>
Order allow,deny
Allow from 127.0.0.1
</Limit>
</Policy>
TEXT
cat >"$folder/root/cups-files.conf" <<TEXT
ServerRoot $folder/root
RequestRoot $folder/spool
TempDir $folder/tmp
CacheDir $folder/cache
StateDir $folder/state
ServerBin $folder/bin
ServerKeychain $folder/keys
AccessLog $folder/log/access
ErrorLog $folder/log/error
PageLog $folder/log/page
TEXT
exec cupsd -f -c "$folder/root/cupsd.conf" -s "$folder/root/cups-files.conf"
