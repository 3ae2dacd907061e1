# SPDX-License-Identifier: GPL-2.0-only
# The udev rules by which distributions bring memory online, as they ship them.
# shellcheck shell=sh

# openSUSE, 80-hotplug-cpu-mem.rules
suse_rule()
{
	cat <<-'END'
		SUBSYSTEM=="memory", ACTION=="add", TEST=="state", ATTR{state}=="offline", ATTR{state}="online"
	END
}

# RHEL, 40-redhat.rules
redhat_rule()
{
	cat <<-'END'
		SUBSYSTEM!="memory", GOTO="memory_hotplug_end"
		ACTION!="add", GOTO="memory_hotplug_end"
		PROGRAM="/bin/uname -p", RESULT=="s390*", GOTO="memory_hotplug_end"
		ENV{.state}="online"
		PROGRAM="/bin/systemd-detect-virt", RESULT=="none", ENV{.state}="online_movable"
		ATTR{state}=="offline", ATTR{state}="$env{.state}"
		LABEL="memory_hotplug_end"
	END
}
