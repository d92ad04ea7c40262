/*
 * Sends DNS questions to 127.0.0.1 as fast as it can, or at a rate, and prints how many.
 * Arguments: what to send, the port, for how many seconds, how many a second (0: as many as it can).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 16, LONGEST = 128, OPEN = 512, PIPES = 256 };

static struct sockaddr_in server;
static double ends;
static uint64_t sent;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static size_t put_question(unsigned char *out, const char *label, const char *const *rest) {
  static const unsigned char head[12] = {0, 0, 1, 0, 0, 1};
  size_t at = 12;
  memcpy(out, head, 12);
  out[0] = (unsigned char)(sent >> 8);
  out[1] = (unsigned char)sent;
  for (; label != NULL; label = *rest++) {
    size_t length = strlen(label);
    out[at++] = (unsigned char)length;
    memcpy(out + at, label, length);
    at += length;
  }
  memcpy(out + at, "\0\0\1\0\1", 5);
  return at + 5;
}

static size_t put_packet(unsigned char *out, const char *kind, uint64_t number) {
  static const char *const evil[] = {"evil", "test", NULL}, *const wild[] = {"wild", "test", NULL},
                          *const listed[] = {"example", "test", NULL};
  char label[24];
  snprintf(label, sizeof label, "x%llx", (unsigned long long)number);
  if (strcmp(kind, "subdomains") == 0) return put_question(out, label, wild);
  if (strcmp(kind, "listed") == 0) return put_question(out, "n0", listed);
  size_t length = put_question(out, label, evil);
  if (strcmp(kind, "malformed") != 0) return length;
  switch (number % 5) {
    case 0: return 11;
    case 1: out[2] |= 0x80; return length;
    case 2: out[5] = 2; return length;
    case 3: out[12] = 0xc0; return length;
    default: out[length] = 0; return length + 1;
  }
}

/* How many may be sent by now. */
static uint64_t due(double start, uint64_t rate) {
  return rate == 0 ? UINT64_MAX : (uint64_t)((now() - start) * rate);
}

static void flood_udp(const char *kind, uint64_t rate) {
  static unsigned char packets[BATCH][LONGEST];
  struct iovec parts[BATCH];
  struct mmsghdr messages[BATCH];
  int udp = socket(AF_INET, SOCK_DGRAM, 0);
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BATCH; i++) {
    messages[i].msg_hdr.msg_name = &server;
    messages[i].msg_hdr.msg_namelen = sizeof server;
    messages[i].msg_hdr.msg_iov = &parts[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  for (double start = now(); now() < ends;) {
    if (sent + BATCH > due(start, rate)) continue;
    for (int i = 0; i < BATCH; i++) {
      parts[i].iov_base = packets[i];
      parts[i].iov_len = put_packet(packets[i], kind, sent + i);
    }
    int count = sendmmsg(udp, messages, BATCH, 0);
    sent += count > 0 ? count : BATCH;
  }
}

static int open_tcp(void) {
  int tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (tcp >= 0) connect(tcp, (struct sockaddr *)&server, sizeof server);
  return tcp;
}

/* Connections that say nothing; the last ones stay open. */
static void flood_connections(uint64_t rate) {
  static int open[OPEN];
  memset(open, -1, sizeof open);
  for (double start = now(); now() < ends;) {
    if (sent >= due(start, rate)) continue;
    int *place = &open[sent++ % OPEN];
    if (*place >= 0) close(*place);
    *place = open_tcp();
  }
}

/* Connections that ask without end for a listed name; every other one never reads. */
static void flood_pipelines(void) {
  static unsigned char stream[64 * 1024], replies[64 * 1024];
  static int pipes[PIPES];
  static size_t at[PIPES];
  size_t length = 0, one;
  for (int i = 0; i < PIPES; i++) pipes[i] = -1;
  while (length + LONGEST < sizeof stream) {
    one = put_packet(stream + length + 2, "listed", 0);
    stream[length] = 0;
    stream[length + 1] = (unsigned char)one;
    length += one + 2;
  }
  one = length / (one + 2);
  while (now() < ends) {
    for (int i = 0; i < PIPES; i++) {
      if (pipes[i] < 0) {
        pipes[i] = open_tcp();
        at[i] = 0;
        continue;
      }
      ssize_t count = send(pipes[i], stream + at[i], length - at[i], MSG_NOSIGNAL);
      if (count > 0) {
        sent += one * count / length;
        at[i] = (at[i] + count) % length;
      }
      if (i % 2 == 0) while (recv(pipes[i], replies, sizeof replies, MSG_DONTWAIT) > 0) continue;
      if (count >= 0 || errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN) continue;
      close(pipes[i]);
      pipes[i] = -1;
    }
  }
}

int main(int count, char **words) {
  if (count != 5) return 2;
  const char *kind = words[1];
  uint64_t rate = strtoull(words[4], NULL, 10);
  server.sin_family = AF_INET;
  server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  server.sin_port = htons((uint16_t)atoi(words[2]));
  ends = now() + atof(words[3]);
  if (strcmp(kind, "connections") == 0) flood_connections(rate);
  else if (strcmp(kind, "pipelines") == 0) flood_pipelines();
  else flood_udp(kind, rate);
  printf("%llu\n", (unsigned long long)sent);
  return 0;
}
