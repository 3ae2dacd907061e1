# SPDX-License-Identifier: GPL-2.0-only
# Builds, checks and installs daxguard; `make help` lists the targets.

VERSION := 0.1.0

prefix ?= /usr/local
sbindir ?= $(prefix)/sbin
libdir ?= $(prefix)/lib
includedir ?= $(prefix)/include
mandir ?= $(prefix)/share/man
docdir ?= $(prefix)/share/doc/daxguard
datadir ?= $(prefix)/share/daxguard
# the command reads /etc whatever this says, as the manual pages do
sysconfdir ?= /etc
# systemd and udev look here, wherever the command is
unitdir ?= /lib/systemd/system
udevrulesdir ?= /lib/udev/rules.d
completiondir ?= $(prefix)/share/bash-completion/completions
# what journalctl -x prints
catalogdir ?= /usr/lib/systemd/catalog
# where Debian's node_exporter looks for files with metrics
textfiledir ?= /var/lib/prometheus/node-exporter
# initramfs-tools and dracut, likewise
initramfsdir ?= /usr/share/initramfs-tools
dracutdir ?= /usr/lib/dracut/modules.d/90daxguard
zshdir ?= $(prefix)/share/zsh/site-functions
DESTDIR ?=

# For another machine: make CROSS_COMPILE=aarch64-linux-gnu-, with Debian's libraries of that machine in SYSROOT.
ifneq ($(CROSS_COMPILE),)
machine := $(firstword $(subst -, ,$(notdir $(CROSS_COMPILE))))
arch := $(patsubst aarch64,arm64,$(patsubst x86_64,amd64,$(machine)))
O ?= build/$(arch)
SYSROOT ?= $(eval SYSROOT := $$(or $$(shell scripts/sysroot $(arch)),$$(error no libraries of '$(arch)': see above)))$(SYSROOT)
in_sysroot = --sysroot=$(SYSROOT)
ifeq ($(origin CC),default)
CC = $(CROSS_COMPILE)gcc $(in_sysroot)
endif
ifeq ($(origin LD),default)
LD := $(CROSS_COMPILE)ld
endif
ifeq ($(origin AR),default)
AR := $(CROSS_COMPILE)ar
endif
OBJCOPY ?= $(CROSS_COMPILE)objcopy
PKG_CONFIG ?= env PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) \
	PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(multiarch)/pkgconfig:$(SYSROOT)/usr/share/pkgconfig pkg-config
endif

O ?= build
CC ?= gcc
# one at a time: dash looks at the first name alone
CLANG ?= $(firstword $(shell for c in clang-14 clang-19 clang-16; do command -v $$c && break; done) clang)
BPFTOOL ?= $(firstword $(shell PATH="$$PATH:/usr/sbin:/sbin" command -v bpftool) bpftool)
PKG_CONFIG ?= pkg-config
INSTALL ?= install
OBJCOPY ?= objcopy

ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n'
endif

libs := libbpf json-c libudev inih smartcols ncursesw
CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
ifeq ($(WERROR),1)
WARN += -Werror
endif
# for builds that the tests make, such as another layout version
DEFS ?=
cflags = $(DEFS) -std=c11 -D_GNU_SOURCE -DDAXGUARD_VERSION='"$(VERSION)"' $(WARN) -Iinclude -Ilib -Iloader -I$(O) \
	$(shell $(PKG_CONFIG) --cflags $(libs)) $(CFLAGS) -MMD -MP
# pthread_cancel() ends the program where libgcc_s cannot be loaded: so it is there from the start
cancel_libs := -pthread -Wl,--push-state,--no-as-needed -lgcc_s -Wl,--pop-state
ldlibs = $(shell $(PKG_CONFIG) --libs $(libs)) $(cancel_libs)
lib_ldlibs = $(shell $(PKG_CONFIG) --libs libbpf libudev) -lm $(cancel_libs)

# the UAPI headers of this architecture: clang -target bpf does not look there
multiarch = $(shell $(CC) -print-multiarch 2>/dev/null)
# as libbpf names it
bpf_arch = $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))))
bpf_cflags = $(DEFS) -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Wno-unused-parameter \
	-Werror=implicit-function-declaration -D__TARGET_ARCH_$(bpf_arch) \
	-Iinclude -Ibpf -I$(if $(CROSS_COMPILE),$(SYSROOT))/usr/include/$(multiarch) -MMD -MP
ifeq ($(WERROR),1)
bpf_cflags += -Werror
endif

