/* SPDX-License-Identifier: MIT */
/* tap.c - captures every IP packet of a network namespace by packet(7) into a pcap (raw IP, nanoseconds), until SIGTERM.
 * tcpdump is not everywhere.
 *
 *     tap FILE [DEVICE...]       off-load is switched off on these devices first: packets as a wire has them
 *
 * Packets that leave and come in again by the loopback device are taken once. Prints "ready", and at the end how many
 * packets were taken and lost; exit 1 when some were lost. Started by test/check_kernel.sh. */
#include <arpa/inet.h>
#include <linux/ethtool.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { RECEIVE_BUFFER = 64 << 20, LINK_RAW = 101 };

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
    (void)sig;
    stopped = 1;
}

static void no_offload(int fd, const char *device)
{
    static const uint32_t what[] = {ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO, ETHTOOL_STXCSUM};

    for (size_t i = 0; i < sizeof what / sizeof what[0]; i++) {
        struct ethtool_value value = {what[i], 0};
        struct ifreq request;

        memset(&request, 0, sizeof request);
        snprintf(request.ifr_name, sizeof request.ifr_name, "%s", device);
        request.ifr_data = (void *)&value;
        if (ioctl(fd, SIOCETHTOOL, &request) < 0)
            perror(device);
    }
}

static void put(FILE *file, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    uint32_t h[4] = {a, b, c, d};

    fwrite(h, 1, sizeof h, file);
}

/* The header of the file, in this machine's byte order. */
static void put_header(FILE *file)
{
    uint32_t link[2] = {1 << 18, LINK_RAW};

    put(file, 0xa1b23c4d, 4 << 16 | 2, 0, 0);
    fwrite(link, 1, sizeof link, file);
}

static void take(int fd, FILE *file, int loopback)
{
    static uint8_t data[1 << 18];
    struct sockaddr_ll from;
    socklen_t len = sizeof from;
    ssize_t n = recvfrom(fd, data, sizeof data, 0, (struct sockaddr *)&from, &len);
    struct timespec t;

    if (n <= 0 || (from.sll_ifindex == loopback && from.sll_pkttype == PACKET_OUTGOING))
        return;
    if (ntohs(from.sll_protocol) != ETH_P_IP && ntohs(from.sll_protocol) != ETH_P_IPV6)
        return;
    clock_gettime(CLOCK_REALTIME, &t);
    put(file, (uint32_t)t.tv_sec, (uint32_t)t.tv_nsec, (uint32_t)n, (uint32_t)n);
    fwrite(data, 1, (size_t)n, file);
}

int main(int argc, char **argv)
{
    int fd = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL)), size = RECEIVE_BUFFER, loopback = (int)if_nametoindex("lo");
    FILE *file = argc > 1 ? fopen(argv[1], "wb") : NULL;
    struct sigaction stop = {.sa_handler = on_signal};
    struct tpacket_stats stats = {0};
    socklen_t len = sizeof stats;

    if (fd < 0 || file == NULL)
        return perror("tap"), 2;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    sigaction(SIGTERM, &stop, NULL);
    for (int i = 2; i < argc; i++)
        no_offload(fd, argv[i]);
    put_header(file);
    puts("ready");
    fflush(stdout);
    while (!stopped)
        take(fd, file, loopback);
    getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len);
    printf("%u taken, %u lost\n", stats.tp_packets, stats.tp_drops);
    return fclose(file) != 0 || stats.tp_drops > 0;
}
