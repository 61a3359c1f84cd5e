/* SPDX-License-Identifier: MIT */
/* pm/pm.h - path managers as plug-ins: when a subflow is opened, announced or closed. conn/ calls; any may be NULL. */
#ifndef PM_PM_H
#define PM_PM_H

#include <stdint.h>

struct mpt_conn;
struct mpt_subflow;

enum mpt_pm_trigger { MPT_TRIGGER_RTOS = 1, MPT_TRIGGER_ADDRESS = 2, MPT_TRIGGER_HOST = 3,
                      MPT_TRIGGER_LOSS = 4, MPT_TRIGGER_RETRANSMISSIONS = 5, MPT_TRIGGER_RTO = 6,
                      MPT_TRIGGER_RECEIVER = 7, MPT_TRIGGER_RETURN = 8, MPT_TRIGGER_ENERGY = 9 };

struct mpt_pm_ops {
    const char *name;
    void (*confirmed)(struct mpt_conn *c, uint64_t now);                    /* joins are allowed now */
    void (*address_up)(struct mpt_conn *c, uint32_t slot, uint64_t now);    /* slot of stack->address */
    void (*address_down)(struct mpt_conn *c, uint64_t now);                 /* after its subflows went */
    void (*address_changed)(struct mpt_conn *c, uint32_t slot, uint32_t old, uint64_t now); /* other flags */
    void (*peer_address)(struct mpt_conn *c, uint8_t id, uint64_t now);     /* ADD_ADDR was taken */
    void (*timeout)(struct mpt_conn *c, struct mpt_subflow *sf, uint64_t now); /* RTO or end of a subflow, or (NULL)
                                                                               some time after a join failed */
    void (*progress)(struct mpt_conn *c, uint64_t now); /* an echo came, an ADD_ADDR was given up, a join is complete */
    void (*silent)(struct mpt_conn *c, uint64_t now);   /* the receiver timer has run out */
    int (*admits)(const struct mpt_conn *c);            /* another subflow of the peer's making? NULL: max_subflows */
};

/* receiver.c: a mapping of the peer came, from stream offset dsn on; more: it was not the peer's last data */
void mpt_pm_heard(struct mpt_subflow *sf, uint64_t dsn, int more, uint64_t now);
void mpt_pm_heard_expire(struct mpt_conn *c, uint64_t now);

const struct mpt_pm_ops *mpt_pm_find(uint32_t pm); /* enum mpt_pm */

#endif
