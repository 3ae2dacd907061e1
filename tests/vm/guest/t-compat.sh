# SPDX-License-Identifier: GPL-2.0-only
# Suite: 32-bit programs: what they write to state, online, unbind and bind is read as that of others is, and so is a module that is to go.
# shellcheck shell=sh disable=SC1091,SC2154 # the three files are beside it
. ./lib.sh
. ./writers.sh
. ./guard.sh

KMEM=$DAX/drivers/kmem
READ_WAYS='write pwrite64 writev pwritev pwritev2'
BLIND_WAYS='two-pieces splice sendfile sendfile64'
case $(uname -m) in
x86_64) READ_WAYS="int80 $READ_WAYS" ;;
esac

unbinds()
{
	dgprobe32 "$1" $KMEM/unbind "$2" && [ "$(dax_driver "$2")" = none ]
}

stays_bound()
{
	busy dgprobe32 "$1" $KMEM/unbind "$2" && [ "$(dax_driver "$2")" = kmem ]
}

# changes FILE WORD STATE WAY: a stranger's write changes the block.
changes()
{
	stranger dgprobe32 "$4" "$MEMORY/memory$spare/$1" "$2" && state_is "$spare" "$3"
}

# is_refused FILE WORD STATE WAY: it gets EBUSY, and the block stays in that state.
is_refused()
{
	busy stranger dgprobe32 "$4" "$MEMORY/memory$spare/$1" "$2" && state_is "$spare" "$3"
}

blocks_are_guarded()
{
	spare=$(first_of dax0.0)
	check 'free: online by a 32-bit write' changes state online_movable online write
	check 'free: offline by a 32-bit write' changes online 0 offline write
	check 'begin' daxguard begin dax0.0
	for way in $READ_WAYS $BLIND_WAYS; do
		check "held: state by $way is refused" is_refused state online_movable offline "$way"
	done
	check 'held: online by write is refused' is_refused online 1 offline write
	check 'held: the owner can' dgprobe32 write "$MEMORY/memory$spare/state" online_movable
	check 'end' daxguard end dax0.0
	offline_all dax0.0
}

# dax0.0 has a block online, dax0.1 has none: what cannot be read counts as dax0.0.
unbind_is_read()
{
	online_block "$(first_of dax0.0)"
	for way in $READ_WAYS; do
		check "one block online: unbind by $way is refused" stays_bound "$way" dax0.0
		check "one block online: the other device is unbound by $way" unbinds "$way" dax0.1
		kmem_offline dax0.1
	done
	for way in $BLIND_WAYS; do
		check "one block online: unbind of the other by $way cannot be read, and is refused" stays_bound "$way" dax0.1
	done
	expect_status 1 'one block online: delete_module of kmem is refused' dgprobe32 delete-module kmem
	expect_status 3 'one block online: that of another module is answered as ever' dgprobe32 delete-module no_such_module
	check 'nothing is lost' state_is "$(first_of dax0.0)" online
	offline_all dax0.0
	for way in $BLIND_WAYS; do
		check "all offline: unbind by $way works" unbinds "$way" dax0.1
		kmem_offline dax0.1
	done
}

# named_to_new_id WAY: a stranger names dax0.1, which unplug has taken away, and it has its driver again.
named_to_new_id()
{
	daxguard unplug dax0.1 >/dev/null || return 1
	stranger dgprobe32 "$1" $KMEM/remove_id dax0.1
	stranger dgprobe32 "$1" $KMEM/new_id dax0.1 && [ "$(dax_driver dax0.1)" = kmem ]
}

# What unplug took away comes back only where its name is seen to be written.
bind_is_read()
{
	daxguard unplug dax0.1
	check 'begin of what has no driver' daxguard begin dax0.1
	check 'held: bind by a stranger is refused' busy stranger dgprobe32 write $KMEM/bind dax0.1
	check 'held: it is bound to nothing' test "$(dax_driver dax0.1)" = none
	check 'end of that' daxguard end dax0.1
	dax_to_kmem dax0.1
	for way in $READ_WAYS; do
		check "unplugged, and named to new_id by $way: it is bound" named_to_new_id "$way"
		offline_all dax0.1
	done
	daxguard unplug dax0.1
	expect_status 1 'unplugged, and named to new_id in two pieces: that is not read, and it stays as it is' named_to_new_id two-pieces
}

if ! dax_load || ! dax_split 2 2 || ! kmem_offline dax0.0 || ! kmem_offline dax0.1; then
	not_ok 'two dax devices' 'there are none'
	exit 0
fi
stranger true
dgprobe32 write /dev/null x
case $? in
126 | 127)
	skip '32-bit programs' "kernel $(uname -r) runs none"
	ok 'nothing to do'
	exit 0
	;;
esac
load_or_quit
blocks_are_guarded
unbind_is_read
bind_is_read
check 'nothing was left undecided' test "$(counter undecided)" = 0
check 'nothing has leaked' test "$(counter leaked)" = 0
check 'unload' daxguard unload
