# SPDX-License-Identifier: GPL-2.0-only
# Suite: a node of a fleet: the Ansible role makes one, twice without a change; a container with what the DaemonSet asks for guards one.
# shellcheck shell=sh disable=SC1091 # the files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh
. ./systemd.sh

SHARE=/usr/share/daxguard
MANIFEST=$SHARE/kubernetes/daxguard-daemonset.yaml

refused()
{
	stranger dgprobe attempt write "$MEMORY/memory$block/state" offline
	[ $? -eq 1 ]
}

# fails COMMAND...
fails()
{
	! "$@"
}

# --- Ansible ---

# A package of what `make install` has put here, which goes: the machine has no daxguard then.
make_package()
{
	_to=/tmp/package
	mkdir -p $_to/DEBIAN
	printf '%s\n' 'Package: daxguard' 'Version: 0.1.0' 'Architecture: amd64' 'Maintainer: the tests <root@localhost>' \
		'Description: what make install has put there' >$_to/DEBIAN/control
	for _file in /usr/sbin/daxguard /usr/lib/systemd/system/daxguard*.service /usr/lib/systemd/system/daxguard*.timer \
		/usr/lib/udev/rules.d/80-daxguard.rules; do
		mkdir -p "$_to${_file%/*}"
		mv "$_file" "$_to$_file" || return 1
	done
	mkdir -p /root/packages
	dpkg-deb --build $_to /root/packages/daxguard.deb && rm -rf /etc/daxguard
}

# play MODE: the role on this machine, in that mode; what it says goes to /tmp/play.
play()
{
	cat >/root/site.yml <<-EOT
		- hosts: localhost
		  connection: local
		  roles:
		    - role: daxguard
		      vars:
		        daxguard_debs: [/root/packages/daxguard.deb]
		        daxguard_mode: $1
		        daxguard_journal: true
		        daxguard_config:
		          - {section: dax0.0, lines: [zone = movable]}
		          - {section: allow, lines: [uid = 4711]}
	EOT
	ANSIBLE_ROLES_PATH=$SHARE/ansible/roles ANSIBLE_NOCOLOR=1 ansible-playbook -i localhost, /root/site.yml >/tmp/play 2>&1
	_status=$?
	cat /tmp/play >&2
	return $_status
}

# refuses_mode MODE: the play fails by what daxguard says of the file.
refuses_mode()
{
	play "$1" && return 1
	grep -q "line 3 .*50-ansible.conf" /tmp/play
}

# changed N|some: so many tasks of the last play have changed something, and none has failed.
changed()
{
	_recap=$(grep -E 'ok=[0-9]+ .*failed=0 ' /tmp/play) || return 1
	case $1 in
	some) ! echo "$_recap" | grep -q 'changed=0 ' ;;
	*) echo "$_recap" | grep -q "changed=$1 " ;;
	esac
}

ansible()
{
	systemctl disable --now daxguard.service
	check 'a package of what is installed, which goes' make_package
	check 'the machine has no daxguard' fails test -e /usr/sbin/daxguard
	check 'Ansible: the role is through' play audit
	check 'Ansible: it has changed something' changed some
	check 'Ansible: the guard is loaded' is_active daxguard.service
	check 'Ansible: and enabled' systemctl --quiet is-enabled daxguard.service
	check 'Ansible: so is the timer of the metrics' systemctl --quiet is-enabled daxguard-metrics.timer
	check 'Ansible: so is the log of events' is_active daxguard-journal.service
	check 'Ansible: the mode is audit' test "$(field mode)" = audit
	check 'Ansible: the policy of the device is there' sh -c "daxguard policy list | grep -q '^dax0.0 .*movable'"
	check 'Ansible: the allow list is there' sh -c "daxguard allow list | grep -q 4711"
	check 'Ansible: a second time' play audit
	check 'Ansible: a second time nothing changes' changed 0
	check 'Ansible: another mode' play enforce
	check 'Ansible: another mode: something has changed' changed some
	check 'Ansible: another mode is in force' test "$(field mode)" = enforce
	check 'Ansible: a mode that there is not fails, with its line' refuses_mode loud
	check 'Ansible: the old one stays in force' test "$(field mode)" = enforce
	check 'Ansible: mended' play enforce
}

# --- the DaemonSet ---

# The image's files: the command with its libraries, and a shell.
make_rootfs()
{
	mkdir -p $ROOTFS/usr/sbin $ROOTFS/usr/bin $ROOTFS/usr/lib64 $ROOTFS/proc $ROOTFS/sys $ROOTFS/dev $ROOTFS/tmp $ROOTFS/etc/daxguard \
		$ROOTFS/textfile
	ln -s usr/bin $ROOTFS/bin
	ln -s usr/lib64 $ROOTFS/lib64
	cp /usr/sbin/daxguard $ROOTFS/usr/sbin/
	for _lib in $(ldd /usr/sbin/daxguard | grep -o '/[^ ]*'); do
		mkdir -p "$ROOTFS${_lib%/*}"
		cp -L "$_lib" "$ROOTFS$_lib"
	done
	cp /usr/bin/busybox $ROOTFS/usr/bin/
	for _applet in sh sleep cat grep; do
		ln -s busybox $ROOTFS/usr/bin/$_applet
	done
	$ROOTFS/usr/bin/busybox true
}

