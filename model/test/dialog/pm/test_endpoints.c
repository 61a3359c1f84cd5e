/* SPDX-License-Identifier: MIT */
/* test_endpoints.c - the path manager `endpoints`: addresses with a purpose, and limits (pm/README.md; RFC 8684 3.2,
 * 3.3.8, 3.4.1, 3.4.2). Addresses up without any purpose: 10.0.1.1 (id 0, of the first subflow) and 10.0.1.2 (id 2).
 * The connection is confirmed at 20 ms as client, at 10 ms as server. */
#include "dialog/dialog.h"

static const char *const PLAIN[] = { "pm=endpoints", NULL };
static const char *const ACCEPTS[] = { "pm=endpoints", "limits.add_addr_accepted=2", NULL };
static const char *const ROOMY[] = { "pm=endpoints", "limits.subflows=8", "limits.add_addr_accepted=8", NULL };

static void open_client(struct dialog *d, const char *const *settings)
{
    dialog_client(d, settings);
    dialog_out(d, 0, "S 0 cap4 ext");
    dialog_in(d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(d, 10 * MS, ". 1 a1 cap20");
    dialog_in(d, 20 * MS, ". 1 a1 ack=0");
}

static void open_server(struct dialog *d, const char *const *settings)
{
    dialog_server(d, settings);
    dialog_in(d, 0, "S 0 cap4");
    dialog_out(d, 0, "S. 0 a1 cap12");
    dialog_in(d, 10 * MS, ". 1 a1 cap20");
}

/* A join of the stack becomes full; it left at `at`. */
static void complete_to(struct dialog *d, size_t n, unsigned id, uint64_t at)
{
    dialog_inf(d, at + 10 * MS, "%zu| S. 0 a1 join16:id=%u", n, id);
    dialog_outf(d, at + 10 * MS, "%zu| . 1 a1 join24", n);
    dialog_inf(d, at + 20 * MS, "%zu| . 1 a1 ack=0", n);
}

static void complete(struct dialog *d, size_t n, uint64_t at)
{
    complete_to(d, n, 0, at);
}

/* ---- without a purpose ---- */

static void test_nothing(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PLAIN);
    dialog_none(&d, 500 * S);
    assert_int_equal(d.tuples, 1);
    dialog_end(&d);
}

static void test_flags_refused(void **state)
{
    struct dialog d;
    const uint32_t id_2 = 2 << 8;

    (void)state;
    dialog_init(&d, PLAIN);
    assert_int_equal(dialog_up(&d, 0, 5, MPT_ADDRESS_SIGNAL | MPT_ADDRESS_FULLMESH, 0), MPT_EINVAL);
    assert_int_equal(dialog_up(&d, 0, 5, 128, 0), MPT_EINVAL);
    assert_int_equal(dialog_up(&d, 0, 5, id_2 | MPT_ADDRESS_SUBFLOW, 0), MPT_EADDRINUSE);
    dialog_end(&d);
}

/* ---- SUBFLOW ---- */

static void test_subflow(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PLAIN);
    dialog_up(&d, 100 * MS, 2, MPT_ADDRESS_SUBFLOW, 0); /* was up: becomes an endpoint */
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    complete(&d, 1, 100 * MS);
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* The id is the host's to choose. */
static void test_subflow_id(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PLAIN);
    dialog_up(&d, 100 * MS, 9, 77 << 8 | MPT_ADDRESS_SUBFLOW | MPT_ADDRESS_BACKUP, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:B:id=77");
    complete(&d, 1, 100 * MS);
    dialog_down(&d, 200 * MS, 9);
    dialog_out(&d, 200 * MS, "0| . 1 a1 ack=0 rm=77");
    dialog_end(&d);
}

/* Another id for an address that is up: until a peer has been told of the old one. */
static void test_id_changed(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PLAIN);
    assert_int_equal(dialog_up(&d, 100 * MS, 2, 1 << 8, 0), MPT_EADDRINUSE); /* of 10.0.1.1 */
    assert_int_equal(dialog_up(&d, 100 * MS, 1, 99 << 8, 0), 0);
    assert_int_equal(dialog_up(&d, 100 * MS, 2, 1 << 8 | MPT_ADDRESS_SUBFLOW, 0), 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=1");
    complete(&d, 1, 100 * MS);
    assert_int_equal(dialog_up(&d, 200 * MS, 2, 7 << 8 | MPT_ADDRESS_SUBFLOW, 0), 0);
    dialog_none(&d, 300 * MS);
    dialog_down(&d, 300 * MS, 2);
    dialog_out(&d, 300 * MS, "0| . 1 a1 ack=0 rm=1");
    dialog_end(&d);
}

