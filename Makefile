# kstack. The targets that people use: all (the default), generate, demo, test, lint, format, fuzz, bench, install,
# uninstall, wheel, sdist, deb, docs, test-packages, clean.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
DESTDIR ?=
SHELL := /bin/bash
.DELETE_ON_ERROR:

VERSION := $(shell sed -n 's/^.define KSTACK_VERSION "\(.*\)"/\1/p' Include/kstack.h)
ABI := $(shell sed -n 's/^.define KSTACK_ABI_VERSION \([0-9]*\)/\1/p' Include/kstack.h)
SONAME := libkstack.so.$(ABI)
REAL := libkstack.so.$(VERSION)

BUILD := $(CURDIR)/build
LIBRARY := $(BUILD)/lib/libkstack.so
ARCHIVE := $(BUILD)/lib/libkstack.a
COMMAND := $(BUILD)/bin/kstack
VENV := $(BUILD)/venv

# Debian packages, one line for each purpose.
APT_BUILD := make pkg-config gcc g++ binutils libsodium-dev libyaml-dev libjansson-dev libcurl4-openssl-dev
APT_DEMO := age golang-go python3
APT_TEST := git go-staticcheck python3-venv cmake libcmocka-dev zlib1g-dev clang-format codespell shellcheck strace util-linux procps valgrind gdb abigail-tools \
  $(if $(shell command -v kubectl),,kubernetes-client)

APT_PACKAGES := dpkg-dev lintian debootstrap bubblewrap openssl chromium musl-tools

.PHONY: all generate demo test test-packages lint fuzz bench install uninstall wheel sdist deb docs clean force deps-build deps-docs \
  deps-demo deps-test format
all: $(LIBRARY) $(ARCHIVE) $(COMMAND) $(BUILD)/kstack.spdx.json $(BUILD)/pkgconfig/kstack.pc

# ----------------------------------------------------------------------------------------------------- the library

# The C libraries go in as archives. pkg-config puts its own -L first, so it is given copies of the .pc files whose
# libdir holds nothing but links to the archives.
STATIC := $(BUILD)/static
$(STATIC)/done: Makefile | deps-build
	@Tests/support/static-archives $(STATIC) libsodium yaml-0.1 jansson
	@touch $@

# Changes with the compiler, so that what is made of its files is made again.
$(BUILD)/compiler: force | deps-build
	@mkdir -p $(@D)
	@version=$$(swift --version 2>&1) || exit 0; cmp -s - $@ <<< "$$version" || cat > $@ <<< "$$version"

# Swift's library, of which the linker may leave functions out.
SWIFT_CORE := $(BUILD)/swift/libswiftCore.a
$(SWIFT_CORE): packaging/droppable.c $(BUILD)/compiler | deps-build
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra -Werror $< -o $(BUILD)/droppable
	cp "$$(dirname "$$(readlink -f "$$(command -v swift)")")/../lib/swift_static/linux/libswiftCore.a" $@.new
	$(BUILD)/droppable $@.new
	@mv $@.new $@

