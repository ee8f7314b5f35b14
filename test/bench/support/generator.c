/*
 * Sends prepared SRTP packets of many calls at an even pace, receives what comes out at the other leg, and accounts
 * for every one. Two relays may take turns, window by window, so that a busy machine is busy for both.
 *
 *   generator PLAN PROOF
 *
 * PLAN is written by generator.ts (see `writePlan` for its layout). Sockets 2k and 2k+1 are the two ends of a call:
 * what one sends, the other receives. PROOF receives the first packets of each flow as they came out of the relay.
 * Every result is one JSON object in one line on standard output. Times are in ns; when a packet came out is the
 * kernel's time stamp, so that this process being slow to wake up is not counted against the relay.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_SUBJECTS 2
#define DRAIN_NS 150000000LL
#define KEEP_ALIVE_BYTES 256

struct head {
  uint32_t subjects, sockets, proof_packets, warm_packets, warm_interval_us, windows, window_packets, interval_us, stride;
  uint32_t pids[MAX_SUBJECTS];
};

struct endpoint {
  uint32_t subject, local_port, remote_port, packet_bytes, keep_alive_bytes;
  uint8_t keep_alive[KEEP_ALIVE_BYTES];
};

static const struct head *head;
static const struct endpoint *endpoints;
static const uint8_t *packets;
static uint32_t total;
static int *fds, epoll_fd;
static FILE *proof;
/* Per flow, that is per sending socket. */
static int32_t *first_seq;
static int64_t *sent_at;
static uint8_t *arrived;
static uint64_t received[MAX_SUBJECTS], duplicates[MAX_SUBJECTS], unknown[MAX_SUBJECTS];
static uint32_t *latencies;
static size_t latency_count;
static int proving;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* The CPU clock of another process: clock_getcpuclockid(3) without its check. */
static int64_t cpu_ns(uint32_t pid) {
  struct timespec t;
  if (clock_gettime((clockid_t)((~(unsigned)pid << 3) | 2), &t) != 0) die("the relay's CPU clock");
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void arrive(uint32_t socket, const uint8_t *datagram, ssize_t bytes, int64_t at) {
  uint32_t flow = socket ^ 1, subject = endpoints[socket].subject;
  /* STUN, DTLS and RTCP are not what is counted here. */
  if (bytes < 12 || datagram[0] < 128 || (datagram[1] >= 192 && datagram[1] <= 223)) return;
  int32_t seq = datagram[2] << 8 | datagram[3];
  if (first_seq[flow] < 0) first_seq[flow] = seq;
  uint32_t index = (uint16_t)(seq - first_seq[flow]);
  size_t place = (size_t)flow * total + index;
  if (index >= total || sent_at[place] == 0) {
    unknown[subject]++;
    return;
  }
  if (arrived[place]) {
    duplicates[subject]++;
    return;
  }
  arrived[place] = 1;
  received[subject]++;
  int64_t latency = at - sent_at[place];
  latencies[latency_count++] = latency < 0 ? 0 : latency > UINT32_MAX ? UINT32_MAX : (uint32_t)latency;
  if (!proving) return;
  uint32_t record[2] = {flow, (uint32_t)bytes};
  fwrite(record, sizeof record, 1, proof);
  fwrite(datagram, (size_t)bytes, 1, proof);
}

static void receive(uint32_t socket) {
  static uint8_t datagram[2048];
  static union { char bytes[128]; struct cmsghdr align; } control;
  struct iovec part = {datagram, sizeof datagram};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t bytes = recvmsg(fds[socket], &message, 0);
  if (bytes < 0) return;
  int64_t at = 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS) continue;
    struct timespec stamp;
    memcpy(&stamp, CMSG_DATA(c), sizeof stamp);
    at = stamp.tv_sec * 1000000000LL + stamp.tv_nsec;
  }
  arrive(socket, datagram, bytes, at == 0 ? now_ns() : at);
}

static void receive_until(int64_t until) {
  struct epoll_event events[64];
  int64_t left = until - now_ns();
  do {
    struct timespec timeout = {left > 0 ? left / 1000000000LL : 0, left > 0 ? left % 1000000000LL : 0};
    int ready = epoll_pwait2(epoll_fd, events, 64, &timeout, NULL);
    for (int n = 0; n < ready; n++) receive(events[n].data.u32);
    left = until - now_ns();
  } while (left > 0);
}

/* @returns the packets sent */
static uint64_t run(uint32_t subject, uint32_t first, uint32_t count, int64_t interval_ns) {
  uint32_t flows = 0;
  uint32_t *mine = malloc(head->sockets * sizeof *mine);
  for (uint32_t n = 0; n < head->sockets; n++)
    if (endpoints[n].subject == subject) mine[flows++] = n;
  int64_t start = now_ns() + 1000000;
  for (uint32_t packet = first; packet < first + count; packet++) {
    for (uint32_t n = 0; n < flows; n++) {
      int64_t due = start + (packet - first) * interval_ns + n * interval_ns / flows;
      if (n % 16 == 0 || due > now_ns()) receive_until(due);
      uint32_t flow = mine[n];
      size_t place = (size_t)flow * total + packet;
      sent_at[place] = now_ns();
      /* A refused send (a port that was closed a moment ago) shows as a packet that did not come out. */
      if (send(fds[flow], packets + place * head->stride, endpoints[flow].packet_bytes, 0) < 0 && errno != ECONNREFUSED)
        die("send");
    }
  }
  free(mine);
  receive_until(now_ns() + DRAIN_NS);
  return (uint64_t)flows * count;
}

