/* SPDX-License-Identifier: MIT */
/* test_check_files.c - what the trace checker reads: byte orders, units, link types, pcapng, several files of one
 * conversation, files that are cut off or no captures at all. */
#include "checkrun.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PACKETS = 7, LINK_RAW = 101 };

/* A capture to be written: its form, and which packets are left out. */
struct form {
    int ng, swapped, micro;
    uint32_t link, prefix;   /* LINKTYPE_..., octets before the IP packet */
    uint8_t head[20];        /* these octets */
    uint32_t snap;           /* octets kept of a packet, 0: all */
    int only;                /* 1: odd packets, 2: even ones, 0: all */
    uint64_t later;          /* ns added to each time */
};

/* The packets of a TCP connection with 1000 octets, as IP. */
struct story {
    uint8_t ip[PACKETS][1200];
    uint32_t len[PACKETS];
};

static void put(FILE *f, const struct form *form, uint32_t x, int octets)
{
    for (int i = 0; i < octets; i++)
        fputc((int)(x >> 8 * (form->swapped ? octets - 1 - i : i)) & 255, f);
}

/* The builder writes a capture; its packets are taken from there. */
static void tell(struct story *s)
{
    static const int dir[PACKETS] = {C, S, C, C, S, C, S};
    static const unsigned flags[PACKETS] = {MPT_TCP_SYN, MPT_TCP_SYN | MPT_TCP_ACK, MPT_TCP_ACK, MPT_TCP_ACK, MPT_TCP_ACK,
                                            MPT_TCP_FIN | MPT_TCP_ACK, MPT_TCP_FIN | MPT_TCP_ACK};
    FILE *f = tmpfile();
    struct tb t;
    uint8_t h[24];

    tb_start(&t, f, NULL, NULL);
    for (int i = 0; i < PACKETS; i++) {
        struct tb_seg x = tb_new(&t, 0, dir[i], flags[i]);

        if (i == 3)
            tb_data(&x, 1, 1000);
        tb_send(&t, NULL, &x);
    }
    pcap_finish(&t.pcap);
    rewind(f);
    assert_int_equal(fread(h, 1, 24, f), 24);
    for (int i = 0; i < PACKETS; i++) {
        assert_int_equal(fread(h, 1, 16, f), 16);
        s->len[i] = h[8] | (uint32_t)h[9] << 8;
        assert_int_equal(fread(s->ip[i], 1, s->len[i], f), s->len[i]);
    }
    fclose(f);
}

static void put_classic(FILE *f, const struct form *form, uint32_t have, uint32_t len, uint64_t at)
{
    put(f, form, (uint32_t)(at / 1000000000), 4);
    put(f, form, (uint32_t)(at % 1000000000) / (form->micro ? 1000 : 1), 4);
    put(f, form, have, 4);
    put(f, form, len, 4);
}

static void put_enhanced(FILE *f, const struct form *form, uint32_t have, uint32_t len, uint64_t at)
{
    put(f, form, 6, 4);
    put(f, form, 32 + ((have + 3) & ~3u), 4);
    put(f, form, 0, 4);
    at /= form->micro ? 1000 : 1;
    put(f, form, (uint32_t)(at >> 32), 4);
    put(f, form, (uint32_t)at, 4);
    put(f, form, have, 4);
    put(f, form, len, 4);
}

/* Section and interface; nanoseconds by if_tsresol, microseconds by its absence. A block in between is passed over. */
static void put_sections(FILE *f, const struct form *form)
{
    uint32_t interface = form->micro ? 20 : 28;

    put(f, form, 0x0a0d0d0a, 4);
    put(f, form, 28, 4);
    put(f, form, 0x1a2b3c4d, 4);
    put(f, form, form->swapped ? 1 : 1, 2);
    put(f, form, 0, 2);
    put(f, form, 0xffffffff, 4);
    put(f, form, 0xffffffff, 4);
    put(f, form, 28, 4);
    put(f, form, 1, 4);
    put(f, form, interface, 4);
    put(f, form, form->link, 2);
    put(f, form, 0, 2);
    put(f, form, 0, 4);
    if (!form->micro) {
        put(f, form, 9, 2);
        put(f, form, 1, 2);
        fwrite("\x09\0\0\0", 1, 4, f);
    }
    put(f, form, interface, 4);
    put(f, form, 4, 4); /* name resolution */
    put(f, form, 16, 4);
    put(f, form, 0, 4);
    put(f, form, 16, 4);
}

static void put_packet(FILE *f, const struct form *form, const uint8_t *ip, uint32_t n, uint64_t at)
{
    uint32_t len = form->prefix + n, have = form->snap && form->snap < len ? form->snap : len;

    if (form->ng)
        put_enhanced(f, form, have, len, at);
    else
        put_classic(f, form, have, len, at);
    fwrite(form->head, 1, form->prefix < have ? form->prefix : have, f);
    fwrite(ip, 1, have > form->prefix ? have - form->prefix : 0, f);
    if (form->ng) {
        for (uint32_t i = have; i & 3; i++)
            fputc(0, f);
        put(f, form, 32 + ((have + 3) & ~3u), 4);
    }
}

