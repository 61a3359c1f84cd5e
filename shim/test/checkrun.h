/* SPDX-License-Identifier: MIT */
/* checkrun.h - runs the trace checker over built conversations, clean ones and ones with a planted error. */
#ifndef TEST_CHECKRUN_H
#define TEST_CHECKRUN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/check.h"
#include "tracebuild.h"

typedef void tb_story(struct tb *t);

/* An edit of the segment `label` of a story, and the clause that must be named. */
struct planted {
    tb_story *story;
    const char *label;
    tb_edit *edit;
    const char *clause;
};

/* Runs the checker over a file: its exit status, its lines in *text (to be freed). */
int checkrun_file(const char *file, const struct check_options *options, char **text);
/* Of the runs below; NULL: none. */
void checkrun_options(const struct check_options *options);
/* A story without errors or warnings. */
void checkrun_clean(tb_story *story);
/* Each edit gives one error, in the expected frame, by the expected clause, and nothing else. */
void checkrun_planted(const struct planted *p, size_t n);

#endif