static int ascending(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static uint32_t percentile(double share) {
  return latency_count == 0 ? 0 : latencies[(size_t)(share * (double)(latency_count - 1))];
}

static void measure(uint32_t subject, uint32_t window, uint32_t first) {
  uint64_t before = received[subject];
  latency_count = 0;
  int64_t start = now_ns(), cpu = cpu_ns(head->pids[subject]);
  uint64_t sent = run(subject, first, head->window_packets, head->interval_us * 1000LL);
  cpu = cpu_ns(head->pids[subject]) - cpu;
  int64_t lasted = now_ns() - start;
  qsort(latencies, latency_count, sizeof *latencies, ascending);
  printf("{\"subject\":%u,\"window\":%u,\"sent\":%lu,\"received\":%lu,\"cpuNs\":%ld,\"lastedNs\":%ld,"
         "\"p50Ns\":%u,\"p99Ns\":%u,\"maxNs\":%u}\n",
         subject, window, sent, received[subject] - before, cpu, lasted, percentile(0.5), percentile(0.99),
         percentile(1));
  fflush(stdout);
}

static void open_sockets(void) {
  fds = malloc(head->sockets * sizeof *fds);
  epoll_fd = epoll_create1(0);
  for (uint32_t n = 0; n < head->sockets; n++) {
    struct sockaddr_in local = {.sin_family = AF_INET, .sin_port = htons((uint16_t)endpoints[n].local_port)};
    struct sockaddr_in remote = local;
    int on = 1, room = 1 << 20;
    local.sin_addr.s_addr = remote.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    remote.sin_port = htons((uint16_t)endpoints[n].remote_port);
    fds[n] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (fds[n] < 0) die("socket");
    if (bind(fds[n], (struct sockaddr *)&local, sizeof local) != 0) die("bind");
    if (connect(fds[n], (struct sockaddr *)&remote, sizeof remote) != 0) die("connect");
    setsockopt(fds[n], SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(fds[n], SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = n};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fds[n], &event) != 0) die("epoll");
  }
}

static void keep_alive(void) {
  for (uint32_t n = 0; n < head->sockets; n++)
    if (endpoints[n].keep_alive_bytes > 0) send(fds[n], endpoints[n].keep_alive, endpoints[n].keep_alive_bytes, 0);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int plan = open(argv[1], O_RDONLY);
  struct stat size;
  if (plan < 0 || fstat(plan, &size) != 0) die(argv[1]);
  const uint8_t *bytes = mmap(NULL, (size_t)size.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, plan, 0);
  if (bytes == MAP_FAILED) die("mmap");
  head = (const struct head *)bytes;
  endpoints = (const struct endpoint *)(bytes + sizeof *head);
  packets = bytes + sizeof *head + head->sockets * sizeof *endpoints;
  total = head->proof_packets + head->warm_packets + head->windows * head->window_packets;

  size_t places = (size_t)head->sockets * total;
  sent_at = calloc(places, sizeof *sent_at);
  arrived = calloc(places, 1);
  latencies = malloc(places * sizeof *latencies);
  first_seq = malloc(head->sockets * sizeof *first_seq);
  for (uint32_t n = 0; n < head->sockets; n++) first_seq[n] = -1;
  proof = fopen(argv[2], "w");
  if (proof == NULL) die(argv[2]);
  open_sockets();
  keep_alive();
  receive_until(now_ns() + DRAIN_NS);

  uint64_t sent[MAX_SUBJECTS] = {0};
  proving = 1;
  for (uint32_t s = 0; s < head->subjects; s++) sent[s] += run(s, 0, head->proof_packets, head->interval_us * 1000LL);
  proving = 0;
  fclose(proof);
  uint32_t next = head->proof_packets;
  for (uint32_t s = 0; s < head->subjects; s++) {
    keep_alive();
    sent[s] += run(s, next, head->warm_packets, head->warm_interval_us * 1000LL);
  }
  next += head->warm_packets;
  for (uint32_t w = 0; w < head->windows; w++, next += head->window_packets) {
    keep_alive();
    for (uint32_t s = 0; s < head->subjects; s++) {
      measure(s, w, next);
      sent[s] += (uint64_t)head->window_packets * (head->sockets / head->subjects);
    }
  }
  for (uint32_t s = 0; s < head->subjects; s++)
    printf("{\"subject\":%u,\"totalSent\":%lu,\"totalReceived\":%lu,\"duplicates\":%lu,\"unknown\":%lu}\n", s, sent[s],
           received[s], duplicates[s], unknown[s]);
  return 0;
}
