# SPDX-License-Identifier: GPL-2.0-only
# Suite: firmware is asked to eject the host bridge above a device: refused while kmem has the device, let through when it has not.
# shellcheck shell=sh disable=SC1091,SC2154 # the five files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./machines.sh
. ./ways.sh

# event_names ANCESTOR: one has come that names it, and says what to do with what is below.
event_names()
{
	daxguard events >/tmp/events
	grep -q "refused.* by way of $1 (acpi), which takes dax0.0 along; run 'daxguard unplug dax0.0' first" /tmp/events && return
	note_lines /tmp/events
	return 1
}

asks()
{
	stranger dgprobe attempt write "$file" 1
}

# other_memory: a block of ordinary memory goes offline and comes back: nobody is left with the lock for that.
other_memory()
{
	for _m in "$MEMORY"/memory*; do
		timeout 60 sh -c "echo offline >$_m/state && echo online >$_m/state" 2>/dev/null && return
	done
	return 1
}

if ! ready_machine; then
	not_ok "the memory of the machine $MACHINE" 'there is none'
	exit 0
fi
stranger true
load_or_quit
file=$(ejects)
name=$(basename "$(dirname "$file")")
check 'there is such a file' test -e "$file"
check 'all blocks are online' to_online_kmem dax0.0
expect_status 1 'online: it is refused' asks
check 'the event names the ACPI device' event_names "$name"
check 'all is offline' offline_all dax0.0
expect_status 1 'offline, but in kmem: it is refused' asks
says 0 'what is above is unplugged, as the event advises' '' daxguard unplug dax0.0
expect_status 0 'out of kmem: it is let through' asks
check 'the device goes' wait_for 60 test ! -e "$DAX/devices/dax0.0"
check 'the bridge goes' wait_for 60 test ! -e /sys/bus/pci/devices/0000:0c:00.0
check 'other memory can be changed as before' other_memory
check 'nothing is lost' test "$(counter leaked)" = 0
check 'nothing was left undecided' test "$(counter undecided)" = 0
