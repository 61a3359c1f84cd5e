/* SPDX-License-Identifier: MIT */
/* wire/text.c - see text.h. */
#include "wire/text.h"

/* An empty line, ended already. */
void mpt_text_init(struct mpt_text *t, char *at, size_t cap)
{
    t->at = at;
    t->cap = cap;
    t->len = 0;
    if (cap)
        at[0] = 0;
}

/* What does not fit is dropped, the end mark stays: a cut line is still a line. */
static void put_char(struct mpt_text *t, char c)
{
    if (t->len + 1 >= t->cap)
        return;
    t->at[t->len++] = c;
    t->at[t->len] = 0;
}

/* Up to the end mark, which is not copied. */
void mpt_text_put(struct mpt_text *t, const char *s)
{
    while (*s)
        put_char(t, *s++);
}

/* Twenty digits hold any 64-bit number; they come last first. */
void mpt_text_put_dec(struct mpt_text *t, uint64_t v)
{
    char digit[20];
    int n = 0;

    do {
        digit[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    while (n)
        put_char(t, digit[--n]);
}

/* Exactly so many digits, leading zeroes too. */
void mpt_text_put_hex(struct mpt_text *t, uint64_t v, int digits)
{
    while (digits--)
        put_char(t, "0123456789abcdef"[v >> (4 * digits) & 15]);
}

void mpt_text_put_octets(struct mpt_text *t, const uint8_t *p, size_t n)
{
    while (n--)
        mpt_text_put_hex(t, *p++, 2);
}
