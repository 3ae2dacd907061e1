# SPDX-License-Identifier: GPL-2.0-only
# Suite: the Debian packages on a booted Debian: udev's rules, daxctl and qemu-guest-agent, upgrade while a device is held, remove, purge.
# daxguard.rounds=N: so many upgrades, each with a reload. daxguard.short=1: openSUSE's rule alone. In a root of boot-root --packaged.
# shellcheck shell=sh disable=SC1091,SC2154 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./systemd.sh
. ./rules.sh

GA=/run/ga.sock
LET_GO=/tmp/let-go
rounds=$(boot_number daxguard.rounds 4)

installed_is()
{
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1")" = "$2" ]
}

loaded_is()
{
	[ "$(field loaded)" = "$1" ]
}

before_the_first_event()
{
	udevadm settle
	_seen=$(first_seen)
	_active=$(property daxguard.service ActiveEnterTimestampMonotonic)
	note "the unit was active after $_active us, the first memory event was handled after $_seen us"
	[ "$_active" -gt 0 ] && [ "$_active" -lt "${_seen:-0}" ]
}

kmem_by_udev()
{
	udevadm settle
	[ "$(dax_driver dax0.0)" != none ]
}

# On 6.1 kmem is not the driver that takes it first.
ready_by_udev()
{
	wait_for 60 kmem_by_udev || dax_load
	[ "$(dax_driver dax0.0)" = kmem ] || daxctl reconfigure-device -m system-ram --no-online dax0.0
	udevadm settle
	total=$(dax_blocks dax0.0 | wc -l)
}

# --- three who bring memory online: udev, daxctl, the guest agent ---

by_udev()
{
	udevadm trigger --action=add --subsystem-match=memory && udevadm settle
}

by_daxctl()
{
	daxctl online-memory dax0.0
}

# ga COMMAND: asks the agent, and prints its answer.
ga()
{
	perl -MIO::Socket::UNIX -e '$s = IO::Socket::UNIX->new(Peer => shift) or die $!; print $s shift, "\n"; $s->flush; print scalar <$s>' \
		$GA "$1"
}

start_ga()
{
	qemu-ga -m unix-listen -p $GA -f /run/ga.pid -t /run -d && wait_for 60 test -S $GA && ga '{"execute":"guest-ping"}'
}

by_agent()
{
	for _b in $(dax_blocks dax0.0); do
		printf '%s{"phys-index":%s,"online":true}' "${_blocks:+,}" "$_b"
		_blocks=$_b
	done >/tmp/blocks
	_blocks=
	ga "{\"execute\":\"guest-set-memory-blocks\",\"arguments\":{\"mem-blks\":[$(cat /tmp/blocks)]}}"
}

# online_is N
online_is()
{
	_n=$(count_blocks dax0.0 online)
	echo "$_n of $total blocks are online" >&2
	[ "$total" -gt 0 ] && [ "$_n" -eq "$1" ]
}

# Somebody holds dax0.0, all of it offline, until let_it_go.
hold()
{
	rm -f $LET_GO
	daxguard run --deadline=100000 dax0.0 -- sh ./t-package.sh holder &
	holder=$!
	wait_for 120 online_is 0
}

let_it_go()
{
	: >$LET_GO
	wait "$holder"
}

holder()
{
	offline_all dax0.0 && until [ -e $LET_GO ]; do usleep 20000; done
}

case ${1:-} in
'') ;;
*)
	"$1"
	exit
	;;
esac

# Outside of a transition as without the guard, in one nothing, and then again as before.
# tries NAME COMMAND
tries()
{
	check "$1: dax0.0 is held" hold
	_refused=$(counter refused)
	"$2" >/tmp/answer 2>&1
	note_lines /tmp/answer
	check "$1: held: no block comes online" online_is 0
	check "$1: held: it was refused" test "$(counter refused)" -ge $((_refused + 1))
	check "$1: the owner ends well" let_it_go
	"$2" >/tmp/answer 2>&1
	check "$1: free again: all come online, without help" wait_for 60 online_is "$total"
}

# --- packages ---

