/* SPDX-License-Identifier: MIT */
/* cmd_sysctl.c - `sysctl [-w] [-q] [-n] [-e] name=value | name ...` for the stand-in; messages and status as
 * procps' sysctl(8) has them. */
#include "host.h"

#include <string.h>

struct flags {
    int quiet, bare, ignore; /* -q, -n, -e */
    int all;                 /* -a */
};

/* Slashes for dots, as procps prints the path. */
static int complain(const struct flags *f, const char *name, int error, FILE *err)
{
    char path[128];

    if (error == ENOENT && f->ignore)
        return 0;
    snprintf(path, sizeof path, "%s", name);
    for (char *at = path; *at; at++)
        *at = *at == '.' ? '/' : *at;
    if (error == ENOENT)
        fprintf(err, "sysctl: cannot stat /proc/sys/%s: No such file or directory\n", path);
    else
        fprintf(err, "sysctl: setting key \"%s\": %s\n", name, strerror(error));
    return 1;
}

/* A name that does not exist is told as such, whatever its value. */
static int set_one(struct pd_host *host, const struct flags *f, char *word, FILE *out, FILE *err)
{
    char *value = strchr(word, '=');
    int error;

    *value++ = 0;
    error = pd_sysctl_get(host, word) ? pd_sysctl_set(host, word, value) : ENOENT;
    if (error)
        return complain(f, word, error, err);
    if (!f->quiet)
        fprintf(out, "%s%s%s\n", f->bare ? "" : word, f->bare ? "" : " = ", value);
    return 0;
}

/* -n prints the value alone. */
static int show_one(struct pd_host *host, const struct flags *f, const char *name, FILE *out, FILE *err)
{
    const char *value = pd_sysctl_get(host, name);

    if (!value)
        return complain(f, name, ENOENT, err);
    fprintf(out, "%s%s%s\n", f->bare ? "" : name, f->bare ? "" : " = ", value);
    return 0;
}

/* -w is implied by "=". */
static int read_flags(struct flags *f, const char *word, FILE *err)
{
    for (word++; *word; word++)
        switch (*word) {
        case 'w':
            break;
        case 'q':
            f->quiet = 1;
            break;
        case 'n':
            f->bare = 1;
            break;
        case 'e':
            f->ignore = 1;
            break;
        case 'a':
            f->all = 1;
            break;
        default:
            fprintf(err, "sysctl: invalid option -- '%c'\n", *word);
            return 1;
        }
    return 0;
}

int pd_cmd_sysctl(struct pd_host *host, char **words, FILE *out, FILE *err)
{
    struct flags f = { 0 };
    const char *name;
    int status = 0, named = 0;

    for (; *words; words++) {
        if (words[0][0] == '-') {
            if (read_flags(&f, *words, err))
                return 1;
            continue;
        }
        named = 1;
        status |= strchr(*words, '=') ? set_one(host, &f, *words, out, err) : show_one(host, &f, *words, out, err);
    }
    for (size_t i = 0; f.all && (name = pd_sysctl_name(i)); i++)
        show_one(host, &f, name, out, err);
    if (!named && !f.all) {
        fprintf(err, "sysctl: no variables specified\n");
        return 1;
    }
    return status;
}
