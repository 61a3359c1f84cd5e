/* SPDX-License-Identifier: MIT */
/* analysis/page.h - the pieces of a self-contained HTML page: everything is inside the file, nothing is loaded. Texts are
 * escaped. Called by report.c and runline.c. */
#ifndef ANALYSIS_PAGE_H
#define ANALYSIS_PAGE_H

#include <stddef.h>
#include <stdio.h>

/* Head, style and the title as a heading. */
void page_open(FILE *out, const char *title);
void page_close(FILE *out);
/* A text, escaped. */
void page_text(FILE *out, const char *text);
/* <tag>text</tag>, escaped. */
void page_element(FILE *out, const char *tag, const char *text);
/* A PNG as data; nothing is written and -1 returned when it cannot be read. */
int page_image(FILE *out, const char *path, const char *title);
/* A CSV file as a table: at most `most` rows, and says where the others are. Folded unless `open`. 0, or -1: unreadable,
 * which the page says in its place. */
int page_table(FILE *out, const char *path, const char *title, size_t most, int open);

#endif
