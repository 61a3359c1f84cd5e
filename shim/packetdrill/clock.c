/* SPDX-License-Identifier: MIT */
/* clock.c - virtual time: it moves when packetdrill asks for it, sleeps, or waits for a packet, and never by itself.
 *
 * A call that blocks sleeps for real, on a condition variable. Before time moves on, a call that was woken gets its
 * turn: otherwise a script's outcome would depend on how fast the system switches threads. */
#include "host.h"

/* Everybody looks again: who waits for what is not known here, and there are two at most. */
void pd_clock_wake(struct pd_host *host)
{
    host->generation++;
    host->awake += host->sleeping;
    host->sleeping = 0;
    pthread_cond_broadcast(&host->changed);
}

/* Only the main thread calls: a woken call needs nothing but the lock, so this ends. */
static void settle(struct pd_host *host)
{
    while (host->awake)
        pthread_cond_wait(&host->idle, &host->lock);
}

/* A woken call has looked. */
static void at_rest(struct pd_wait *wait)
{
    if (!wait->awake)
        return;
    wait->awake = 0;
    if (--wait->host->awake == 0)
        pthread_cond_signal(&wait->host->idle);
}

int pd_clock_sleep(struct pd_wait *wait)
{
    struct pd_host *host = wait->host;
    uint32_t generation = host->generation;

    if (host->now >= wait->until)
        return -1;
    at_rest(wait);
    host->sleeping++;
    while (generation == host->generation)
        pthread_cond_wait(&host->changed, &host->lock);
    wait->awake = 1;
    return 0;
}

/* Its call ends, whether it found something or not. */
void pd_clock_done(struct pd_wait *wait)
{
    at_rest(wait);
}

/* At most one timer: what it sends is in the queue before the next one runs. */
void pd_clock_step(struct pd_host *host, uint64_t at)
{
    uint64_t due = mpt_deadline(host->stack);

    settle(host);
    if (due > at) {
        host->now = at > host->now ? at : host->now;
    } else {
        host->now = due > host->now ? due : host->now;
        mpt_expire(host->stack, host->now);
        pd_net_pump(host);
    }
    pd_clock_wake(host);
    settle(host);
}

/* Packets that leave on the way are queued with their own times. */
void pd_clock_to(struct pd_host *host, uint64_t at)
{
    while (host->now < at || mpt_deadline(host->stack) <= at)
        pd_clock_step(host, at);
}

/* Virtual: it returns at once in real time. */
int pd_clock_usleep(void *userdata, useconds_t usecs)
{
    struct pd_host *host = userdata;

    PD_LOCK(host);
    pd_clock_to(host, host->now + (uint64_t)usecs * 1000);
    PD_UNLOCK(host);
    return 0;
}

/* 1 us a call: packetdrill waits for a time by asking again and again. */
int pd_clock_gettimeofday(void *userdata, struct timeval *tv, struct timezone *tz)
{
    struct pd_host *host = userdata;

    (void)tz;
    PD_LOCK(host);
    pd_clock_to(host, host->now + 1000);
    if (tv) {
        tv->tv_sec = (time_t)(host->now / PD_SECOND);
        tv->tv_usec = (suseconds_t)(host->now % PD_SECOND / 1000);
    }
    PD_UNLOCK(host);
    return 0;
}