# Two who write to every block as fast as they can, beside those who upgrade, and udev's rule again and again; until calm.
storm()
{
	rm -f /tmp/calm /tmp/storm
	# shellcheck disable=SC2046 # words
	stranger sh -c "echo \$\$ >/tmp/storm && exec nice dgprobe rivals 2 online $(state_files dax0.0 | tr '\n' ' ')" >/tmp/rivals &
	rivals=$!
	(until [ -e /tmp/calm ]; do by_udev && usleep 200000; done) &
	coldplug=$!
	wait_for 60 test -s /tmp/storm
}

calm()
{
	: >/tmp/calm
	kill "$(cat /tmp/storm)"
	wait $rivals $coldplug
}

# The numbers of the first event that is kept and of the last.
events_kept()
{
	daxguard events -j | dgprobe json seq >/tmp/seqs
	echo "$(head -n 1 /tmp/seqs) $(tail -n 1 /tmp/seqs)"
}

# history_goes_on N: events are told that came after that of number N, and it itself, unless later ones took its place.
history_goes_on()
{
	# shellcheck disable=SC2046 # words
	set -- "$1" $(events_kept)
	echo "events $2 to $3 are kept, number $1 was before" >&2
	[ "$3" -gt "$1" ] && { [ "$2" -le "$1" ] || [ $(($3 - $2)) -ge 4095 ]; }
}

# One upgrade or downgrade after the other, each a guard in the place of another, and after each the configuration again.
upgrades()
{
	_i=0
	while [ $_i -lt "$rounds" ]; do
		_deb=/packages/later/daxguard.deb
		[ $((_i % 2)) -eq 0 ] || _deb=$(echo /packages/now/daxguard_*.deb)
		if ! dpkg --install "$_deb" >/tmp/dpkg 2>&1 || grep -q 'says what is not well' /tmp/dpkg; then
			cat /tmp/dpkg >&2
			return 1
		fi
		_build=$(bpftool_build)
		[ "$_build" != "$_former" ] || {
			echo "round $_i: the build loaded is still $_build" >&2
			return 1
		}
		_former=$_build
		systemctl reload daxguard.service || return 1
		[ "$(field transitions.0.device transitions.0.owner.pid)" = "$held" ] || {
			echo "round $_i: held is $(field transitions.0.device transitions.0.owner.pid), not $held; expired: $(counter expired)" >&2
			return 1
		}
		_i=$((_i + 1))
	done
}

