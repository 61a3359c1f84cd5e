/* SPDX-License-Identifier: MIT */
/* script.c - lines, times and the call that blocks (see script.h). */
#include "packetdrill/script.h"

#include <errno.h>
#include <unistd.h>

script_init_fn *script_init;

void script_fail(const struct script *s, const char *format, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    fprintf(stderr, "%s:%d: %s\n", s->file, s->line, text);
    if (s->dump[0])
        fprintf(stderr, "  the packet: %s\n", s->dump);
    fail();
    abort(); /* fail() does not return */
}

static long long now_us(struct script *s)
{
    struct timeval tv;

    s->io.gettimeofday(s->io.userdata, &tv, NULL);
    return (long long)tv.tv_sec * 1000000 + tv.tv_usec;
}

static void wait_until(struct script *s, long long at)
{
    long long now = now_us(s);

    if (now < at)
        s->io.usleep(s->io.userdata, (useconds_t)(at - now));
}

/* ---- a call in the second thread ---- */

static void *run_blocked(void *arg)
{
    static _Thread_local uint8_t buffer[SCRIPT_PAYLOAD];
    struct script *s = arg;

    s->tid = gettid();
    s->result = script_call(s, s->call, buffer, &s->error);
    return NULL;
}

/* As packetdrill does: the thread is in its call when /proc says that it sleeps. */
static void await_sleep(struct script *s)
{
    char path[64], text[256], *state;
    FILE *file;

    for (int i = 0; i < 5000; i++) {
        snprintf(path, sizeof path, "/proc/self/task/%d/stat", s->tid);
        file = s->tid ? fopen(path, "re") : NULL;
        state = file && fgets(text, sizeof text, file) ? strrchr(text, ')') : NULL;
        if (file)
            fclose(file);
        if (state && state[2] == 'S')
            return;
        usleep(1000);
    }
    script_fail(s, "the call does not sleep");
}

/* "call(...) = 3 ECONNRESET (text)": the result, and what was said. */
static void check(struct script *s, const char *text, long result, int error)
{
    const char *want = strrchr(text, '=');
    char *rest, name[32] = "";
    long expected = want ? strtol(want + 1, &rest, 0) : 0;

    if (!want)
        return;
    sscanf(rest, " %31[A-Z]", name);
    if (result != expected)
        script_fail(s, "%s: result is %ld%s%s", text, result, result < 0 ? ", " : "",
                    result < 0 ? strerrorname_np(error) : "");
    if (result < 0 && *name && strcmp(name, strerrorname_np(error)))
        script_fail(s, "%s: errno is %s", text, strerrorname_np(error));
}

static void end_blocked(struct script *s)
{
    if (!s->blocked)
        return;
    wait_until(s, s->until);
    pthread_join(s->thread, NULL);
    s->blocked = 0;
    check(s, s->call, s->result, s->error);
}

static void start_blocked(struct script *s, const char *text, long long until)
{
    end_blocked(s);
    snprintf(s->call, sizeof s->call, "%s", text);
    s->tid = 0;
    s->blocked = 1;
    s->until = until;
    if (pthread_create(&s->thread, NULL, run_blocked, s))
        script_fail(s, "no thread");
    await_sleep(s);
}

/* ---- lines ---- */

/* "+0.01", "0.5", "+0...0.2": us. Returns what follows. */
static const char *read_time(struct script *s, const char *text, long long *at, long long *until)
{
    long long base = *text == '+' ? s->at : s->start;
    size_t n = strcspn(text, " \t"), dots = 0;
    char word[32], *rest;

    while (dots < n && strncmp(text + dots, "...", 3))
        dots++;
    snprintf(word, sizeof word, "%.*s", (int)dots, text); /* strtod would eat the first dot */
    *at = base + (long long)(strtod(word, &rest) * 1e6 + 0.5);
    *until = 0;
    rest = (char *)(uintptr_t)text + (rest - word);
    if (dots < n)
        *until = base + (long long)(strtod(text + dots + 3, &rest) * 1e6 + 0.5);
    if (rest == text)
        script_fail(s, "a time is expected: %s", text);
    return rest + strspn(rest, " \t");
}

static void shell(struct script *s, const char *text)
{
    char command[SCRIPT_LINE];

    snprintf(command, sizeof command, "%s", text + 1);
    command[strcspn(command, "`")] = 0;
    if (system(command) != 0)
        script_fail(s, "shell line failed: %s", command);
}

static void event(struct script *s, const char *text)
{
    long long at, until;
    const char *rest = read_time(s, text, &at, &until);
    int error = 0;
    long r;

    if (s->blocked && at >= s->until)
        end_blocked(s);
    if (*rest == '>') {
        script_packet_out(s, rest + 1, at);
    } else {
        wait_until(s, at);
        if (*rest == '<') {
            script_packet_in(s, rest + 1);
        } else if (*rest == '`') {
            shell(s, rest);
        } else if (until) {
            start_blocked(s, rest, until);
        } else {
            r = script_call(s, rest, s->buffer, &error);
            check(s, rest, r, error);
        }
    }
    s->at = at;
}

void script_do(struct script *s, const char *line)
{
    line += strspn(line, " \t");
    if (*line == 0 || !strncmp(line, "//", 2))
        return;
    if (*line == '`')
        shell(s, line);
    else
        event(s, line);
}

/* Option lines come before the stack is there. */
static int is_option(struct script *s, const char *line, char *flags, size_t cap)
{
    if (!strcmp(line, "--ip_version=ipv6")) {
        s->family = AF_INET6;
        s->packets = 6;
    } else if (!strcmp(line, "--ip_version=ipv4-mapped-ipv6")) {
        s->family = AF_INET6;
    } else if (!strncmp(line, "--so_flags=", 11)) {
        snprintf(flags, cap, "%s", line + 11);
    } else {
        return 0;
    }
    return 1;
}

static void init(struct script *s, const char *name)
{
    memset(s, 0, sizeof *s);
    snprintf(s->file, sizeof s->file, "%s", name);
    memset(s->fd, -1, sizeof s->fd);
    s->family = AF_INET;
    s->packets = 4;
    s->port = 8080;
    s->key_peer = UINT64_C(0x0102030405060708);
    s->cookie.len = 8;
    memcpy(s->cookie.octets, "\1\2\3\4\5\6\7\10", 8);
}

static void begin(struct script *s, const char *flags)
{
    script_init(flags, &s->io);
    s->begun = 1;
    s->start = s->at = now_us(s);
}

void script_begin(struct script *s, const char *name, const char *flags)
{
    init(s, name);
    begin(s, flags);
}

void script_end(struct script *s)
{
    end_blocked(s);
    script_nothing_left(s);
    s->io.free(s->io.userdata);
}

void script_run(const char *file)
{
    static struct script s;
    char line[SCRIPT_LINE], flags[SCRIPT_LINE] = "";
    FILE *in = fopen(file, "re");

    init(&s, file);
    if (!in)
        script_fail(&s, "%s", strerror(errno));
    while (fgets(line, sizeof line, in)) {
        s.line++;
        line[strcspn(line, "\n")] = 0;
        if (is_option(&s, line, flags, sizeof flags))
            continue;
        if (!s.begun && (line[0] != '`' || script_init == script_kernel_init) && strncmp(line, "//", 2) && line[0])
            begin(&s, flags); /* shell lines before it meet no stack yet; the kernel's device must be there */
        script_do(&s, line);
    }
    fclose(in);
    script_end(&s);
}

int script_fd(const struct script *s, int fd)
{
    return fd >= 0 && fd < SCRIPT_FDS ? s->fd[fd] : -1;
}
