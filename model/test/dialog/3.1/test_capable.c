/* SPDX-License-Identifier: MIT */
/* test_capable.c - MP_CAPABLE (RFC 8684 3.1) and what follows when it is missing (3.7). */
#include "dialog/dialog.h"

static void test_server(void **state)
{
    struct dialog d;

    (void)state;
    dialog_server(&d, NULL);
    dialog_in(&d, 0, "S 0 cap4 ext");
    dialog_out(&d, 0, "S. 0 a1 cap12 ext");
    dialog_in(&d, 10 * MS, ". 1 a1 cap20");
    dialog_write(&d, 11 * MS, 100);
    dialog_out(&d, 11 * MS, ". 1+100 a1 ack=0 map=0/1/100");
    dialog_end(&d);
}

static void test_client(void **state)
{
    struct dialog d;

    (void)state;
    dialog_client(&d, NULL);
    dialog_out(&d, 0, "S 0 cap4 ext");
    dialog_in(&d, 10 * MS, "S. 0 a1 cap12 ext");
    dialog_out(&d, 10 * MS, ". 1 a1 cap20");
    dialog_write(&d, 11 * MS, 100);
    dialog_out(&d, 11 * MS, ". 1+100 a1 cap22=100");
    dialog_end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server),
        cmocka_unit_test(test_client),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
