/*
 * Native libsrtp behind a pipe, for the differential tests and the benchmark.
 *
 *   driver serve                                  frames on stdin, answers on stdout
 *   driver bench SUITE RTP_BYTES PACKETS ROUNDS   one line per round: protect and unprotect, ns per packet
 *
 * A frame is its length (32 bits, network order, not counting itself), an operation byte and its arguments:
 *   'c' direction(1: out, 2: in) suite(1) mkiBytes(1) mki key+salt    create a session; answers its number
 *   'p' 'u' session(2) packet                                       protect or unprotect RTP; answers the packet
 *   'P' 'U' session(2) packet                                       the same for RTCP
 *   'r' session(2) ssrc(4) roc(4)                                    set the rollover counter of a stream
 *   'd' session(2)                                                   free a session
 *   'f'                                                              send the answers so far; answers nothing
 * An answer is its status (32 bits, 0 or libsrtp's error), a length (32 bits) and that many bytes.
 */
#include <arpa/inet.h>
#include <srtp2/srtp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAX_FRAME 70000
#define MAX_SESSIONS 4096
#define MAX_KEY 64
#define REPLAY_WINDOW 128

typedef void (*set_policy)(srtp_crypto_policy_t *);

/* In the order of `libsrtpSuites` in driver.ts. */
static const struct {
  set_policy rtp;
  set_policy rtcp;
  size_t key_and_salt;
} suites[] = {
    {srtp_crypto_policy_set_rtp_default, srtp_crypto_policy_set_rtp_default, 30},
    {srtp_crypto_policy_set_aes_cm_128_hmac_sha1_32, srtp_crypto_policy_set_rtp_default, 30},
    {srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80, srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80, 38},
    {srtp_crypto_policy_set_aes_cm_192_hmac_sha1_32, srtp_crypto_policy_set_aes_cm_192_hmac_sha1_80, 38},
    {srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80, 46},
    {srtp_crypto_policy_set_aes_cm_256_hmac_sha1_32, srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80, 46},
    {srtp_crypto_policy_set_aes_gcm_128_16_auth, srtp_crypto_policy_set_aes_gcm_128_16_auth, 28},
    {srtp_crypto_policy_set_aes_gcm_256_16_auth, srtp_crypto_policy_set_aes_gcm_256_16_auth, 44},
};
#define SUITES (sizeof suites / sizeof suites[0])

static struct {
  srtp_t srtp;
  int uses_mki;
} sessions[MAX_SESSIONS];
static unsigned session_count;

static void fail(const char *what) {
  fprintf(stderr, "driver: %s\n", what);
  exit(1);
}

static srtp_t create(int direction, unsigned suite, uint8_t *mki, unsigned mki_bytes, uint8_t *key) {
  srtp_policy_t policy;
  srtp_master_key_t master = {key, mki, mki_bytes};
  srtp_master_key_t *masters[1] = {&master};
  srtp_t session = NULL;

  if (suite >= SUITES) fail("unknown suite");
  memset(&policy, 0, sizeof policy);
  suites[suite].rtp(&policy.rtp);
  suites[suite].rtcp(&policy.rtcp);
  policy.ssrc.type = direction == 1 ? ssrc_any_outbound : ssrc_any_inbound;
  policy.window_size = REPLAY_WINDOW;
  if (mki_bytes > 0) {
    policy.keys = masters;
    policy.num_master_keys = 1;
  } else {
    policy.key = key;
  }
  if (srtp_create(&session, &policy) != srtp_err_status_ok) fail("srtp_create");
  return session;
}

static void answer(uint32_t status, const uint8_t *bytes, uint32_t length) {
  uint32_t head[2] = {htonl(status), htonl(length)};
  fwrite(head, sizeof head, 1, stdout);
  if (length > 0) fwrite(bytes, 1, length, stdout);
}

