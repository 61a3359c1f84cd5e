/* SPDX-License-Identifier: MIT */
/* meter.c - reads standard input to its end and prints how many octets came, in how many seconds from the first to the last,
 * and how many bits a second that is: "OCTETS SECONDS BITS". The end of a pipeline in test/tun/bench_kernel.sh: both kinds of
 * hosts are measured by the same clock, without their own beginnings and ends. */
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
    static uint8_t data[1 << 18];
    uint64_t octets = 0;
    double first = 0, last = 0;
    ssize_t got;

    while ((got = read(STDIN_FILENO, data, sizeof data)) > 0) {
        last = seconds();
        if (!octets)
            first = last;
        octets += (uint64_t)got;
    }
    printf("%llu %.3f %.0f\n", (unsigned long long)octets, last - first,
           last > first ? (double)octets * 8 / (last - first) : 0.0);
    return got < 0;
}
