/* SPDX-License-Identifier: MIT */
/* run/doc.c - YAML (YAML 1.1 by libyaml's document API, which keeps the place of every node); see doc.h.
 * A repeated key is an error here: YAML forbids it, and libyaml lets it pass. */
#include "run/doc.h"

#include <string.h>
#include <yaml.h>

/* What the conversion needs everywhere. */
struct reader {
    yaml_document_t *document;
    struct pool *pool;
    const char *name; /* of the file */
    struct diag *diag;
    unsigned depth;   /* nesting: an alias may contain itself */
};

/* A node of libyaml, by its number in the document, to one of ours; 0, or -1 with a message. */
static int convert(struct reader *r, int index, struct node *out);

/* libyaml counts from 0, editors from 1. */
static struct place place_of(const struct reader *r, yaml_mark_t mark)
{
    return (struct place){r->name, (unsigned)mark.line + 1, (unsigned)mark.column + 1};
}

/* Quadratic in the keys of one map, which are a few dozen. */
static int check_repeated(struct reader *r, const struct node *map, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (strcmp(map->keys[j].text, map->keys[i].text) == 0) {
            diag_add(r->diag, map->keys[i].at, "'%s' is here a second time; the first is in line %u",
                     map->keys[i].text, map->keys[j].at.line);
            return -1;
        }
    return 0;
}

/* Both arrays have room for every pair; count says how many are done. */
static int convert_map(struct reader *r, const yaml_node_t *y, struct node *out)
{
    size_t n = (size_t)(y->data.mapping.pairs.top - y->data.mapping.pairs.start);

    out->kind = NODE_MAP;
    out->keys = pool_alloc(r->pool, n * sizeof *out->keys);
    out->children = pool_alloc(r->pool, n * sizeof *out->children);
    for (size_t i = 0; i < n; i++) {
        const yaml_node_pair_t *pair = &y->data.mapping.pairs.start[i];

        if (convert(r, pair->key, &out->keys[i]) < 0)
            return -1;
        if (out->keys[i].kind != NODE_SCALAR) {
            diag_add(r->diag, out->keys[i].at, "a key is a word, not a map or list");
            return -1;
        }
        if (check_repeated(r, out, i) < 0 || convert(r, pair->value, &out->children[i]) < 0)
            return -1;
        out->count++;
    }
    return 0;
}

/* Elements in the order of the file: changes of a path are applied in it. */
static int convert_list(struct reader *r, const yaml_node_t *y, struct node *out)
{
    size_t n = (size_t)(y->data.sequence.items.top - y->data.sequence.items.start);

    out->kind = NODE_LIST;
    out->children = pool_alloc(r->pool, n * sizeof *out->children);
    for (out->count = 0; out->count < n; out->count++)
        if (convert(r, y->data.sequence.items.start[out->count], &out->children[out->count]) < 0)
            return -1;
    return 0;
}

static int convert(struct reader *r, int index, struct node *out)
{
    const yaml_node_t *y = yaml_document_get_node(r->document, index);
    int e = 0;

    memset(out, 0, sizeof *out);
    out->at = place_of(r, y->start_mark);
    /* far more than a scenario needs; without a limit an alias to its own parent would never end */
    if (++r->depth > 32) {
        diag_add(r->diag, out->at, "nested too deeply");
        return -1;
    }
    if (y->type == YAML_MAPPING_NODE)
        e = convert_map(r, y, out);
    else if (y->type == YAML_SEQUENCE_NODE)
        e = convert_list(r, y, out);
    else
        out->text = pool_format(r->pool, "%.*s", (int)y->data.scalar.length, (char *)y->data.scalar.value);
    r->depth--;
    return e;
}

/* libyaml's own words, with the place where it noticed. */
static void complain_syntax(const yaml_parser_t *p, const char *name, struct diag *d)
{
    struct place at = {name, (unsigned)p->problem_mark.line + 1, (unsigned)p->problem_mark.column + 1};

    diag_add(d, at, "not YAML: %s%s%s", p->problem != NULL ? p->problem : "unreadable",
             p->context != NULL ? " " : "", p->context != NULL ? p->context : "");
}

/* libyaml's document is gone afterwards; nodes and texts live in the pool. */
static struct node *convert_document(yaml_document_t *document, struct pool *pool, const char *name,
                                     struct diag *d)
{
    struct reader r = {document, pool, name, d, 0};
    struct node *root = pool_alloc(pool, sizeof *root);

    if (yaml_document_get_root_node(document) == NULL) {
        diag_add(d, (struct place){name, 1, 1}, "the file is empty");
        return NULL;
    }
    return convert(&r, 1, root) < 0 ? NULL : root; /* libyaml numbers nodes from 1; the root is first */
}

/* The copy of the name outlives the caller's: every place of a message refers to it. */
struct node *doc_read(struct pool *pool, FILE *file, const char *name, struct diag *d)
{
    yaml_parser_t parser;
    yaml_document_t document;
    struct node *root = NULL;
    const char *copy = pool_format(pool, "%s", name);

    if (!yaml_parser_initialize(&parser)) {
        diag_add(d, (struct place){name, 0, 0}, "out of memory");
        return NULL;
    }
    yaml_parser_set_input_file(&parser, file);
    if (yaml_parser_load(&parser, &document)) {
        root = convert_document(&document, pool, copy, d);
        yaml_document_delete(&document);
    } else {
        complain_syntax(&parser, copy, d);
    }
    yaml_parser_delete(&parser);
    return root;
}
