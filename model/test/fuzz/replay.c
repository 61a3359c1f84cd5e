/* SPDX-License-Identifier: MIT */
/* replay.c - drives a fuzzing target without libFuzzer: all files of its corpus, each also cut and changed a little in
 * ways that are always the same; or just the files named. gcc builds it, `make check` runs it, and it is how a find of
 * libFuzzer is looked at in a debugger.
 *
 *     build/test/model/test/fuzz/fuzz_options [-n CHANGES] [FILE or FOLDER]... */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_MAX = 65536, NAMES = 4096, RUNS = 10000 /* of a corpus, about */, BY_CORPUS = UINT32_MAX / 2 };

static uint64_t executions, state;
static const char *current = "";       /* file under way */
static const uint8_t *input_at;        /* what the target has now, */
static volatile size_t input_len;      /* for whoever dies of it */

/* xorshift64*: the same changes on every machine. */
static uint32_t below(uint32_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (uint32_t)(state * 0x2545f4914f6cdd1du >> 33) % n;
}

/* In a block of its own size, so that a sanitizer sees a read behind it. */
static void run(const uint8_t *p, size_t n)
{
    uint8_t *copy = malloc(n ? n : 1);

    CLAIM(copy);
    if (n)
        memcpy(copy, p, n);
    input_at = p;
    input_len = n;
    LLVMFuzzerTestOneInput(copy, n);
    free(copy);
    executions++;
}

/* Says which input it was; FUZZ_FIND=FILE keeps it as it was after its changes. */
static void died(int signal)
{
    const char *keep = getenv("FUZZ_FIND");
    int fd = keep ? open(keep, O_WRONLY | O_CREAT | O_TRUNC, 0644) : -1;

    fprintf(stderr, "signal %d at execution %llu, from %s%s%s\n", signal, (unsigned long long)executions + 1, current,
            keep ? "; kept in " : " (FUZZ_FIND=FILE keeps the input)", keep ? keep : "");
    if (fd >= 0 && write(fd, input_at, input_len) < 0)
        perror(keep);
    _exit(1);
}

static size_t change(uint8_t *p, size_t n)
{
    size_t at = below((uint32_t)n), len = 1 + below(8);

    switch (below(6)) {
    case 0:
        p[at] ^= (uint8_t)(1u << below(8));
        break;
    case 1:
        p[at] = (uint8_t)below(256);
        break;
    case 2:
        p[at] = (uint8_t)(p[at] + below(5) - 2);
        break;
    case 3: /* a piece out */
        len = len < n - at ? len : n - at;
        memmove(p + at, p + at + len, n - at - len);
        return n - len;
    case 4: /* a piece twice */
        len = len < n - at ? len : n - at;
        len = n + len < INPUT_MAX ? len : 0;
        memmove(p + at + len, p + at, n - at);
        return n + len;
    default:
        return at;
    }
    return n;
}

/* file: which input to look at when the program dies. */
static int replay(const char *file, uint32_t changes)
{
    static uint8_t input[INPUT_MAX], work[INPUT_MAX];
    FILE *f = fopen(file, "rb");
    size_t n;

    if (!f) {
        perror(file);
        return -1;
    }
    n = fread(input, 1, sizeof input, f);
    fclose(f);
    current = file;
    run(input, n);
    state = 88172645463325252u ^ n;
    for (uint32_t i = 0; n && i < changes; i++) {
        size_t len = n;

        memcpy(work, input, n);
        for (uint32_t k = 1 + below(4); k && len; k--)
            len = change(work, len);
        run(work, len);
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In order of names: a folder's own order is the file system's. */
static int replay_folder(const char *folder, uint32_t changes)
{
    static char *name[NAMES];
    DIR *dir = opendir(folder);
    struct dirent *e;
    size_t n = 0;
    int bad = 0;

    if (!dir) {
        perror(folder);
        return -1;
    }
    while ((e = readdir(dir)) && n < NAMES)
        if (e->d_name[0] != '.' && (name[n] = malloc(strlen(folder) + strlen(e->d_name) + 2)))
            sprintf(name[n++], "%s/%s", folder, e->d_name);
    closedir(dir);
    qsort(name, n, sizeof *name, by_name);
    if (changes == BY_CORPUS)
        changes = n ? (uint32_t)(RUNS / n) : 0;
    for (size_t i = 0; i < n; i++) {
        bad |= replay(name[i], changes);
        free(name[i]);
    }
    if (!n)
        fprintf(stderr, "%s: no input\n", folder);
    return bad || !n ? -1 : 0;
}

int main(int argc, char **argv)
{
    const char *target = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    uint32_t changes = BY_CORPUS;
    char folder[256];
    int bad = 0, i = 1;

    signal(SIGABRT, died);
#ifndef __SANITIZE_ADDRESS__ /* which says more itself */
    signal(SIGSEGV, died);
#endif
    if (argc > 2 && !strcmp(argv[1], "-n")) {
        changes = (uint32_t)strtoul(argv[2], NULL, 10);
        i = 3;
    } else if (argc > 1) {
        changes = 0;
    }
    snprintf(folder, sizeof folder, "model/test/fuzz/corpus/%s", !strncmp(target, "fuzz_", 5) ? target + 5 : target);
    if (i == argc)
        bad = replay_folder(folder, changes);
    for (; i < argc; i++) {
        struct stat st;

        bad |= stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode) ? replay_folder(argv[i], changes) : replay(argv[i], changes);
    }
    printf("%s 1 - %s: %llu inputs\n", bad ? "not ok" : "ok", target, (unsigned long long)executions);
    return bad ? 1 : 0;
}
