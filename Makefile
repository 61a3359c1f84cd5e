# SPDX-License-Identifier: MIT
# Builds libmpt, mpsim, mpsim-ns3 and mpsim-stat, tests them and draws the figures. `make help` lists
# the targets. GNU make 4.3 or later; everything else is installed by `make deps`.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

# ---- what can be set on the command line -----------------------------------------------------------
BUILD ?= build
OPT ?= -O2
JOBS ?= $(shell nproc)
PREFIX ?= /usr/local
RESULTS ?= results
QUICK_SEEDS ?= 3
# More options for every `mpsim sweep` of `make results` but that of attacks, which has its own: --jobs 1, --set KEY=VALUE
RUNSET ?=
ATTACKSET ?=
SCENARIOS ?= handover walk fastjoin tradeoff server oracle energy cases return aware attacks attack-timeline goodput goodput-ns3 request-response
# Goodput at 1000 MB takes what it takes, with few seeds too.
QUICK_SCENARIOS ?= handover walk fastjoin tradeoff server oracle energy cases return aware attacks attack-timeline request-response
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif

# ---- packages: one name a line of `make deps`, by what they are for --------------------------------
PKG_BUILD := gcc g++ binutils libc6-dev libsodium-dev libyaml-dev libssl-dev libns3-dev libgsl-dev
PKG_RESULTS := gnuplot-nox parallel
PKG_TEST := libcmocka-dev bats tshark iproute2 procps
PKG_MODELS := spin
PKG_LONG := slurm-wlm munge
PKG ?= $(PKG_BUILD) $(PKG_RESULTS) $(PKG_TEST)

# ---- flags -----------------------------------------------------------------------------------------
# -ffp-contract=off: the same numbers on every CPU. Only shim/ and analysis/ see POSIX.
WARN := -Wall -Wextra -Wshadow
CWARN := $(WARN) -Wstrict-prototypes -Wmissing-prototypes
INC := -I. -Imodel -Ishim
SANFLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# On x86 gcc copies what it knows to be short by `rep movs`, which costs a tenth of the speed of the loop engine.
STRINGOPS := $(shell $(CC) -mstringop-strategy=libcall -fsyntax-only -x c /dev/null 2>/dev/null && echo -mstringop-strategy=libcall)
COMMON := $(OPT) $(STRINGOPS) -g -ffp-contract=off -MMD -MP $(INC) $(if $(SAN),$(SANFLAGS))
POSIX := -D_POSIX_C_SOURCE=200809L
LINK := $(if $(SAN),$(SANFLAGS))
# OpenSSL only where TLS is used: --as-needed.
LIBS := -lsodium -lyaml -Wl,--as-needed -lssl -lcrypto -Wl,--no-as-needed -lm
NS3_LIBS := $(addprefix -lns3-,applications lte wifi energy spectrum point-to-point mobility propagation \
	internet traffic-control network stats core)
GSL_LIBS := -lgsl -lgslcblas -lsodium -lm

