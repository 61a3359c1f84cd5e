/* SPDX-License-Identifier: MIT */
/* checkrun.c - see checkrun.h. */
#include "checkrun.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int checkrun_file(const char *file, const struct check_options *options, char **text)
{
    struct check_options o = options ? *options : (struct check_options){0};
    char *name = (char *)(uintptr_t)file;
    size_t size;
    int status;

    o.out = open_memstream(text, &size);
    status = check_files(&o, &name, 1);
    fclose(o.out);
    return status;
}

/* Lines about frames begin with the file's name. Returns how many; the first in *line. */
static int count_lines(char *text, const char *file, char **line)
{
    int n = 0;

    *line = NULL;
    for (char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
        if (strncmp(p, file, strlen(file)) == 0 && n++ == 0)
            *line = p + strlen(file) + 1;
    return n;
}

/* Writes the story to a file of its own. Returns the frame to be found. */
static uint32_t write_story(tb_story *story, const char *label, tb_edit *edit, char *name)
{
    struct tb t;
    int fd = mkstemp(name);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "wb");

    assert_non_null(file);
    tb_start(&t, file, label, edit);
    story(&t);
    assert_int_equal(pcap_finish(&t.pcap), 0);
    fclose(file);
    if (label && t.label)
        fail_msg("no segment is named %s", label);
    return t.expect;
}

static const struct check_options *with;

void checkrun_options(const struct check_options *options)
{
    with = options;
}

void checkrun_clean(tb_story *story)
{
    char name[] = "/tmp/check-XXXXXX", *text, *line;
    int status;

    write_story(story, NULL, NULL, name);
    status = checkrun_file(name, with, &text);
    if (status != CHECK_CLEAN || count_lines(text, name, &line) > 0)
        fail_msg("not clean:\n%s", text);
    unlink(name);
    free(text);
}

static int run_one(const struct planted *p, size_t number)
{
    char name[] = "/tmp/check-XXXXXX", *text, *line, want[200];
    uint32_t frame = write_story(p->story, p->label, p->edit, name);
    int status = checkrun_file(name, with, &text), lines = count_lines(text, name, &line), bad;
    int expected = strncmp(p->clause, "warning: ", 9) == 0 ? CHECK_CLEAN : CHECK_ERRORS;

    snprintf(want, sizeof want, "%u: %s: ", frame, p->clause);
    bad = status != expected || lines != 1 || strncmp(line, want, strlen(want)) != 0;
    if (bad)
        print_error("%zu, at \"%s\": status %d, want %s, got\n%s\n", number, p->label, status, want, text);
    unlink(name);
    free(text);
    return bad;
}

void checkrun_planted(const struct planted *p, size_t n)
{
    int bad = 0;

    for (size_t i = 0; i < n; i++)
        bad += run_one(&p[i], i);
    print_message("%zu planted errors, %d not found as they should\n", n, bad);
    assert_int_equal(bad, 0);
}