# X-Wing, which post-quantum recipients need. PQ=0 builds without it; Package.swift reads the variable.
PQ ?= 1
export KSTACK_PQ := $(if $(filter 0,$(PQ)),0,1)
XWING := $(if $(filter 0,$(PQ)),,$(BUILD)/xwing/libcxwing.a)
$(BUILD)/xwing/libcxwing.a: $(wildcard Sources/CXWing/*) packaging/boringssl/Package.swift | deps-build
	Sources/CXWing/build $(@D) $(CURDIR)/.build-boringssl

# Changes with PQ, so that what depends on it is rebuilt.
$(BUILD)/pq: force
	@mkdir -p $(@D)
	@echo $(KSTACK_PQ) | cmp -s - $@ || echo $(KSTACK_PQ) > $@

SWIFT_SOURCES := $(shell find Sources Include -type f)
# Each function of ours is a section of its own, too, and public ones are not marked. What Swift's runtime takes from
# libstdc++ goes in, less than 0.1 MB of it, so that programs need not load the whole.
SWIFT_SMALL = -Xswiftc -Xfrontend -Xswiftc -function-sections -Xswiftc -Xfrontend -Xswiftc -internalize-at-link \
  -Xlinker '--remap-inputs=*/libswiftCore.a=$(SWIFT_CORE)' \
  -Xlinker "--remap-inputs=*/libstdc++.so=$$($(CXX) -print-file-name=libstdc++.a)"
SWIFT_LINK := -Xswiftc -use-ld=lld -Xlinker --version-script=$(CURDIR)/Sources/kstack.map -Xlinker -soname=$(SONAME) \
  -Xlinker -z -Xlinker nodelete -Xlinker -z -Xlinker now -Xlinker --wrap=free -Xlinker --wrap=realloc \
  -Xlinker --wrap=_swift_stdlib_getScalarName
# The linker lists what it took from each archive, for the SBOM.
extracted = -Xlinker --why-extract=$(CURDIR)/$(1)/extracted
SWIFT_CHECK := --explicit-target-dependency-import-check error

# Also removes what differs between two folders: hashes of debug information, which has the folder's name. The strip of
# binutils would then leave out GNU_RELRO.
STRIP = "$$(dirname "$$(readlink -f "$$(command -v swift)")")/llvm-objcopy" -R .swift_modhash -R .note.gnu.build-id

$(LIBRARY): $(SWIFT_SOURCES) Package.swift $(STATIC)/done $(SWIFT_CORE) $(XWING) $(BUILD)/pq
	@rm -f .build-release/release/libKStack.so # SwiftPM links again by its own inputs only
	PKG_CONFIG_PATH=$(STATIC)/pkgconfig swift build -c release --product KStack --scratch-path .build-release \
	  $(SWIFT_CHECK) -Xswiftc -static-stdlib $(SWIFT_SMALL) $(SWIFT_LINK) $(call extracted,.build-release)
	@mkdir -p $(BUILD)/lib
	@rm -f $(BUILD)/lib/libkstack.so*
	$(STRIP) --strip-unneeded .build-release/release/libKStack.so $(BUILD)/lib/$(REAL)
	@ln -s $(REAL) $(BUILD)/lib/$(SONAME)
	@ln -s $(SONAME) $(LIBRARY)
	@ln -sfn $(CURDIR)/Include $(BUILD)/include

$(ARCHIVE): $(LIBRARY) packaging/archive
	@packaging/archive $(BUILD) .build-release/release/KStack.product/Objects.LinkFileList

$(BUILD)/kstack.spdx.json: $(ARCHIVE) $(COMMAND) packaging/third-party
	@packaging/third-party $(BUILD)

# A build folder of its own: SwiftPM rebuilds everything when the flags differ.
$(COMMAND): $(SWIFT_SOURCES) Package.swift $(STATIC)/done $(SWIFT_CORE) $(XWING) $(BUILD)/pq
	@rm -f .build-command/release/kstack
	PKG_CONFIG_PATH=$(STATIC)/pkgconfig swift build -c release --product kstack --scratch-path .build-command \
	  $(SWIFT_CHECK) --static-swift-stdlib -Xswiftc -use-ld=lld $(SWIFT_SMALL) -Xlinker -z -Xlinker now \
	  $(call extracted,.build-command)
	@mkdir -p $(@D)
	$(STRIP) --strip-all .build-command/release/kstack $@

# For building against the tree, without installing.
$(BUILD)/pkgconfig/kstack.pc: Include/kstack.h Makefile
	@mkdir -p $(@D)
	@$(call write_pc,$(BUILD),$(BUILD)/lib,$(CURDIR)/Include) > $@

define write_pc
printf '%s\n' 'prefix=$(1)' 'libdir=$(2)' 'includedir=$(3)' '' 'Name: kstack' \
  'Description: The right credentials for where a program runs' 'Version: $(VERSION)' \
  'Libs: -L$${libdir} -lkstack' 'Libs.private: -lstdc++ -lm' 'Cflags: -I$${includedir}'
endef

# With DESTDIR a relative path would end up in another folder, and kstack.pc would name a path that does not exist.
define absolute
case '$(PREFIX)' in /*) ;; *) echo "PREFIX must be an absolute path, such as $(abspath $(PREFIX))" >&2; exit 1;; esac; \
case '$(LIBDIR)' in /*) ;; *) echo "LIBDIR must be an absolute path, such as $(abspath $(LIBDIR))" >&2; exit 1;; esac
endef

# Only copies: under sudo PATH differs, and a build would leave files of root in the build folders.
install:
	@$(absolute)
	@[ -f $(BUILD)/lib/$(REAL) ] && [ -f $(ARCHIVE) ] && [ -f $(COMMAND) ] || { echo "Nothing is built yet: run make first, then make install." >&2; exit 1; }
	install -d $(addprefix $(DESTDIR),$(LIBDIR)/pkgconfig $(LIBDIR)/cmake/kstack $(PREFIX)/bin $(PREFIX)/include \
	  $(PREFIX)/share/man/man1 $(PREFIX)/share/doc/kstack $(COMPLETIONS))
	install -m 644 $(BUILD)/lib/$(REAL) $(DESTDIR)$(LIBDIR)/$(REAL)
	ln -sfn $(REAL) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sfn $(SONAME) $(DESTDIR)$(LIBDIR)/libkstack.so
	install -m 644 $(ARCHIVE) $(DESTDIR)$(LIBDIR)/libkstack.a
	install -m 644 Include/kstack.h $(DESTDIR)$(PREFIX)/include/kstack.h
	$(call write_pc,$(PREFIX),$(LIBDIR),$(PREFIX)/include) > $(DESTDIR)$(LIBDIR)/pkgconfig/kstack.pc
	sed -e 's|@VERSION@|$(VERSION)|;s|@LIBDIR@|$(LIBDIR)|;s|@INCLUDEDIR@|$(PREFIX)/include|' packaging/kstack-config.cmake.in \
	  > $(DESTDIR)$(LIBDIR)/cmake/kstack/kstack-config.cmake
	sed -e 's|@VERSION@|$(VERSION)|' packaging/kstack-config-version.cmake.in \
	  > $(DESTDIR)$(LIBDIR)/cmake/kstack/kstack-config-version.cmake
	install -m 755 $(COMMAND) $(DESTDIR)$(PREFIX)/bin/kstack
	install -m 644 LICENSE $(addprefix $(BUILD)/,LICENSE-THIRD-PARTY.txt kstack.spdx.json) $(DESTDIR)$(PREFIX)/share/doc/kstack/
	install -m 644 packaging/kstack.1 $(DESTDIR)$(PREFIX)/share/man/man1/kstack.1
	$(COMMAND) completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/kstack
	$(COMMAND) completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_kstack
	$(COMMAND) completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/kstack.fish
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

COMPLETIONS := $(addprefix $(PREFIX)/share/,bash-completion/completions zsh/site-functions fish/vendor_completions.d)

# All that install wrote, and its own folders.
uninstall:
	@$(absolute)
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,$(REAL) $(SONAME) libkstack.so libkstack.a pkgconfig/kstack.pc) \
	  $(addprefix $(DESTDIR)$(PREFIX)/,bin/kstack include/kstack.h share/man/man1/kstack.1 \
	  share/bash-completion/completions/kstack share/zsh/site-functions/_kstack share/fish/vendor_completions.d/kstack.fish)
	rm -rf $(DESTDIR)$(LIBDIR)/cmake/kstack $(DESTDIR)$(PREFIX)/share/doc/kstack
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

# With the library and the program inside, for machines without Swift. SOURCE_DATE_EPOCH makes builds reproducible.
wheel: all $(VENV)/done
	@packaging/wheel $(BUILD) $(VERSION)

# For machines with Swift, where pip builds a wheel from it.
sdist: all $(VENV)/done
	@packaging/sdist $(BUILD)

deb: all
	@packaging/deb $(BUILD) $(VERSION)

# The documentation as a site that needs no network: build/site/index.html.
docs: deps-docs all $(VENV)/done
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -e "bindings/python[docs]"
	@$(VENV)/bin/python packaging/docs $(BUILD)

# Installs the packages where there is neither Swift nor a build folder.
test-packages: deps-packages wheel sdist deb docs
	@packaging/test $(BUILD)

clean:
	rm -rf build .build .build-release .build-command .build-fuzz .build-tsan .build-boringssl

# ------------------------------------------------------------------------------------------------------ generating

# Generated from the header and committed; `make lint` fails where a file is stale.
generate:
	@Tests/header/generate

# ------------------------------------------------------------------------------------------------------ installing

deps-build:
	@Tests/support/install-packages $(APT_BUILD)
deps-demo:
	@Tests/support/install-packages $(APT_BUILD) $(APT_DEMO)
deps-packages: deps-test
	@Tests/support/install-packages $(APT_PACKAGES)
deps-docs: deps-test
	@Tests/support/install-packages graphviz
deps-test:
	@Tests/support/install-packages $(APT_BUILD) $(APT_DEMO) $(APT_TEST)

$(VENV)/done: bindings/python/pyproject.toml | deps-test
	/usr/bin/python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check -e "bindings/python[test,lint]"
	@touch $@

# ----------------------------------------------------------------------------------------------- demo, tests, bench

demo: deps-demo all
	@Tests/demo/run $(BUILD)

test: deps-test all $(VENV)/done
	@Tests/support/run-tests $(BUILD)

lint: deps-test $(VENV)/done
	@Tests/support/lint $(VENV)

format: deps-test $(VENV)/done
	swift format -i -r Package.swift Sources Tests
	clang-format -i Include/*.h $$(git ls-files 'Sources/*.c' 'Sources/*.h' 'Tests/*.c' 'Tests/*.h' 'Tests/*.cpp')
	gofmt -w bindings/go
	$(VENV)/bin/ruff format bindings/python Tests

# SECONDS is how long each target runs.
SECONDS ?= 60
fuzz: deps-test $(XWING)
	@Tests/support/in-pod --hide -- Tests/fuzz/run $(BUILD) $(SECONDS)

# PAGE also writes the tables to a page, with a picture.
bench: deps-test all $(VENV)/done
	@$(if $(PAGE),$(VENV)/bin/pip install --quiet --disable-pip-version-check -e "bindings/python[bench]")
	@Tests/benchmarks/bench $(if $(PAGE),--page $(PAGE)) $(BUILD)