# ---- what there is to build ------------------------------------------------------------------------
main_re := ^(int )?main\(
has_main = $(if $(strip $(1)),$(shell grep -lE '$(main_re)' $(1)))
obj = $(patsubst %,$(BUILD)/obj/%.o,$(1))

MODEL_SRC := $(filter-out model/test/%,$(wildcard model/*/*.c))
SHIM_ALL := $(filter-out shim/test/% shim/ns3/%,$(wildcard shim/*.c shim/*/*.c))
SHIM_MAIN := $(call has_main,$(SHIM_ALL))
SHIM_SRC := $(filter-out $(SHIM_MAIN) shim/run/engines_%,$(SHIM_ALL))
NS3_SRC := $(filter-out shim/ns3/bench_%,$(wildcard shim/ns3/*.cc shim/ns3/*.c))
STAT_SRC := $(wildcard analysis/*.c)
STAT_MAIN := $(call has_main,$(STAT_SRC))

TEST_ALL := $(sort $(wildcard model/test/*.c model/test/*/*.c model/test/*/*/*.c shim/test/*.c \
	shim/test/*/*.c analysis/test/*.c))
# Fuzzing targets have no main of their own: replay.c's, or libFuzzer's.
FUZZ_REPLAY := model/test/fuzz/replay.c
FUZZ_SRC := $(sort $(wildcard model/test/fuzz/fuzz_*.c))
TEST_MAIN := $(call has_main,$(filter-out $(FUZZ_REPLAY),$(TEST_ALL))) $(FUZZ_SRC)
TEST_HELP := $(filter-out $(TEST_MAIN) $(FUZZ_REPLAY),$(TEST_ALL))
BENCH_SRC := $(foreach f,$(TEST_MAIN),$(if $(filter bench_%,$(notdir $(f))),$(f)))
GOLDEN_SRC := $(foreach f,$(TEST_MAIN),$(if $(filter golden_%,$(notdir $(f))),$(f)))
LONG_SRC := $(foreach f,$(TEST_MAIN),$(if $(filter long_%,$(notdir $(f))),$(f)))
SIM_SRC := $(filter-out $(BENCH_SRC) $(LONG_SRC),$(foreach f,$(TEST_MAIN),\
	$(if $(filter sim_%,$(notdir $(f)))$(findstring /sim/,$(f)),$(f))))
UNIT_SRC := $(filter-out $(BENCH_SRC) $(GOLDEN_SRC) $(LONG_SRC) $(SIM_SRC),$(TEST_MAIN))
# Tests of the ns-3 engine are linked with it, and not run under sanitizers: ns-3 itself is not clean.
NS3_TEST := $(foreach f,$(TEST_MAIN),$(if $(filter test_ns3% sim_ns3%,$(notdir $(f))),$(f)))
SAN_SRC := $(filter-out $(NS3_TEST) model/test/prove/%,$(SIM_SRC) $(UNIT_SRC))
# Programs whose output may not depend on the compiler's level.
SAME := mpsim test/model/test/sim/sim_determinism
prog = $(patsubst %.c,$(BUILD)/test/%,$(1))

# The shared object for packetdrill: the same sources, position-independent, in a directory of their own.
PD_SRC := $(MODEL_SRC) shim/ip.c shim/rng.c $(wildcard shim/packetdrill/*.c)
PD_SO := $(BUILD)/libmpt-packetdrill.so
PD_BIN := $(addprefix $(BUILD)/packetdrill/,ip sysctl nstat tc ethtool)

LIBMPT := $(BUILD)/libmpt.a
LIBSHIM := $(BUILD)/libshim.a
LIBTEST := $(BUILD)/libtest.a
LIBSTAT := $(BUILD)/libstat.a
# Each program is built once its sources are there.
PROGRAMS := $(if $(SHIM_MAIN),$(BUILD)/mpsim) $(if $(SHIM_MAIN),$(if $(NS3_SRC),$(BUILD)/mpsim-ns3)) \
	$(if $(STAT_MAIN),$(BUILD)/mpsim-stat) \
	$(if $(wildcard shim/ns3/bench_tcp.cc),$(BUILD)/bench-ns3-tcp)

# ---- phases ----------------------------------------------------------------------------------------
# $(call phase,NAME,COMMAND) runs a command and says how long it took; make is started
# again behind `deps`, so that what it installed is seen, with par: on all cores unless the user said -j.
phase = @start=$$(date +%s); rc=0; { $(2); } || rc=$$?; \
	echo "== $(1): $$(($$(date +%s) - start)) s$$([ $$rc = 0 ] || echo ", FAILED")"; exit $$rc
par = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS)) BUILD=$(BUILD)

.PHONY: all build deps check check-long results results-quick attacks golden bench bench-kernel asan models mutants fuzz prove packetdrill clean install help format \
	tests programs figures checks

all: ## install missing packages, build libmpt and the programs (the default)
	$(call phase,packages,$(MAKE) -s deps PKG="$(PKG_BUILD)")
	$(call phase,build,$(MAKE) $(par) build)

help: ## this list
	@echo "make TARGET [BUILD=dir] [OPT=-O2] [JOBS=n] [RESULTS=dir] [SCENARIOS=\"goodput request-response\"]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

deps: ## install the Debian packages that are missing
	@model/test/checks/deps.sh $(PKG)

build: $(LIBMPT) $(PROGRAMS) ## compile only

check: ## everything a change must pass: scripts, unit, dialogue, golden, simulations, the kernel as peer
	$(call phase,packages,$(MAKE) -s deps)
	$(call phase,build,$(MAKE) $(par) build tests)
	$(call phase,build with sanitizers,$(MAKE) $(par) BUILD=$(BUILD)/asan SAN=1 OPT=-O1 tests $(BUILD)/asan/mpsim)
	$(call phase,builds to compare,$(MAKE) $(par) BUILD=$(BUILD)/O0 OPT=-O0 $(addprefix $(BUILD)/O0/,$(SAME)) && \
	  $(MAKE) $(par) BUILD=$(BUILD)/O3 OPT=-O3 $(addprefix $(BUILD)/O3/,$(SAME)))
	$(call phase,tests,JOBS=$(JOBS) $(MAKE) -s checks)

# The list is made here, after the build, and longest first, so that both cores end together.
checks:
	@BUILD=$(BUILD) model/test/run-tests.sh \
	  $(addprefix asan:,$(patsubst %.c,$(BUILD)/asan/test/%,$(SAN_SRC))) \
	  $(call prog,$(SIM_SRC) $(GOLDEN_SRC)) model/test/mutants/run.sh $(wildcard shim/test/*.sh) \
	  $(wildcard model/test/checks/check_*.sh) \
	  $(wildcard model/test/checks/*.bats model/test/*.bats shim/test/*.bats analysis/test/*.bats) \
	  $(call prog,$(UNIT_SRC))

fuzz: ## libFuzzer on every target for SECONDS (60) each; needs clang-14
	@BUILD=$(BUILD) SECONDS_EACH=$(or $(SECONDS),60) TARGETS="$(TARGETS)" model/test/fuzz/run.sh

prove: ## the option parser never reads outside its octets: every case tried, planted faults noticed
	@$(MAKE) $(par) $(BUILD)/test/model/test/prove/exhaust_options
	@BUILD=$(BUILD) CC="$(CC)" model/test/prove/run.sh

models: ## state rules of join-with-data and MPTCPsec, searched exhaustively by spin (2 min)
	$(call phase,packages,$(MAKE) -s deps PKG="gcc libc6-dev $(PKG_MODELS)")
	$(call phase,models,CC="$(CC)" model/test/promela/run.sh $(RUN))

mutants: ## switch off clauses of the core one at a time: does a dialogue notice?
	@BUILD=$(BUILD) model/test/mutants/run.sh

packetdrill: $(PD_SO) $(PD_BIN) ## a shared object that lets packetdrill play scripts against libmpt

check-long: check ## check, then the long simulations, campaigns of 10,000 runs and one by Slurm
	$(call phase,packages,$(MAKE) -s deps PKG="$(PKG_LONG)" || echo "without Slurm")
	$(call phase,long tests,BUILD=$(BUILD) LONG=1 model/test/run-tests.sh \
	  $(call prog,$(LONG_SRC) $(SIM_SRC)) shim/test/kernel_bulk.sh shim/test/sweep_kill.sh shim/test/slurm/sweep_slurm.sh \
	  analysis/test/golden_tables.sh \
	  $(addprefix asan:,$(patsubst %.c,$(BUILD)/asan/test/%,$(filter-out $(NS3_TEST),$(SIM_SRC)))))
	$(call phase,attack matrix,$(MAKE) attacks RESULTS=$(BUILD)/matrix)

results: ## run what is missing of every scenario of SCENARIOS, print the tables, draw the figures
	$(call phase,packages,$(MAKE) -s deps PKG="$(PKG_BUILD) $(PKG_RESULTS)")
	$(call phase,build,$(MAKE) $(par) build)
	@for s in $(SCENARIOS); do $(MAKE) run-$$s; done
	$(call phase,statistics and figures,$(MAKE) figures)

# The same seeds as the first ones of `results`, so what it shows is a part of that, with wider intervals.
results-quick: ## the same figures but goodput, with QUICK_SEEDS (3) seeds (attacks: 1), into RESULTS/quick, in under 5 minutes
	@$(MAKE) results SCENARIOS="$(QUICK_SCENARIOS)" RESULTS=$(RESULTS)/quick RUNSET="--set repeat=$(QUICK_SEEDS) --set repeat_min=$(QUICK_SEEDS)" \
	  ATTACKSET="--set repeat=1"

attacks: ## every attack against every stack (10 seeds of 3024 short runs, 4 min): table, figure, and what theory says of them
	@$(MAKE) $(par) $(BUILD)/mpsim
	@$(MAKE) run-attacks figures SCENARIOS=attacks

run-%: scenarios/%.yaml
	$(call phase,runs of $*,$(BUILD)/mpsim sweep $< --out $(RESULTS) $(if $(filter attacks,$*),$(ATTACKSET),$(RUNSET)))

figures:
	@BUILD=$(BUILD) RESULTS=$(RESULTS) analysis/figures.sh $(SCENARIOS)
	@for d in $(wildcard $(foreach s,$(SCENARIOS),$(RESULTS)/$(s)/*)); do $(BUILD)/mpsim report $$d; done

golden: ## rewrite the golden tables under results/golden (look at the diff before committing)
	@$(MAKE) $(par) $(call prog,$(GOLDEN_SRC))
	@for t in $(call prog,$(GOLDEN_SRC)); do GOLDEN_WRITE=1 $$t --write; done
	@$(MAKE) $(par) build
	@BUILD=$(BUILD) analysis/test/golden_tables.sh --write
	@BUILD=$(BUILD) LONG=1 analysis/test/golden_tables.sh --write

bench: ## speed, memory, cost of MPTCPsec beside libsodium and TLS; numbers to read, not a test
	$(call phase,packages,$(MAKE) -s deps PKG="$(PKG_BUILD) valgrind")
	@$(MAKE) $(par) build $(call prog,$(BENCH_SRC))
	@BUILD=$(BUILD) model/test/bench.sh $(call prog,$(BENCH_SRC))

bench-kernel: ## goodput beside the kernel's Multipath TCP, through the same shaped paths (root, TUN; 4 min)
	$(call phase,packages,$(MAKE) -s deps)
	@$(MAKE) $(par) $(BUILD)/mpsim
	@BUILD=$(BUILD) CC="$(CC)" shim/test/tun/bench_kernel.sh

asan: ## the tests under AddressSanitizer and UndefinedBehaviorSanitizer only
	@$(MAKE) $(par) BUILD=$(BUILD)/asan SAN=1 OPT=-O1 tests
	@BUILD=$(BUILD) model/test/run-tests.sh \
	  $(addprefix asan:,$(patsubst %.c,$(BUILD)/asan/test/%,$(SAN_SRC)))

clean: ## remove what was built; results stay
	rm -rf $(BUILD)

install: $(LIBMPT) ## install mpt.h, libmpt.a and libmpt.pc under PREFIX (/usr/local)
	install -D -m 644 model/mpt.h $(DESTDIR)$(PREFIX)/include/mpt.h
	install -D -m 644 $(LIBMPT) $(DESTDIR)$(PREFIX)/lib/libmpt.a
	@mkdir -p $(DESTDIR)$(PREFIX)/lib/pkgconfig
	@printf '%s\n' 'prefix=$(PREFIX)' 'Name: libmpt' 'Description: Multipath TCP without I/O (RFC 8684)' \
	  "Version: $$(sed -n '/^const char .mpt_version/,/}/s/.*"\(.*\)".*/\1/p' model/api/info.c)" 'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -lmpt' 'Libs.private: -lsodium -lm' \
	  >$(DESTDIR)$(PREFIX)/lib/pkgconfig/libmpt.pc

format: ## clang-format every C and C++ file in place
	@clang-format -i $$(git ls-files '*.c' '*.h' '*.cc')

# ---- rules -----------------------------------------------------------------------------------------
tests: $(PD_BIN) $(if $(SAN),,$(PD_SO)) $(call prog,$(filter-out $(BENCH_SRC) $(if $(SAN),$(NS3_TEST)),$(TEST_MAIN)))

$(BUILD)/obj/model/%.c.o: model/%.c
	@mkdir -p $(@D); echo "  CC $<"
	@$(CC) -std=c11 $(CWARN) $(COMMON) $(CFLAGS) -c -o $@ $<
$(BUILD)/obj/model/test/%.c.o: model/test/%.c
	@mkdir -p $(@D); echo "  CC $<"
	@$(CC) -std=c11 $(WARN) $(POSIX) $(COMMON) $(CFLAGS) -Imodel/test -Ishim/test -c -o $@ $<
$(BUILD)/obj/shim/test/%.c.o: shim/test/%.c
	@mkdir -p $(@D); echo "  CC $<"
	@$(CC) -std=c11 $(WARN) $(POSIX) $(COMMON) $(CFLAGS) -Imodel/test -Ishim/test -c -o $@ $<
$(BUILD)/obj/%.c.o: %.c
	@mkdir -p $(@D); echo "  CC $<"
	@$(CC) -std=c11 $(CWARN) $(POSIX) $(COMMON) $(CFLAGS) -c -o $@ $<
$(BUILD)/obj/%.cc.o: %.cc
	@mkdir -p $(@D); echo "  CXX $<"
	@$(CXX) -std=c++17 -Wall -Wextra -Wno-unused-parameter $(COMMON) $(CXXFLAGS) -c -o $@ $<

$(BUILD)/pic/%.c.o: %.c
	@mkdir -p $(@D); echo "  CC $< (PIC)"
	@$(CC) -std=c11 $(CWARN) $(if $(filter model/%,$<),,$(POSIX)) $(COMMON) -fPIC -fvisibility=hidden $(CFLAGS) -c -o $@ $<

define archive
	@mkdir -p $(@D); rm -f $@; ar qcs $@ $^
endef
$(LIBMPT): $(call obj,$(MODEL_SRC))
	$(archive)
$(LIBSHIM): $(call obj,$(SHIM_SRC) $(wildcard shim/run/engines_loop.c))
	$(archive)
$(BUILD)/libshim-ns3.a: $(call obj,$(SHIM_SRC) $(wildcard shim/run/engines_ns3.c))
	$(archive)
$(LIBTEST): $(call obj,$(TEST_HELP))
	$(archive)
$(LIBSTAT): $(call obj,$(filter-out $(STAT_MAIN),$(STAT_SRC)))
	$(archive)

$(BUILD)/mpsim: $(call obj,$(SHIM_MAIN)) $(LIBSHIM) $(LIBMPT)
	@echo "  LD $@"; $(CC) $(LINK) -o $@ $^ $(LDFLAGS) $(LIBS)
$(BUILD)/mpsim-ns3: $(call obj,$(SHIM_MAIN) $(NS3_SRC)) $(BUILD)/libshim-ns3.a $(LIBMPT)
	@echo "  LD $@"; $(CXX) $(LINK) -o $@ $^ $(LDFLAGS) $(NS3_LIBS) $(LIBS)
$(PD_SO): $(patsubst %,$(BUILD)/pic/%.o,$(PD_SRC))
	@echo "  LD $@"; $(CC) $(LINK) -shared -Wl,-z,defs -o $@ $^ $(LDFLAGS) -lsodium -lpthread -ldl
$(PD_BIN): $(call obj,shim/packetdrill/standin/standin.c)
	@mkdir -p $(@D); echo "  LD $@"; $(CC) $(LINK) -o $@ $^ $(LDFLAGS)
$(BUILD)/mpsim-stat: $(call obj,$(STAT_MAIN)) $(LIBSTAT)
	@echo "  LD $@"; $(CC) $(LINK) -o $@ $^ $(LDFLAGS) $(GSL_LIBS)
$(BUILD)/bench-ns3-tcp: $(call obj,shim/ns3/bench_tcp.cc)
	@echo "  LD $@"; $(CXX) $(LINK) -o $@ $^ $(LDFLAGS) $(NS3_LIBS)
$(call prog,$(FUZZ_SRC)): $(BUILD)/test/%: $(BUILD)/obj/%.c.o $(call obj,$(FUZZ_REPLAY)) $(LIBTEST) $(LIBSHIM) $(LIBMPT)
	@mkdir -p $(@D); $(CC) $(LINK) -o $@ $^ $(LDFLAGS) -lcmocka $(LIBS)
# For run.sh, which sets CC and CFLAGS.
$(BUILD)/libfuzzer/%: $(BUILD)/obj/model/test/fuzz/%.c.o $(LIBTEST) $(LIBMPT)
	@mkdir -p $(@D); $(CC) $(LINK) -fsanitize=fuzzer -o $@ $^ -lsodium
$(BUILD)/test/analysis/%: $(BUILD)/obj/analysis/%.c.o $(LIBSTAT)
	@mkdir -p $(@D); $(CC) $(LINK) -o $@ $^ $(LDFLAGS) -lcmocka $(GSL_LIBS)
$(call prog,$(NS3_TEST)): $(BUILD)/test/%: $(BUILD)/obj/%.c.o $(LIBTEST) $(call obj,$(NS3_SRC)) \
		$(BUILD)/libshim-ns3.a $(LIBMPT)
	@mkdir -p $(@D); $(CXX) $(LINK) -o $@ $^ $(LDFLAGS) -lcmocka $(NS3_LIBS) $(LIBS)
# It looks at every seal.
$(BUILD)/test/model/test/sim/sim_secure: LDFLAGS += -Wl,--wrap=mpt_crypto_aead,--wrap=mpt_sec_seal
$(BUILD)/test/%: $(BUILD)/obj/%.c.o $(LIBTEST) $(LIBSHIM) $(LIBMPT)
	@mkdir -p $(@D); $(CC) $(LINK) -o $@ $^ $(LDFLAGS) -lcmocka $(LIBS)

.SECONDARY:
-include $(patsubst %,$(BUILD)/pic/%.d,$(PD_SRC)) $(patsubst %,$(BUILD)/obj/%.d,$(MODEL_SRC) $(SHIM_ALL) $(NS3_SRC) \
	$(wildcard shim/ns3/bench_tcp.cc) $(STAT_SRC) $(TEST_ALL))