static uint32_t be32(const uint8_t *at) {
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void serve_packet(int op, unsigned number, uint8_t *packet, int length) {
  srtp_t srtp = sessions[number].srtp;
  int mki = sessions[number].uses_mki;
  srtp_err_status_t status;
  switch (op) {
    case 'p': status = srtp_protect_mki(srtp, packet, &length, mki, 0); break;
    case 'u': status = srtp_unprotect_mki(srtp, packet, &length, mki); break;
    case 'P': status = srtp_protect_rtcp_mki(srtp, packet, &length, mki, 0); break;
    default: status = srtp_unprotect_rtcp_mki(srtp, packet, &length, mki); break;
  }
  answer(status, packet, status == srtp_err_status_ok ? (uint32_t)length : 0);
}

static void serve_create(uint8_t *frame, uint32_t length) {
  unsigned mki_bytes = frame[3];
  uint8_t mki[256];
  uint8_t key[MAX_KEY];
  uint8_t number[2];
  if (session_count == MAX_SESSIONS || length < 4 + mki_bytes || length - 4 - mki_bytes > MAX_KEY) fail("bad create");
  memcpy(mki, frame + 4, mki_bytes);
  memcpy(key, frame + 4 + mki_bytes, length - 4 - mki_bytes);
  sessions[session_count].srtp = create(frame[1], frame[2], mki, mki_bytes, key);
  sessions[session_count].uses_mki = mki_bytes > 0;
  number[0] = session_count >> 8;
  number[1] = session_count;
  session_count++;
  answer(0, number, 2);
}

static void serve(void) {
  static uint8_t frame[MAX_FRAME];
  static uint8_t packet[MAX_FRAME] __attribute__((aligned(16)));
  uint32_t length;
  while (fread(&length, sizeof length, 1, stdin) == 1) {
    length = ntohl(length);
    if (length < 1 || length > MAX_FRAME - 1024 || fread(frame, length, 1, stdin) != 1) fail("bad frame");
    if (frame[0] == 'c') {
      serve_create(frame, length);
    } else if (frame[0] == 'f') {
      fflush(stdout);
    } else {
      unsigned number = frame[1] << 8 | frame[2];
      if (length < 3 || number >= session_count) fail("bad session");
      if (frame[0] == 'r') {
        answer(srtp_set_stream_roc(sessions[number].srtp, be32(frame + 3), be32(frame + 7)), NULL, 0);
      } else if (frame[0] == 'd') {
        answer(srtp_dealloc(sessions[number].srtp), NULL, 0);
      } else {
        memcpy(packet, frame + 3, length - 3);
        serve_packet(frame[0], number, packet, (int)(length - 3));
      }
    }
  }
}

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void bench(unsigned suite, int rtp_bytes, int packets, int rounds) {
  /* Packets lie close together, as those of the other contenders do. */
  const size_t slot = ((size_t)rtp_bytes + SRTP_MAX_TRAILER_LEN + 63) & ~(size_t)63;
  uint8_t *area = malloc(slot * (size_t)packets);
  uint8_t key[MAX_KEY];
  if (area == NULL) fail("no memory");
  for (unsigned n = 0; n < MAX_KEY; n++) key[n] = n * 7 + 1;
  for (int round = 0; round < rounds; round++) {
    srtp_t out = create(1, suite, NULL, 0, key);
    srtp_t in = create(2, suite, NULL, 0, key);
    double start, middle, end;
    int length = rtp_bytes;
    for (int n = 0; n < packets; n++) {
      uint8_t *p = area + slot * (size_t)n;
      memset(p, 0xd5, (size_t)rtp_bytes);
      memset(p, 0, 12);
      p[0] = 0x80;
      p[2] = n >> 8;
      p[3] = n;
      p[11] = 5;
    }
    start = now_ns();
    for (int n = 0; n < packets; n++) {
      length = rtp_bytes;
      if (srtp_protect(out, area + slot * (size_t)n, &length) != srtp_err_status_ok) fail("protect");
    }
    middle = now_ns();
    for (int n = 0; n < packets; n++) {
      int protected_length = length;
      if (srtp_unprotect(in, area + slot * (size_t)n, &protected_length) != srtp_err_status_ok) fail("unprotect");
      if (protected_length != rtp_bytes) fail("length");
    }
    end = now_ns();
    printf("%.1f %.1f\n", (middle - start) / packets, (end - middle) / packets);
    fflush(stdout);
    srtp_dealloc(out);
    srtp_dealloc(in);
  }
  free(area);
}

int main(int argc, char **argv) {
  if (srtp_init() != srtp_err_status_ok) fail("srtp_init");
  if (argc == 2 && strcmp(argv[1], "serve") == 0) {
    serve();
  } else if (argc == 6 && strcmp(argv[1], "bench") == 0) {
    bench((unsigned)atoi(argv[2]), atoi(argv[3]), atoi(argv[4]), atoi(argv[5]));
  } else {
    fail("serve, or bench SUITE RTP_BYTES PACKETS ROUNDS");
  }
  return 0;
}