ROOTFS=/srv/image

# container NAME [COMMAND...]: runs that container of the pod, with that command in place of its own. The guest's root is an initramfs,
# out of which nobody can pivot.
container()
{
	_container=$1
	rm -rf "/tmp/bundle.$_container"
	_args=$_container
	shift
	./pod-to-oci $MANIFEST "$_args" $ROOTFS "/tmp/bundle.$_container" "$@" >/tmp/caps || return 99
	crun --cgroup-manager=disabled run --no-pivot --bundle "/tmp/bundle.$_container" "$_container-$$"
}

# loads_without CAPABILITY: the container can load without it.
loads_without()
{
	daxguard unload
	sed "/^ *- $1\$/d" $MANIFEST >/tmp/less.yaml
	./pod-to-oci /tmp/less.yaml load $ROOTFS /tmp/bundle.less >/tmp/caps || return 99
	crun --cgroup-manager=disabled run --no-pivot --bundle /tmp/bundle.less "less-$$" 2>"$SAID"
}

# needs CAPABILITY: without it daxguard in the container says why it cannot load, and nothing is loaded.
needs()
{
	loads_without "$1" && return 1
	cat "$SAID" >&2
	grep -q '^daxguard: ' "$SAID" && [ "$(field loaded)" = false ]
}

# The effective capabilities of the container, as their numbers' bits.
has_capabilities()
{
	_got=$(container "$1" /usr/bin/grep CapEff /proc/self/status | grep -o '[0-9a-f]*$')
	note "$1: $(cat /tmp/caps): $_got"
	[ "$_got" = "$2" ]
}

# read_only FILE: the container is told so when it writes there.
read_only()
{
	container guard /usr/bin/sh -c "echo 0 >$1" >/tmp/written 2>&1 && return 1
	cat /tmp/written >&2
	grep -q 'Read-only file system' /tmp/written
}

daemonset()
{
	systemctl disable --now daxguard-journal.service daxguard-metrics.timer daxguard.service
	rm -rf /etc/daxguard
	check 'the image' make_rootfs
	check 'the guard of the node is gone' test "$(field loaded)" = false

	# SYS_ADMIN 21, SYSLOG 34, DAC_READ_SEARCH 2; DAC_OVERRIDE 1
	check 'pod: the capabilities of load are those three' has_capabilities load 0000000400200004
	check 'pod: those of metrics are two' has_capabilities metrics 0000000000200002
	check 'pod: it has no network' test "$(container guard /usr/bin/grep -c : /proc/net/dev)" = 1
	check 'pod: it sees the processes of the node' container guard /usr/bin/grep -q systemd /proc/1/comm
	for _file in /etc/daxguard/x /tmp/x /sys/kernel/profiling "$MEMORY/auto_online_blocks"; do
		check "pod: $_file is not to be written" read_only $_file
	done

	check 'pod: load' container load
	check 'pod: the guard is loaded, as the node sees it' test "$(field loaded)" = true
	check 'pod: in the mode of the ConfigMap' test "$(field mode)" = audit
	check 'pod: the probe' container guard /usr/sbin/daxguard policy list
	container guard /usr/sbin/daxguard events --follow >/tmp/log 2>&1 &
	check 'pod: its controllers are those of the ConfigMap' test "$(daxguard controller list | grep -c exe=)" = 3
	daxguard policy set '*' mode=enforce
	check 'node: held, a stranger is refused' daxguard run dax0.0 -- sh ./t-nodes.sh refused
	check 'pod: its log has who was refused' wait_for 60 grep -q 'refused *dax0.0' /tmp/log
	note_lines /tmp/log
	crun kill "guard-$$" KILL
	check 'pod: it is gone, the guard stays' test "$(field loaded)" = true
	check 'pod: metrics' container metrics /usr/sbin/daxguard metrics --textfile=/textfile/daxguard.prom
	check 'pod: metrics are on the node' grep -q '^daxguard_loaded 1' /var/lib/prometheus/node-exporter/daxguard.prom
	check 'pod: another load takes over' container load
	check 'pod: its counters go on' test "$(counter refused)" -ge 1

	check 'pod: without SYS_ADMIN it cannot load' needs SYS_ADMIN
	for _cap in DAC_READ_SEARCH SYSLOG; do
		loads_without $_cap && note "loads without $_cap, too"
	done
	daxguard unload
}

case ${1:-} in
'') ;;
*)
	block=$(dax_blocks dax0.0 | sed -n 1p)
	"$1"
	exit
	;;
esac

check 'the boot is done' booted running
udevadm settle
[ "$(dax_driver dax0.0)" = kmem ] || daxctl reconfigure-device -m system-ram --no-online dax0.0
udevadm settle
stranger true
case $(cat /proc/cmdline) in
*daxguard.only=pod*) ;;
*) ansible ;;
esac
daemonset