/* Two beside the first, by default; raised at run time, the third goes when something happens. */
static void test_subflow_limit(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PLAIN);
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SUBFLOW, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_up(&d, 100 * MS, 4, MPT_ADDRESS_SUBFLOW, 0);
    dialog_out(&d, 100 * MS, "2| S 0 join12:id=4");
    dialog_up(&d, 100 * MS, 5, MPT_ADDRESS_SUBFLOW, 0);
    complete(&d, 1, 100 * MS);
    dialog_none(&d, 125 * MS);
    assert_int_equal(mpt_stack_set(d.stack, "limits.subflows", "3"), 0);
    assert_int_equal(mpt_stack_set(d.stack, "limits.subflows", "many"), MPT_EINVAL);
    assert_int_equal(mpt_stack_set(d.stack, "limits.sparrows", "3"), MPT_ENOENT);
    dialog_in(&d, 130 * MS, "2| S. 0 a1 join16:id=0");
    dialog_out(&d, 130 * MS, "2| . 1 a1 join24");
    dialog_in(&d, 140 * MS, "2| . 1 a1 ack=0");
    dialog_out(&d, 140 * MS, "3| S 0 join12:id=5");
    dialog_end(&d);
}

/* One that is reset makes room for the next endpoint, and is not tried again. */
static void test_subflow_refused_next(void **state)
{
    static const char *const one[] = { "pm=endpoints", "limits.subflows=1", NULL };
    struct dialog d;

    (void)state;
    open_client(&d, one);
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SUBFLOW, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=3");
    dialog_up(&d, 100 * MS, 4, MPT_ADDRESS_SUBFLOW, 0);
    dialog_in(&d, 120 * MS, "1| R. 0 a1");
    dialog_out(&d, 1120 * MS, "2| S 0 join12:id=4"); /* after a pause */
    complete(&d, 2, 1120 * MS);
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* The peer's C flag: its first address is no target. An address that it announces is, for the same endpoint. */
static void test_subflow_c_flag(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, ACCEPTS);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12:f=21 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0");
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SUBFLOW, 0);
    dialog_none(&d, 199 * MS);
    dialog_in(&d, 200 * MS, ". 1 a1 ack=0 add=4/9");
    dialog_out(&d, 200 * MS, ". 1 a1 ack=0 echo=4/9");
    dialog_out(&d, 200 * MS, "1| S 0 join12:id=3");
    assert_int_equal(d.tuple[1].remote.ip[3], 9);
    dialog_end(&d);
}

/* An endpoint that is the first subflow's own address opens nothing; its BACKUP is said by MP_PRIO, as MP_CAPABLE has
 * no bit for it. */
static void test_first_is_backup(void **state)
{
    struct dialog d;

    (void)state;
    dialog_init(&d, PLAIN);
    dialog_up(&d, 0, 1, MPT_ADDRESS_SUBFLOW | MPT_ADDRESS_BACKUP, 0);
    {
        struct mpt_addr local, remote;

        dialog_addr_family(&local, 4, 1, 1);
        dialog_addr_family(&remote, 4, 0, 1);
        remote.port = 80;
        assert_int_equal(mpt_connect(d.stack, &d.conn, &local, &remote, 0), 0);
        dialog_run(&d);
    }
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1 a1 ack=0");
    dialog_out(&d, 20 * MS, ". 1 a1 ack=0 prio=1");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* ---- FULLMESH ---- */

/* To the first address and to those that other subflows go to. */
static void test_fullmesh(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, ROOMY);
    dialog_in(&d, 100 * MS, ". 1 a1 ack=0 add=4/9");
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 echo=4/9");
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=0"); /* no endpoint: from where the first subflow is */
    complete_to(&d, 1, 4, 100 * MS);
    dialog_up(&d, 200 * MS, 3, MPT_ADDRESS_FULLMESH | MPT_ADDRESS_SUBFLOW, 0);
    dialog_out(&d, 200 * MS, "2| S 0 join12:id=3");
    dialog_out(&d, 200 * MS, "3| S 0 join12:id=3");
    assert_int_equal(d.tuple[2].remote.ip[3], 1);
    assert_int_equal(d.tuple[3].remote.ip[3], 9);
    complete(&d, 2, 200 * MS);
    dialog_inf(&d, 220 * MS, "3| S. 0 a1 join16:id=4");
    dialog_out(&d, 220 * MS, "3| . 1 a1 join24");
    dialog_in(&d, 230 * MS, "3| . 1 a1 ack=0");
    dialog_in(&d, 300 * MS, ". 1 a1 ack=0 add=5/8:81"); /* from the mesh endpoints, not from elsewhere */
    dialog_out(&d, 300 * MS, "0| . 1 a1 ack=0 echo=5/8:81");
    dialog_out(&d, 300 * MS, "4| S 0 join12:id=3");
    assert_int_equal(d.tuple[4].remote.port, 81);
    dialog_none(&d, 310 * MS);
    dialog_end(&d);
}