loader_srcs := $(wildcard loader/*.c loader/*/*.c)
loader_objs := $(patsubst %.c,$(O)/%.o,$(loader_srcs))
lib_objs := $(patsubst lib/%.c,$(O)/lib/%.o,$(filter-out lib/example.c,$(wildcard lib/*.c)))
lib_a := $(O)/libdaxguard.a
lib_so := $(O)/libdaxguard.so.$(VERSION)
lib_soname := libdaxguard.so.0
probe_objs := $(patsubst tests/vm/probe/%.c,$(O)/tests/probe/%.o,$(filter-out %.bpf.c,$(wildcard tests/vm/probe/*.c)))
unit_tests := $(patsubst tests/unit/%.c,$(O)/tests/unit/%,$(wildcard tests/unit/test_*.c))
pages := $(patsubst man/%.scd,$(O)/man/%,$(wildcard man/*.scd))
page_sections := $(sort $(patsubst .%,%,$(suffix $(pages))))

.DELETE_ON_ERROR:

.PHONY: all
all: $(O)/daxguard $(lib_a) $(lib_so) $(pages) ## build the command, the library and the manual pages

.PHONY: tests
tests: $(O)/tests/dgprobe $(O)/tests/dgprobe32 $(O)/tests/dgbench $(O)/tests/dgtrue $(O)/tests/dgexample $(O)/tests/daxguard-next $(unit_tests) ## build the test programs

$(O)/bpf/%.bpf.o: bpf/%.bpf.c
	@mkdir -p $(@D)
	$(say) CLANG $@
	$(Q)$(CLANG) $(bpf_cflags) -c $< -o $@

$(O)/daxguard.bpf.o: $(patsubst %.c,$(O)/%.o,$(wildcard bpf/*.bpf.c))
	$(say) LINK $@
	$(Q)$(BPFTOOL) gen object $@ $^

$(O)/daxguard.skel.h: $(O)/daxguard.bpf.o
	$(say) SKEL $@
	$(Q)$(BPFTOOL) gen skeleton $< name daxguard_bpf > $@

$(O)/loader/%.o: loader/%.c $(O)/daxguard.skel.h
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(cflags) $(SANITIZE) -c $< -o $@

# one set of objects for both libraries, so all of it is position-independent
$(O)/lib/%.o: lib/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(cflags) $(SANITIZE) -fPIC -c $< -o $@

# only what the map exports stays global: the names inside are too short for others' programs
$(lib_a): $(lib_objs)
	$(say) AR $@
	$(Q)$(LD) -r -o $(O)/libdaxguard.o $^
	$(Q)$(OBJCOPY) --wildcard --keep-global-symbol='daxguard_*' $(O)/libdaxguard.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(O)/libdaxguard.o

$(lib_so): $(lib_objs) lib/libdaxguard.map
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -shared -Wl,-soname,$(lib_soname) -Wl,-z,defs \
		-Wl,--version-script,lib/libdaxguard.map -o $@ $(lib_objs) $(lib_ldlibs)
	$(Q)ln -sf $(@F) $(O)/$(lib_soname) && ln -sf $(lib_soname) $(O)/libdaxguard.so

$(O)/daxguard: $(loader_objs) $(lib_objs)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(ldlibs)

$(O)/tests/%.bpf.o: tests/bench/%.bpf.c
	@mkdir -p $(@D)
	$(say) CLANG $@
	$(Q)$(CLANG) $(bpf_cflags) -c $< -o $@

$(O)/tests/%.bpf.o: tests/vm/probe/%.bpf.c
	@mkdir -p $(@D)
	$(say) CLANG $@
	$(Q)$(CLANG) $(bpf_cflags) -c $< -o $@

.PRECIOUS: $(O)/tests/%.bpf.o $(O)/tests/%.skel.h

$(O)/tests/%.skel.h: $(O)/tests/%.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name $(*F)_bpf > $@

$(O)/tests/dgbench: tests/bench/dgbench.c $(O)/tests/floor.skel.h
	$(say) CC $@
	$(Q)$(CC) $(cflags) -I$(O)/tests $< -o $@ $(ldlibs)

$(O)/tests/dgtrue: tests/bench/dgtrue.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=c11 $(WARN) -O2 -ffreestanding -fno-stack-protector -static -nostdlib -o $@ $<

$(O)/tests/probe/%.o: tests/vm/probe/%.c
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(cflags) -I$(O)/tests -c $< -o $@

$(O)/tests/probe/deny.o: $(O)/tests/deny.skel.h

$(O)/tests/dgprobe: $(probe_objs)
	$(say) LD $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lpthread -luring -lvterm $(ldlibs)

# as a 32-bit program of this architecture, which needs no library
CC32 ?= $(if $(filter arm64,$(bpf_arch)),arm-linux-gnueabihf-gcc -marm,$(CC) -m32)

$(O)/tests/dgprobe32: tests/vm/probe32/dgprobe32.c
	@mkdir -p $(@D)
	$(say) CC32 $@
	$(Q)$(CC32) -std=c11 $(WARN) -O2 -ffreestanding -fno-builtin -fno-stack-protector -fomit-frame-pointer \
		-fno-tree-loop-distribute-patterns -fno-pie -static -nostdlib -o $@ $<

$(O)/tests/dgexample: lib/example.c $(lib_so)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) -std=c11 $(WARN) -Iinclude $(CFLAGS) $< -o $@ -L$(O) -ldaxguard -Wl,-rpath,'$$ORIGIN/../lib'

# the command as it will be when the layout of the pins changes: t-loader.sh goes there and back
$(O)/tests/daxguard-next: $(O)/daxguard
	$(say) MAKE $@
	$(Q)$(MAKE) --no-print-directory -s O=$(O)/next DEFS=-DDAXGUARD_ABI=2 $(O)/next/daxguard
	@mkdir -p $(@D)
	$(Q)cp $(O)/next/daxguard $@

# everything of the loader but main, built so that sanitizers report what is wrong
unit_objs := $(patsubst %.c,$(O)/unit/%.o,$(filter-out loader/main.c lib/example.c,\
	$(loader_srcs) $(wildcard lib/*.c)))
.SECONDARY: $(unit_objs)
unit_flags := -fsanitize=address,undefined -fno-sanitize-recover=all

$(O)/unit/%.o: %.c $(O)/daxguard.skel.h
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(cflags) $(unit_flags) -c $< -o $@

$(O)/tests/unit/%: tests/unit/%.c $(unit_objs)
	@mkdir -p $(@D)
	$(say) CC $@
	$(Q)$(CC) $(cflags) $(unit_flags) $< $(unit_objs) -o $@ -lcmocka $(ldlibs)

# what it completes is the command
$(O)/tests/unit/test_completion: | $(O)/daxguard

# the same once more for libFuzzer, by clang; FUZZ_TIME seconds each
FUZZ_CC ?= clang-14
FUZZ_TIME ?= 60
fuzz_targets := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_objs := $(patsubst $(O)/unit/%,$(O)/fuzz/obj/%,$(unit_objs))
.SECONDARY: $(fuzz_objs)
fuzz_flags := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all

$(O)/fuzz/obj/%.o: %.c $(O)/daxguard.skel.h
	@mkdir -p $(@D)
	$(say) FUZZ_CC $@
	$(Q)$(FUZZ_CC) $(cflags) $(fuzz_flags) -fsanitize=fuzzer-no-link -c $< -o $@

$(O)/fuzz/%: tests/fuzz/%.c tests/fuzz/fuzz.h $(fuzz_objs)
	$(say) FUZZ_CC $@
	$(Q)$(FUZZ_CC) $(cflags) $(fuzz_flags) -fsanitize=fuzzer -Itests/fuzz $< $(fuzz_objs) -o $@ \
		$(if $(findstring fuzz_cli,$@),-Wl$(comma)--wrap=exit) $(ldlibs)

comma := ,

.PHONY: fuzz-targets
fuzz-targets: $(fuzz_targets)

.PHONY: fuzz
fuzz: need-deps ## fuzz the configuration, the command line, times and events, FUZZ_TIME seconds each (60)
	@$(MAKE) --no-print-directory fuzz-targets
	@tests/fuzz/run $(FUZZ_TIME)

$(O)/man/%: man/%.scd man/tidy.awk
	@mkdir -p $(@D)
	$(say) MAN $@
	$(Q)sed 's|@docdir@|$(docdir)|; s|@datadir@|$(datadir)|' $< | scdoc > $@.scdoc && awk -f man/tidy.awk $@.scdoc > $@ && rm $@.scdoc

.PHONY: deps
deps: ## install the Debian packages that building and testing need
	@scripts/deps --install

.PHONY: need-deps need-package-deps
need-deps:
	@scripts/deps

need-package-deps:
	@scripts/deps --packages

.PHONY: check
check: need-deps ## build, run every test, end with "N passed, N failed, N skipped"
	@tests/run

.PHONY: check-unit
check-unit: need-deps ## the unit tests alone
	@tests/run '^(build|unit)$$'

.PHONY: check-unit-arm64
check-unit-arm64: need-deps ## the unit tests built for arm64, emulated
	@$(MAKE) --no-print-directory CROSS_COMPILE=aarch64-linux-gnu- tests
	@tests/unit/emulated

# Some of it: make check-vm ONLY='t-paths|t-hook'; part of a suite: make check-vm ONLY='7.x t-hook.sh' UNTIL='NAME OF A CHECK'
.PHONY: check-vm
check-vm: need-deps ## the VM suites whose name matches ONLY (a regular expression)
	@tests/run --all '^(build|overlay.*|vm .*($(or $(ONLY),.)).*)$$'

.PHONY: check-all
check-all: need-deps ## every suite on every stock kernel it is made for
	@tests/run --all

.PHONY: check-kernel
check-kernel: need-deps ## builds the kernels of kernel/patches and runs their suites, or those of ONLY
	@tests/run --patched '^(build|overlay .*|vm .*($(or $(ONLY),.)).*)$$'

.PHONY: check-debug
check-debug: need-deps ## on kernels with KASAN, lockdep and kmemleak, the suites of ONLY; takes long
	@DAXGUARD_VM_SCALE=4 tests/run --debug '^(build|overlay .*|vm .*($(or $(ONLY),.)).*)$$'

.PHONY: demo
demo: need-deps ## the race on a stock kernel, without daxguard and with it
	@$(MAKE) --no-print-directory all tests
	@tests/vm/demo

.PHONY: demo-controller
demo-controller: need-deps ## the same with daxctl alone, nothing before it
	@$(MAKE) --no-print-directory all tests
	@tests/vm/demo --controller

.PHONY: bench
bench: need-deps ## instructions a read or write costs
	@$(MAKE) --no-print-directory all tests
	@tests/bench/bench

.PHONY: lint
lint: need-deps ## style, compilers' warnings, cppcheck, shellcheck, the documents' links and pictures
	@scripts/lint

.PHONY: picture
picture: ## draw docs/architecture.md's pictures anew from the #include lines
	@scripts/tree-picture --write

# The header is included, not compiled: what is static in it need not be used.
.PHONY: bpf-headers
bpf-headers: ## whether each header of bpf/ compiles by itself
	@status=0; for header in $(wildcard bpf/*.h); do \
		$(CLANG) $(filter-out -MMD -MP,$(bpf_cflags)) -Werror -fsyntax-only -include $$header -x c /dev/null || \
			{ echo "$$header: does not compile by itself"; status=1; }; \
	done; exit $$status

confdir = $(DESTDIR)$(sysconfdir)/daxguard

units_made := $(notdir $(basename $(wildcard dist/*.service.in)))
units := $(notdir $(wildcard dist/*.service dist/*.timer))

# What somebody has written into the configuration is his.
.PHONY: install
install: all ## install under $(DESTDIR)$(prefix)
	$(INSTALL) -d $(DESTDIR)$(sbindir) $(addprefix $(DESTDIR)$(mandir)/man,$(page_sections)) \
		$(DESTDIR)$(unitdir) $(DESTDIR)$(udevrulesdir) $(DESTDIR)$(completiondir) $(DESTDIR)$(zshdir) $(DESTDIR)$(docdir)/docs
	$(INSTALL) -d $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(includedir)
	$(INSTALL) -m 755 $(O)/daxguard $(DESTDIR)$(sbindir)/daxguard
	$(INSTALL) -m 644 include/libdaxguard.h $(DESTDIR)$(includedir)
	$(INSTALL) -m 644 $(lib_a) $(lib_so) $(DESTDIR)$(libdir)
	ln -sf $(notdir $(lib_so)) $(DESTDIR)$(libdir)/$(lib_soname)
	ln -sf $(lib_soname) $(DESTDIR)$(libdir)/libdaxguard.so
	sed 's|@prefix@|$(prefix)|; s|@libdir@|$(libdir)|; s|@includedir@|$(includedir)|; s|@version@|$(VERSION)|' \
		lib/libdaxguard.pc.in > $(O)/libdaxguard.pc
	$(INSTALL) -m 644 $(O)/libdaxguard.pc $(DESTDIR)$(libdir)/pkgconfig
	for page in $(pages); do \
		$(INSTALL) -m 644 $$page $(DESTDIR)$(mandir)/man$${page##*.} || exit 1; \
	done
	for file in $(units_made) 80-daxguard.rules; do \
		sed 's|@sbindir@|$(sbindir)|; s|@sysconfdir@|$(sysconfdir)|; s|@textfiledir@|$(textfiledir)|' \
			dist/$$file.in > $(O)/$$file || exit 1; \
	done
	$(INSTALL) -m 644 $(addprefix $(O)/,$(units_made)) $(addprefix dist/,$(units)) $(DESTDIR)$(unitdir)
	$(INSTALL) -d $(DESTDIR)$(catalogdir) $(DESTDIR)$(datadir)
	$(INSTALL) -m 644 dist/daxguard.catalog $(DESTDIR)$(catalogdir)
	cp -R --no-preserve=ownership dist/prometheus dist/kubernetes dist/ansible $(DESTDIR)$(datadir)
	$(INSTALL) -m 644 $(O)/80-daxguard.rules $(DESTDIR)$(udevrulesdir)
	$(INSTALL) -m 644 dist/daxguard.bash-completion $(DESTDIR)$(completiondir)/daxguard
	$(INSTALL) -m 644 dist/daxguard.zsh-completion $(DESTDIR)$(zshdir)/_daxguard
	$(INSTALL) -m 644 README.md CONTRIBUTING.md LICENSE LICENSE.LGPL-2.1 dist/daxguard.conf.sample $(DESTDIR)$(docdir)
	$(INSTALL) -m 644 docs/*.md docs/*.svg $(wildcard docs/*.png) $(DESTDIR)$(docdir)/docs
	$(INSTALL) -d $(DESTDIR)$(initramfsdir)/hooks $(DESTDIR)$(initramfsdir)/scripts/init-top $(DESTDIR)$(dracutdir)
	for file in hooks/daxguard scripts/init-top/daxguard; do \
		$(INSTALL) -m 755 dist/initramfs-tools/$$file $(DESTDIR)$(initramfsdir)/$$file || exit 1; \
	done
	$(INSTALL) -m 755 dist/dracut/module-setup.sh dist/dracut/daxguard-load.sh $(DESTDIR)$(dracutdir)
	$(INSTALL) -d $(confdir)/conf.d
	$(INSTALL) -m 644 docs/*.png docs/timeline.svg $(DESTDIR)$(docdir)/docs
	[ -e $(confdir)/daxguard.conf ] || $(INSTALL) -m 644 dist/daxguard.conf $(confdir)

# the module has a version of its own: dkms wants the directory named by it
dkmsdir = $(DESTDIR)/usr/src/daxguard-hook-$(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"$$/\1/p' kernel/module/dkms.conf)

.PHONY: install-dkms
install-dkms: ## put the kernel module's source where dkms looks for it
	$(INSTALL) -d $(dkmsdir)
	$(INSTALL) -m 644 $(filter-out %/add-btf,$(wildcard kernel/module/*)) $(dkmsdir)
	$(INSTALL) -m 755 kernel/module/add-btf $(dkmsdir)

.PHONY: deb
deb: need-package-deps ## the Debian packages, in $(O)/deb
	@scripts/deb --no-lintian $(O)/deb

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(sbindir)/daxguard $(addprefix $(DESTDIR)$(unitdir)/,$(units_made) $(units)) \
		$(DESTDIR)$(udevrulesdir)/80-daxguard.rules $(DESTDIR)$(catalogdir)/daxguard.catalog \
		$(foreach page,$(notdir $(pages)),$(DESTDIR)$(mandir)/man$(patsubst .%,%,$(suffix $(page)))/$(page)) \
		$(DESTDIR)$(completiondir)/daxguard $(DESTDIR)$(zshdir)/_daxguard $(DESTDIR)$(includedir)/libdaxguard.h \
		$(DESTDIR)$(libdir)/libdaxguard.* $(DESTDIR)$(libdir)/pkgconfig/libdaxguard.pc
	rm -f $(DESTDIR)$(initramfsdir)/hooks/daxguard $(DESTDIR)$(initramfsdir)/scripts/init-top/daxguard
	rm -rf $(DESTDIR)$(docdir) $(DESTDIR)$(datadir) $(DESTDIR)$(dracutdir)
	! cmp -s dist/daxguard.conf $(confdir)/daxguard.conf || rm $(confdir)/daxguard.conf
	rmdir --ignore-fail-on-non-empty $(confdir)/conf.d $(confdir) 2>/dev/null || :

.PHONY: clean
clean: ## remove what was built
	rm -rf $(O)

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

-include $(shell find $(O) -name '*.d' 2>/dev/null)
