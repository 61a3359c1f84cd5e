/* SPDX-License-Identifier: MIT */
/* run/doc.h - a YAML file as a tree of nodes that know their line and column.
 * libyaml's types stay in doc.c. Called by scenario.c. */
#ifndef RUN_DOC_H
#define RUN_DOC_H

#include <stdio.h>

#include "run/diag.h"
#include "run/pool.h"

enum node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct node {
    enum node_kind kind;
    struct place at;
    const char *text;     /* NODE_SCALAR */
    size_t count;         /* children of a map or list */
    struct node *children; /* values */
    struct node *keys;    /* NODE_MAP: scalar keys, in the file's order */
};

/* Reads one document. NULL: errors are in d. name is what messages call the file. */
struct node *doc_read(struct pool *pool, FILE *file, const char *name, struct diag *d);

#endif
