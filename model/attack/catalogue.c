/* SPDX-License-Identifier: MIT */
/* attack/catalogue.c - all attacks by number and by name, for whoever lists or configures them. */
#include "attack/private.h"

const struct mpt_attack_row *mpt_attack_catalogue(size_t i)
{
    const struct mpt_attack_row *part[] = { mpt_attack_payload, mpt_attack_tcp, mpt_attack_data, mpt_attack_control,
                                            mpt_attack_strip, mpt_attack_deny, mpt_attack_replay,
                                            mpt_attack_negotiation, mpt_attack_join, mpt_attack_middlebox };

    for (size_t k = 0; k < sizeof part / sizeof part[0]; k++)
        for (const struct mpt_attack_row *r = part[k]; r->name; r++)
            if (i-- == 0)
                return r;
    return NULL;
}

const struct mpt_attack_row *mpt_attack_find(const char *name)
{
    const struct mpt_attack_row *r;

    for (size_t i = 0; (r = mpt_attack_catalogue(i)) != NULL; i++)
        if (!strcmp(r->name, name))
            return r;
    return NULL;
}
