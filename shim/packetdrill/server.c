/* SPDX-License-Identifier: MIT */
/* server.c - takes the commands of the stand-ins (standin/standin.c) over a Unix socket, one at a time, in a thread
 * of its own: packetdrill sits in system() meanwhile.
 *
 * A request is words, each with a final NUL, up to the end of the connection's half. The answer is "STATUS OUT ERR\n"
 * and OUT and ERR octets for stdout and stderr. What was asked before there was a stack waits in the file
 * SOCKET.queue, each request with one more NUL. */
#include "host.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

enum { REQUEST_MAX = 8192, WORDS_MAX = 64 };

/* tc and ethtool shape a kernel's device: there is none here. */
static int no_device(char **words, FILE *out)
{
    fprintf(out, "%s: nothing to do: libmpt has no such device\n", words[0]);
    return 0;
}

int pd_server_run(struct pd_host *host, char **words, FILE *out, FILE *err)
{
    const char *name = words[0] ? words[0] : "";
    int status;

    if (!strcmp(name, "ip"))
        status = pd_cmd_ip(host, words + 1, out, err);
    else if (!strcmp(name, "sysctl"))
        status = pd_cmd_sysctl(host, words + 1, out, err);
    else if (!strcmp(name, "nstat"))
        status = pd_cmd_nstat(host, words + 1, out, err);
    else if (!strcmp(name, "tc") || !strcmp(name, "ethtool"))
        status = no_device(words, out);
    else
        status = (fprintf(err, "%s: libmpt has no such command\n", name), 127);
    pd_net_pump(host);
    pd_clock_wake(host);
    return status;
}

/* text: words with NULs, `n` octets of it. */
static int run_text(struct pd_host *host, char *text, size_t n, FILE *out, FILE *err)
{
    char *words[WORDS_MAX + 1];
    size_t count = 0;

    for (char *at = text; at < text + n && count < WORDS_MAX; at += strlen(at) + 1)
        words[count++] = at;
    words[count] = NULL;
    return pd_server_run(host, words, out, err);
}

/* A stand-in that was killed must not end packetdrill: no SIGPIPE. */
static void send_all(int fd, const char *buf, size_t n)
{
    while (n) {
        ssize_t r = send(fd, buf, n, MSG_NOSIGNAL);

        if (r <= 0)
            return; /* the stand-in is gone */
        buf += r;
        n -= (size_t)r;
    }
}

/* The answer is collected first: its lengths come before it. */
static void serve(struct pd_host *host, int fd)
{
    char text[REQUEST_MAX + 1], head[64], *out_text = NULL, *err_text = NULL;
    size_t n = 0, out_len = 0, err_len = 0;
    FILE *out = open_memstream(&out_text, &out_len), *err = open_memstream(&err_text, &err_len);
    ssize_t r;
    int status = 1;

    while (n < REQUEST_MAX && (r = recv(fd, text + n, REQUEST_MAX - n, 0)) > 0)
        n += (size_t)r;
    text[n] = 0;
    if (out && err) {
        PD_LOCK(host);
        status = run_text(host, text, n, out, err);
        PD_UNLOCK(host);
    }
    if (out)
        fclose(out);
    if (err)
        fclose(err);
    snprintf(head, sizeof head, "%d %zu %zu\n", status, out_len, err_len);
    send_all(fd, head, strlen(head));
    send_all(fd, out_text, out_len);
    send_all(fd, err_text, err_len);
    free(out_text);
    free(err_text);
}

/* Ends when the socket is shut down. */
static void *serve_all(void *arg)
{
    struct pd_host *host = arg;
    int fd;

    while ((fd = accept(host->server_fd, NULL, NULL)) >= 0) {
        serve(host, fd);
        close(fd);
    }
    return NULL;
}

/* Requests that came before the stack, oldest first; one that fails now is told, as its stand-in could not. */
static void run_queue(struct pd_host *host)
{
    char path[128], text[REQUEST_MAX + 1];
    size_t n, at = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s.queue", host->server_path);
    file = fopen(path, "re");
    if (!file)
        return;
    n = fread(text, 1, REQUEST_MAX, file);
    text[n] = 0;
    fclose(file);
    unlink(path);
    while (at < n) {
        size_t end = at;

        while (end < n && text[end])
            end += strlen(text + end) + 1;
        run_text(host, text + at, end - at, stdout, stderr);
        at = end + 1;
    }
}

/* What an earlier process left there is removed. */
static int open_socket(struct pd_host *host)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    memcpy(addr.sun_path, host->server_path, sizeof addr.sun_path);
    unlink(host->server_path);
    host->server_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (host->server_fd < 0)
        return -1;
    if (bind(host->server_fd, (struct sockaddr *)&addr, sizeof addr) == 0 && listen(host->server_fd, 8) == 0)
        return 0;
    close(host->server_fd);
    host->server_fd = -1;
    return -1;
}

/* A process that ends without packetdrill's clean-up (a script failed) leaves no socket behind either. */
static char leftover[108];

__attribute__((destructor)) static void remove_leftover(void)
{
    if (leftover[0])
        unlink(leftover);
}

/* The path is MPT_PACKETDRILL_SOCKET; unset, it is set to one of this process, for its children. */
int pd_server_start(struct pd_host *host, char *err, size_t cap)
{
    const char *given = getenv("MPT_PACKETDRILL_SOCKET");
    sigset_t all, before;
    int r;

    r = given && *given ? snprintf(host->server_path, sizeof host->server_path, "%s", given)
                        : snprintf(host->server_path, sizeof host->server_path, "/tmp/libmpt-packetdrill.%d",
                                   (int)getpid());
    if (r >= (int)sizeof host->server_path) {
        snprintf(err, cap, "MPT_PACKETDRILL_SOCKET: longer than a Unix socket's path may be");
        return -1;
    }
    run_queue(host);
    if (open_socket(host) < 0) {
        snprintf(err, cap, "%s: %s", host->server_path, strerror(errno));
        return -1;
    }
    memcpy(leftover, host->server_path, sizeof leftover);
    setenv("MPT_PACKETDRILL_SOCKET", host->server_path, 1);
    sigfillset(&all); /* packetdrill's signals are for its own threads */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&host->server, NULL, serve_all, host);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (r == 0)
        return 0;
    close(host->server_fd);
    host->server_fd = -1;
    snprintf(err, cap, "no thread for the stand-ins: %s", strerror(r));
    return -1;
}

/* shutdown() ends accept() in the other thread. */
void pd_server_stop(struct pd_host *host)
{
    if (host->server_fd < 0)
        return;
    shutdown(host->server_fd, SHUT_RDWR);
    pthread_join(host->server, NULL);
    close(host->server_fd);
    unlink(host->server_path);
    leftover[0] = 0;
    host->server_fd = -1;
}
