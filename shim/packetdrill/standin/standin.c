/* SPDX-License-Identifier: MIT */
/* standin.c - one program under the names ip, sysctl, nstat, tc and ethtool: hands its words to the process that hosts
 * libmpt (../server.c has the protocol) and prints what comes back.
 *
 * MPT_PACKETDRILL_SOCKET names the socket. Before the stack exists, what only sets something waits in a file for it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { REPLY_MAX = 1 << 20 };

static const char *name;

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s%s%s\n", name, what, why ? ": " : "", why ? why : "");
    return 1;
}

static int open_socket(const char *path)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (strlen(path) >= sizeof addr.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(addr.sun_path, path);
    return fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof addr) == 0 ? fd : -1;
}

static int write_all(int fd, const char *buf, size_t n)
{
    while (n) {
        ssize_t r = write(fd, buf, n);

        if (r <= 0)
            return -1;
        buf += r;
        n -= (size_t)r;
    }
    return 0;
}

static int write_words(int fd, char **words)
{
    int r = write_all(fd, name, strlen(name) + 1);

    for (; *words && r == 0; words++)
        r = write_all(fd, *words, strlen(*words) + 1);
    return r;
}

/* Words that ask for an answer cannot wait. */
static int asks(char **words)
{
    int sets = 0, quiet = 0;

    for (; *words; words++) {
        sets |= strchr(*words, '=') || !strcmp(*words, "add") || !strcmp(*words, "del") || !strcmp(*words, "set") ||
                !strcmp(*words, "flush") || !strcmp(*words, "change") || !strcmp(*words, "replace");
        quiet |= words[0][0] == '-' && strchr(*words, 'n');
    }
    return strcmp(name, "nstat") == 0 ? !quiet : !sets && strcmp(name, "tc") && strcmp(name, "ethtool");
}

static int wait_in_queue(const char *path, char **words)
{
    char file_name[128];
    FILE *file;
    int r;

    if (asks(words))
        return fail("there is no libmpt stack yet", path);
    snprintf(file_name, sizeof file_name, "%s.queue", path);
    file = fopen(file_name, "a");
    if (!file)
        return fail(file_name, strerror(errno));
    r = fputs(name, file) < 0 || fputc(0, file) < 0;
    for (; *words; words++)
        r |= fputs(*words, file) < 0 || fputc(0, file) < 0;
    r |= fputc(0, file) < 0 || fclose(file) != 0;
    return r ? fail(file_name, strerror(errno)) : 0;
}

static int print_answer(int fd)
{
    char *reply = malloc(REPLY_MAX + 1), *body;
    size_t n = 0, out, err;
    int status;
    ssize_t r;

    if (!reply)
        return fail("out of memory", NULL);
    while (n < REPLY_MAX && (r = read(fd, reply + n, REPLY_MAX - n)) > 0)
        n += (size_t)r;
    reply[n] = 0;
    body = strchr(reply, '\n');
    if (!body || sscanf(reply, "%d %zu %zu", &status, &out, &err) != 3 || (size_t)(++body - reply) + out + err != n) {
        free(reply);
        return fail("no sensible answer from libmpt", NULL);
    }
    fwrite(body, 1, out, stdout);
    fwrite(body + out, 1, err, stderr);
    free(reply);
    return status;
}

int main(int argc, char **argv)
{
    const char *path = getenv("MPT_PACKETDRILL_SOCKET"), *slash = strrchr(argv[0], '/');
    int fd;

    (void)argc;
    name = slash ? slash + 1 : argv[0];
    if (!path || !*path)
        return fail("MPT_PACKETDRILL_SOCKET is not set: this ip is for packetdrill on libmpt", NULL);
    fd = open_socket(path);
    if (fd < 0 && (errno == ENOENT || errno == ECONNREFUSED))
        return wait_in_queue(path, argv + 1);
    if (fd < 0)
        return fail(path, strerror(errno));
    if (write_words(fd, argv + 1) < 0 || shutdown(fd, SHUT_WR) < 0)
        return fail(path, strerror(errno));
    return print_answer(fd);
}