/* ---- SIGNAL ---- */

/* One after the other: the second when the first is echoed. */
static void test_signal(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN);
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SIGNAL, 0);
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 add=3/3");
    dialog_up(&d, 101 * MS, 4, MPT_ADDRESS_SIGNAL, 8080);
    dialog_none(&d, 119 * MS);
    dialog_in(&d, 120 * MS, ". 1 a1 ack=0 echo=3/3");
    dialog_out(&d, 120 * MS, ". 1 a1 add=4/4:8080"); /* takes the room of the DSS */
    dialog_out(&d, 120 * MS, ". 1 a1 ack=0");
    dialog_in(&d, 140 * MS, ". 1 a1 ack=0 echo=4/4:8080");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* Without an echo the next goes when the tries of the first are over. */
static void test_signal_unanswered(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, PLAIN);
    dialog_up(&d, 100 * MS, 3, MPT_ADDRESS_SIGNAL, 0);
    dialog_up(&d, 100 * MS, 4, MPT_ADDRESS_SIGNAL, 0);
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 add=3/3");
    dialog_out(&d, 30100 * MS, ". 1 a1 ack=0 add=3/3");
    dialog_out(&d, 60100 * MS, ". 1 a1 ack=0 add=3/3");
    dialog_out(&d, 90100 * MS, ". 1 a1 ack=0 add=4/4");
    dialog_in(&d, 90200 * MS, ". 1 a1 ack=0 echo=4/4");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* A client announces too. */
static void test_signal_by_client(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PLAIN);
    dialog_up(&d, 100 * MS, 2, MPT_ADDRESS_SIGNAL, 0);
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 add=2/2");
    dialog_in(&d, 120 * MS, ". 1 a1 ack=0 echo=2/2");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* The endpoint is deleted, its address stays: REMOVE_ADDR, and its subflow is reset. */
static void test_deleted(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PLAIN);
    dialog_up(&d, 100 * MS, 2, MPT_ADDRESS_SUBFLOW, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    complete(&d, 1, 100 * MS);
    dialog_up(&d, 200 * MS, 2, 0, 0);
    dialog_out(&d, 200 * MS, "0| . 1 a1 ack=0 rm=2");
    dialog_out(&d, 200 * MS, "1| R. 1 a1 rst=0T");
    assert_int_equal(dialog_count(&d, "MPTcpExtRmSubflow"), 1);
    dialog_up(&d, 300 * MS, 2, MPT_ADDRESS_SUBFLOW, 0); /* and is back */
    dialog_out(&d, 300 * MS, "2| S 0 join12:id=2");
    dialog_end(&d);
}

/* Only BACKUP changes: MP_PRIO on the subflow that it is about, nothing else. */
static void test_backup_changed(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PLAIN);
    dialog_up(&d, 100 * MS, 2, MPT_ADDRESS_SUBFLOW, 0);
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=2");
    complete(&d, 1, 100 * MS);
    dialog_up(&d, 200 * MS, 2, MPT_ADDRESS_SUBFLOW | MPT_ADDRESS_BACKUP, 0);
    dialog_out(&d, 200 * MS, "1| . 1 a1 ack=0 prio=1");
    dialog_up(&d, 210 * MS, 2, MPT_ADDRESS_SUBFLOW, 0);
    dialog_out(&d, 210 * MS, "1| . 1 a1 ack=0 prio=0");
    dialog_end(&d);
}

/* ---- ADD_ADDR of the peer ---- */

/* By default an address of the peer is echoed and no more. */
static void test_not_accepted(void **state)
{
    struct dialog d;

    (void)state;
    open_client(&d, PLAIN);
    dialog_in(&d, 100 * MS, ". 1 a1 ack=0 add=4/9");
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 echo=4/9");
    dialog_none(&d, 500 * S);
    dialog_end(&d);
}

