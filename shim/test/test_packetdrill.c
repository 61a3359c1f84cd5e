/* SPDX-License-Identifier: MIT */
/* test_packetdrill.c - the packetdrill host: every script of shim/test/packetdrill/, and what scripts cannot say, through
 * packetdrill's interface. Arguments: scripts to run instead; --so=FILE drives a shared object instead of what is linked,
 * --kernel this machine's kernel (kernel.c). */
#include "packetdrill/script.h"

#include <dlfcn.h>
#include <glob.h>
#include <signal.h>
#include <unistd.h>

static void run_file(void **state)
{
    script_run(*state);
}

/* The stand-ins lie in the build directory: BUILD/test/shim/test/test_packetdrill, BUILD/packetdrill/ip. Without all of
 * them nothing runs: the shell lines would change this machine instead. */
static void find_standins(void)
{
    static const char *const names[] = { "ip", "sysctl", "nstat", "tc", "ethtool" };
    char self[4096], path[8192];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    for (int i = 0; i < 4 && n > 0; i++) {
        while (n > 0 && self[--n] != '/')
            ;
        self[n] = 0;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/packetdrill/%s", self, names[i]);
        if (access(path, X_OK) != 0) {
            fprintf(stderr, "%s: not there; make packetdrill builds it\n", path);
            exit(1);
        }
    }
    snprintf(path, sizeof path, "%s/packetdrill:%s", self, getenv("PATH"));
    setenv("PATH", path, 1);
    snprintf(path, sizeof path, "/tmp/test_packetdrill.%d", (int)getpid());
    setenv("MPT_PACKETDRILL_SOCKET", path, 1); /* shell lines may come before the stack */
}

static int run_files(char **files, size_t n)
{
    struct CMUnitTest *tests = calloc(n, sizeof *tests);
    int failed;

    for (size_t i = 0; i < n; i++) {
        tests[i].name = files[i];
        tests[i].test_func = run_file;
        tests[i].initial_state = files[i];
    }
    failed = _cmocka_run_group_tests("scripts", tests, n, NULL, NULL);
    free(tests);
    return failed;
}

static int load(const char *file)
{
    void *so = dlopen(file, RTLD_NOW | RTLD_LOCAL);

    if (!so) {
        fprintf(stderr, "%s\n", dlerror());
        return -1;
    }
    *(void **)(void *)&script_init = dlsym(so, "packetdrill_interface_init");
    return script_init ? 0 : -1;
}

int main(int argc, char **argv)
{
    glob_t found = { 0 };
    int failed;

    signal(SIGPIPE, SIG_IGN); /* as packetdrill */
    script_init = packetdrill_interface_init;
    if (argc > 2 && !strcmp(argv[1], "--kernel")) {
        script_init = script_kernel_init;
        script_tolerance = 300000; /* real time on a busy machine */
        return run_files(argv + 2, (size_t)argc - 2);
    }
    find_standins();
    if (argc > 1 && !strncmp(argv[1], "--so=", 5)) {
        if (load(argv[1] + 5) < 0)
            return 1;
        argc--;
        argv++;
    }
    if (argc > 1)
        return run_files(argv + 1, (size_t)argc - 1);
    if (glob("shim/test/packetdrill/*.pkt", 0, NULL, &found) != 0) {
        fprintf(stderr, "shim/test/packetdrill/*.pkt: no scripts; run from the root of the tree\n");
        return 1;
    }
    failed = run_files(found.gl_pathv, found.gl_pathc);
    globfree(&found);
    return failed;
}