static void write_form(const struct form *form, const struct story *s, char *name)
{
    int fd = mkstemp(name);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");

    assert_non_null(f);
    if (form->ng) {
        put_sections(f, form);
    } else {
        put(f, form, form->micro ? 0xa1b2c3d4 : 0xa1b23c4d, 4);
        put(f, form, 2, 2);
        put(f, form, 4, 2);
        put(f, form, 0, 4);
        put(f, form, 0, 4);
        put(f, form, 65535, 4);
        put(f, form, form->link, 4);
    }
    for (int i = 0; i < PACKETS; i++)
        if (!form->only || (i & 1) == (form->only & 1))
            put_packet(f, form, s->ip[i], s->len[i], UINT64_C(1600000000000000000) + (uint64_t)i * 1000000 + form->later);
    fclose(f);
}

/* Writes one form, checks it: the status; *text has the lines. */
static int run_form(const struct form *form, char **text)
{
    char name[] = "/tmp/check-XXXXXX";
    struct story s;
    int status;

    tell(&s);
    write_form(form, &s, name);
    status = checkrun_file(name, NULL, text);
    unlink(name);
    return status;
}

static void expect(const struct form *form, int status, const char *words)
{
    char *text;
    int got = run_form(form, &text);

    if (got != status || !strstr(text, words))
        fail_msg("link %u%s: status %d, not \"%s\" in:\n%s", form->link, form->ng ? ", pcapng" : "", got, words, text);
    free(text);
}

static const char clean[] = "7 packets, 0 seen elsewhere too, 0 not TCP: ";

static void test_orders_and_units(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct form f = {.ng = i & 1, .swapped = i >> 1 & 1, .micro = i >> 2 & 1, .link = LINK_RAW};

        expect(&f, CHECK_CLEAN, clean);
    }
}

static void test_link_types(void **state)
{
    static const struct form forms[] = {
        {.link = 228},
        {.link = 0, .prefix = 4, .head = {2}},
        {.link = 1, .prefix = 14, .head = {[12] = 8}},
        {.link = 113, .prefix = 16, .head = {[14] = 8}},
        {.link = 276, .prefix = 20, .head = {8}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        expect(&forms[i], CHECK_CLEAN, clean);
    expect(&(struct form){.link = 1, .prefix = 14, .head = {[12] = 0x88, 0xcc}}, CHECK_CLEAN, "7 not TCP");
    expect(&(struct form){.link = 147}, CHECK_CLEAN, "7 not TCP");
}

static void test_snaplen(void **state)
{
    (void)state;
    expect(&(struct form){.link = LINK_RAW, .snap = 100}, CHECK_CLEAN, "not checkable: 952 octets that were not captured");
    expect(&(struct form){.link = LINK_RAW, .snap = 30}, CHECK_CLEAN, "not checkable: 7 octets that were not captured");
}

/* Both interfaces of a host, or both ends: one view, merged by time. */
static void test_several(void **state)
{
    static const struct form odd = {.link = LINK_RAW, .only = 1}, even = {.link = LINK_RAW, .only = 2},
                             late = {.link = LINK_RAW, .later = 300000, .micro = 1};
    char name[3][20] = {"/tmp/check-XXXXXX", "/tmp/check-XXXXXX", "/tmp/check-XXXXXX"};
    char *names[3] = {name[0], name[1], name[2]}, *text;
    struct check_options o = {0};
    struct story s;
    size_t size;

    (void)state;
    tell(&s);
    write_form(&odd, &s, name[0]);
    write_form(&even, &s, name[1]);
    write_form(&late, &s, name[2]);
    o.out = open_memstream(&text, &size);
    assert_int_equal(check_files(&o, names, 3), CHECK_CLEAN);
    fclose(o.out);
    assert_non_null(strstr(text, "7 packets, 7 seen elsewhere too"));
    free(text);
    assert_int_equal(checkrun_file(name[0], NULL, &text), CHECK_CLEAN); /* begins with the SYN/ACK */
    assert_non_null(strstr(text, "connections older than the capture"));
    free(text);
    for (int i = 0; i < 3; i++)
        unlink(name[i]);
}

static void test_unreadable(void **state)
{
    char name[] = "/tmp/check-XXXXXX", *text;
    struct form raw = {.link = LINK_RAW};
    struct story s;

    (void)state;
    tell(&s);
    write_form(&raw, &s, name);
    assert_int_equal(truncate(name, 500), 0); /* within a frame: what came before counts */
    assert_int_equal(checkrun_file(name, NULL, &text), CHECK_UNREADABLE);
    assert_non_null(strstr(text, "3 packets"));
    free(text);
    assert_int_equal(truncate(name, 10), 0);
    assert_int_equal(checkrun_file(name, NULL, &text), CHECK_UNREADABLE);
    free(text);
    assert_int_equal(truncate(name, 0), 0);
    assert_int_equal(checkrun_file(name, NULL, &text), CHECK_UNREADABLE);
    free(text);
    unlink(name);
    assert_int_equal(checkrun_file(name, NULL, &text), CHECK_UNREADABLE); /* no such file */
    free(text);
    assert_int_equal(checkrun_file("/proc/version", NULL, &text), CHECK_UNREADABLE); /* not a capture */
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders_and_units), cmocka_unit_test(test_link_types), cmocka_unit_test(test_snaplen),
        cmocka_unit_test(test_several),          cmocka_unit_test(test_unreadable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