/* ADD_ADDR came before the first DATA_ACK, as Linux sends it at times: it is joined once joins are allowed (3.1). */
static void test_announced_early(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, ACCEPTS);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_in(&d, 20 * MS, ". 1 a1 add=4/9");
    dialog_out(&d, 20 * MS, "0| . 1 a1 cap20");
    dialog_in(&d, 30 * MS, ". 1 a1 ack=0");
    dialog_out(&d, 30 * MS, "0| . 1 a1 ack=0 echo=4/9");
    dialog_out(&d, 30 * MS, "1| S 0 join12:id=0");
    dialog_end(&d);
}

/* Two are accepted, the third is not; after REMOVE_ADDR of one there is room again. */
static void test_accepted_limit(void **state)
{
    static const char *const two[] = { "pm=endpoints", "limits.subflows=8", "limits.add_addr_accepted=2", NULL };
    struct dialog d;

    (void)state;
    open_client(&d, two);
    for (unsigned i = 1; i <= 2; i++) {
        dialog_inf(&d, i * 100 * MS, ". 1 a1 ack=0 add=%u/%u", 3 + i, 10 + i);
        dialog_outf(&d, i * 100 * MS, "0| . 1 a1 ack=0 echo=%u/%u", 3 + i, 10 + i);
        dialog_outf(&d, i * 100 * MS, "%u| S 0 join12:id=0", i);
        dialog_inf(&d, i * 100 * MS + 10 * MS, "%u| S. 0 a1 join16:id=%u", i, 3 + i);
        dialog_outf(&d, i * 100 * MS + 10 * MS, "%u| . 1 a1 join24", i);
        dialog_inf(&d, i * 100 * MS + 20 * MS, "%u| . 1 a1 ack=0", i);
    }
    dialog_in(&d, 300 * MS, ". 1 a1 ack=0 add=6/13");
    dialog_out(&d, 300 * MS, "0| . 1 a1 ack=0 echo=6/13");
    dialog_none(&d, 399 * MS);
    dialog_in(&d, 400 * MS, ". 1 a1 ack=0 rm=4");
    dialog_out(&d, 400 * MS, "1| R. 1 a1 rst=0T");
    dialog_in(&d, 500 * MS, ". 1 a1 ack=0 add=7/14");
    dialog_out(&d, 500 * MS, "0| . 1 a1 ack=0 echo=7/14");
    dialog_out(&d, 500 * MS, "3| S 0 join12:id=0");
    dialog_end(&d);
}

/* A server joins, too, where its limits let it. */
static void test_server_joins(void **state)
{
    struct dialog d;

    (void)state;
    open_server(&d, ACCEPTS);
    dialog_in(&d, 100 * MS, ". 1 a1 ack=0 add=4/9:7000");
    dialog_out(&d, 100 * MS, ". 1 a1 ack=0 echo=4/9:7000");
    dialog_out(&d, 100 * MS, "1| S 0 join12:id=0");
    assert_int_equal(d.tuple[1].remote.port, 7000);
    complete(&d, 1, 100 * MS);
    assert_int_equal(d.conn->subflow_count, 2);
    dialog_end(&d);
}

/* Joins of the peer count against the same limit. */
static void test_joins_in_limit(void **state)
{
    static const char *const one[] = { "pm=endpoints", "limits.subflows=1", NULL };
    struct dialog d;

    (void)state;
    open_server(&d, one);
    dialog_tuple(&d, 1, 7, 6001);
    dialog_tuple(&d, 1, 8, 6002);
    dialog_in(&d, 40 * MS, "1| S 0 join12:id=3");
    dialog_out(&d, 40 * MS, "1| S. 0 a1 join16:id=0");
    dialog_in(&d, 50 * MS, "2| S 0 join12:id=4");
    dialog_out(&d, 50 * MS, "2| R. 0 a1 rst=3");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing), cmocka_unit_test(test_flags_refused), cmocka_unit_test(test_subflow),
        cmocka_unit_test(test_subflow_id), cmocka_unit_test(test_id_changed), cmocka_unit_test(test_subflow_limit),
        cmocka_unit_test(test_subflow_refused_next), cmocka_unit_test(test_subflow_c_flag),
        cmocka_unit_test(test_first_is_backup), cmocka_unit_test(test_fullmesh), cmocka_unit_test(test_signal),
        cmocka_unit_test(test_signal_unanswered), cmocka_unit_test(test_signal_by_client),
        cmocka_unit_test(test_deleted), cmocka_unit_test(test_backup_changed), cmocka_unit_test(test_not_accepted),
        cmocka_unit_test(test_announced_early),
        cmocka_unit_test(test_accepted_limit), cmocka_unit_test(test_server_joins),
        cmocka_unit_test(test_joins_in_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