# Which programs are loaded: their numbers are new with each set.
bpftool_build()
{
	stat -c %i $PINS/v1/links/* | tr '\n' ' '
}

metrics_and_log_run()
{
	systemctl --quiet is-active daxguard-metrics.timer && systemctl --quiet is-active daxguard-journal.service
}

upgrade_while_held()
{
	stranger true
	mkdir -p /var/lib/prometheus/node-exporter
	check 'upgrade: metrics and log are turned on' systemctl enable --now daxguard-metrics.timer daxguard-journal.service
	# however long they take
	printf '[*]\nmax_hold = 0\n' >/etc/daxguard/conf.d/long.conf
	check 'upgrade: the configuration is applied' systemctl reload daxguard.service
	check 'upgrade: dax0.0 is held' hold
	held=$(field transitions.0.device transitions.0.owner.pid)
	refused=$(counter refused)
	_former=$(bpftool_build)
	# shellcheck disable=SC2046 # words
	set -- $(events_kept)
	check 'upgrade: a storm is on' storm
	check "upgrade: $rounds times, each guard in the place of the former, and reloaded" upgrades
	calm
	check 'upgrade: of all who wrote nobody has come through' grep '^ok 0 busy [1-9]' /tmp/rivals
	check 'upgrade: no block is online' online_is 0
	check 'upgrade: no change has slipped' test "$(counter slipped)" = 0
	note "refused: $refused before, $(counter refused) after"
	check 'upgrade: the counters go on' test "$(counter refused)" -gt "$refused"
	check 'upgrade: the history goes on' history_goes_on "$2"
	check 'upgrade: the unit was neither stopped nor started' test "$(property daxguard.service ActiveEnterTimestampMonotonic)" = "$active"
	check 'upgrade: metrics and log go on' wait_for 60 metrics_and_log_run
	check 'upgrade: the owner ends well' let_it_go
}

# The next layout of the pins, and back: that the older one says, and the newer guard goes on.
next_layout()
{
	check 'next layout: dpkg installs it' dpkg --install /packages/next/daxguard.deb
	check 'next layout: it is loaded' loaded_is true
	check 'next layout: its pins are there' test -d $PINS/v2/links
	check 'downgrade: dpkg installs the older one' sh -c 'dpkg --install /packages/now/daxguard_*.deb >/tmp/dpkg 2>&1'
	note_lines /tmp/dpkg
	check 'downgrade: it says whose guard is loaded' grep -q 'a newer daxguard has loaded the guard' /tmp/dpkg
	check 'downgrade: the newer guard goes on' test -d $PINS/v2/links
	check 'downgrade: and back' dpkg --install /packages/next/daxguard.deb
}

no_pins()
{
	[ ! -e $PINS ]
}

remove_and_purge()
{
	check 'remove: dpkg removes it' dpkg --remove daxguard
	check 'remove: the guard is gone' no_pins
	check 'remove: its unit is gone' test "$(property daxguard.service LoadState)" != loaded
	check 'remove: the configuration stays' test -e /etc/daxguard/daxguard.conf
	check 'removed: udev onlines every block' sh -c '. ./lib.sh && offline_all dax0.0 && udevadm trigger --action=add --subsystem-match=memory && udevadm settle'
	check 'removed: all are online' online_is "$total"
	mkdir -p /etc/daxguard/conf.d && : >/etc/daxguard/conf.d/mine.conf
	check 'purge: dpkg purges it' dpkg --purge daxguard
	check 'purge: nothing is left in /etc' test -z "$(find /etc -name '*daxguard*' ! -path '/etc/systemd/system/daxguard.service.d*')"
}

# What README says to do, on a Debian without daxguard. make cannot build here: the host has done that, and this one gives what it made.
stand_ins()
{
	mkdir -p /usr/local/bin /root/daxguard/build
	cat >/usr/local/bin/make <<-'END'
		#!/bin/sh
		[ "$*" = deb ] && cp -r /packages/now build/deb
	END
	printf '#!/bin/sh\nexec "$@"\n' >/usr/local/bin/sudo
	chmod 755 /usr/local/bin/make /usr/local/bin/sudo
}

# The first block below "Install", without the comments.
readme_commands()
{
	sed -n '/^## Install$/,/^## /p' /packages/README.md | awk '/^    / { print; seen = 1; next } seen { exit }' |
		sed 's/^    //; s/ *#.*//; s/ *$//'
}

newcomer()
{
	_begin=$(uptime_s)
	stand_ins
	readme_commands >/tmp/readme
	check 'README: it says what to do' test -s /tmp/readme
	while IFS= read -r _command; do
		check "README: $_command" sh -c "cd /root/daxguard && $_command" </dev/null
	done </tmp/readme
	note "README: $(($(uptime_s) - _begin)) s without what make takes"
	check 'README: within five minutes' test $(($(uptime_s) - _begin)) -lt 300
	check 'README: the guard is loaded' loaded_is true
	check 'README: the unit is active' test "$(property daxguard.service ActiveState)" = active
	check 'README: it is enabled' systemctl is-enabled daxguard.service
	check 'README: dax0.0 can be held' hold
	check 'README: and let go' let_it_go
}

check 'the boot is done' booted running || {
	journalctl -b -u daxguard.service -o cat >/tmp/journal
	note_lines /tmp/journal
}
check 'the packages are installed' installed_is daxguard installed
check "journalctl's catalog has daxguard's messages" sh -c 'journalctl --list-catalog | grep "daxguard: A device is held"'
check 'the guard is loaded' loaded_is true
active=$(property daxguard.service ActiveEnterTimestampMonotonic)
check 'the unit was active before the first memory event was handled' before_the_first_event
ready_by_udev
check "openSUSE's rule has onlined every block at boot" online_is "$total"
tries "udev with openSUSE's rule" by_udev
if [ "$(boot_number daxguard.short 0)" = 0 ]; then
	redhat_rule >/etc/udev/rules.d/80-memory.rules
	udevadm control --reload
	tries "udev with RHEL's rule" by_udev
	rm /etc/udev/rules.d/80-memory.rules
	udevadm control --reload
	tries "daxctl $(daxctl --version)" by_daxctl
	check 'the guest agent answers' start_ga
	tries "$(qemu-ga --version)" by_agent
	suse_rule >/etc/udev/rules.d/80-memory.rules
	udevadm control --reload
fi
upgrade_while_held
next_layout
remove_and_purge
newcomer
