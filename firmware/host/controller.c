/* controller.c - the controller as a Linux program: the same core on a serial device, with a world on stdin.
 *
 *   controller TTY LINK_KEY_HEX NVS_FILE
 *
 * Reads one command a line and answers each with one line: `door open|closed`, `grams SHELF GRAMS`, `celsius C|dead`,
 * `supply MILLIVOLTS`, `reset`, `state`. Ends with stdin. Used by the serial contract test, and at the desk. */
#define _DEFAULT_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "../core/app.h"

#define SAMPLE_US 12500

static struct {
  int tty;
  const char *nvs_file;
  uint8_t link_key[LINK_KEY_LENGTH];
  bool door_open;
  bool released;
  uint8_t signal;
  double grams[SHELF_COUNT];
  unsigned fresh;
  uint32_t noise;
  bool thermometer_dead;
  double celsius;
  uint16_t millivolts;
  uint8_t reset_reason;
} world = {.celsius = 4, .millivolts = 12000, .noise = 1};

static int64_t now_us(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static uint32_t now_ms(void *self) {
  (void)self;
  return (uint32_t)(now_us() / 1000);
}

static int rng(void *self, uint8_t *out, size_t length) {
  (void)self;
  return getrandom(out, length, 0) == (ssize_t)length ? 0 : FW_ERR_HAL;
}

static int lock_drive(void *self, bool released) {
  (void)self;
  world.released = released;
  return 0;
}

static bool door_open(void *self) {
  (void)self;
  return world.door_open;
}

/* A 20 kg cell with noise like HX711's at 80 Hz: about 38 codes rms, here as the sum of two even ones. */
static int scale_read(void *self, unsigned channel, int32_t *code) {
  (void)self;
  if ((world.fresh & (1u << channel)) == 0) return 0;
  world.fresh &= ~(1u << channel);
  int32_t noise = 0;
  for (int i = 0; i < 2; i++) {
    world.noise = world.noise * 1664525u + 1013904223u;
    noise += (int32_t)(world.noise >> 16) % 94 - 47;
  }
  *code = (int32_t)lround(world.grams[channel] * DEFAULT_COUNTS_PER_KG / 1000.0) + 1000 + noise;
  return 1;
}

static int temp_read(void *self, int16_t *sixteenths) {
  (void)self;
  *sixteenths = (int16_t)lround(world.celsius * 16);
  return world.thermometer_dead ? FW_ERR_HAL : 0;
}

static int supply_read(void *self, uint16_t *millivolts) {
  (void)self;
  *millivolts = world.millivolts;
  return 0;
}

static int uart_write(void *self, const uint8_t *bytes, size_t length) {
  (void)self;
  return write(world.tty, bytes, length) == (ssize_t)length ? 0 : FW_ERR_ROOM;
}

static void show_signal(void *self, uint8_t pattern) {
  (void)self;
  world.signal = pattern;
}

/* One file with both slots. A missing file reads as zeros: nothing stored yet. */
static int nvs_read(void *self, enum nvs_slot slot, uint8_t *out, size_t length) {
  (void)self;
  memset(out, 0, length);
  FILE *file = fopen(world.nvs_file, "rb");
  if (file == NULL) return errno == ENOENT ? 0 : FW_ERR_HAL;
  if (fseek(file, (long)slot * (long)NVS_SLOT_LENGTH, SEEK_SET) == 0) (void)!fread(out, 1, length, file);
  fclose(file);
  return 0;
}

static int nvs_write(void *self, enum nvs_slot slot, const uint8_t *bytes, size_t length) {
  uint8_t all[NVS_SLOT_COUNT * NVS_SLOT_LENGTH];
  char next[4096];
  if (snprintf(next, sizeof next, "%s.next", world.nvs_file) >= (int)sizeof next) return FW_ERR_HAL;
  for (unsigned i = 0; i < NVS_SLOT_COUNT; i++)
    if (nvs_read(self, (enum nvs_slot)i, all + i * NVS_SLOT_LENGTH, NVS_SLOT_LENGTH) < 0) return FW_ERR_HAL;
  memcpy(all + slot * NVS_SLOT_LENGTH, bytes, length);
  FILE *file = fopen(next, "wb");
  if (file == NULL) return FW_ERR_HAL;
  bool written = fwrite(all, sizeof all, 1, file) == 1 && fflush(file) == 0 && fsync(fileno(file)) == 0;
  return fclose(file) == 0 && written && rename(next, world.nvs_file) == 0 ? 0 : FW_ERR_HAL;
}

static int link_key(void *self, uint8_t out[LINK_KEY_LENGTH]) {
  (void)self;
  memcpy(out, world.link_key, LINK_KEY_LENGTH);
  return 0;
}

static uint8_t reset_reason(void *self) {
  (void)self;
  return world.reset_reason;
}

static const struct hal hal = {
    .now_ms = now_ms,
    .rng = rng,
    .lock_drive = lock_drive,
    .door_open = door_open,
    .scale_read = scale_read,
    .temp_read = temp_read,
    .supply_read = supply_read,
    .uart_write = uart_write,
    .signal = show_signal,
    .nvs_read = nvs_read,
    .nvs_write = nvs_write,
    .link_key = link_key,
    .reset_reason = reset_reason,
};

static struct app app;

static const char *obey(char *line) {
  unsigned shelf;
  double number;
  if (strcmp(line, "door open") == 0) world.door_open = true;
  else if (strcmp(line, "door closed") == 0) world.door_open = false;
  else if (sscanf(line, "grams %u %lf", &shelf, &number) == 2 && shelf < SHELF_COUNT) world.grams[shelf] = number;
  else if (strcmp(line, "celsius dead") == 0) world.thermometer_dead = true;
  else if (sscanf(line, "celsius %lf", &number) == 1) world.celsius = number, world.thermometer_dead = false;
  else if (sscanf(line, "supply %lf", &number) == 1) world.millivolts = (uint16_t)number;
  else if (strcmp(line, "reset") == 0) {
    world.reset_reason = RESET_REASON_SOFTWARE;
    (void)app_init(&app, &hal);
  } else if (strcmp(line, "state") != 0) return "not understood";
  return NULL;
}

/* Obeys whatever whole lines have come. False at the end of stdin. */
static bool read_commands(void) {
  static char line[256];
  static size_t length;
  char bytes[256];
  ssize_t count = read(STDIN_FILENO, bytes, sizeof bytes);
  if (count <= 0) return false;
  for (ssize_t i = 0; i < count; i++) {
    if (bytes[i] != '\n') {
      if (length < sizeof line - 1) line[length++] = bytes[i];
      continue;
    }
    line[length] = 0;
    length = 0;
    const char *fault = obey(line);
    if (fault != NULL) printf("error: %s: %s\n", line, fault);
    else
      printf("lock %s door %s signal %u\n", world.released ? "released" : "locked", world.door_open ? "open" : "closed",
             world.signal);
    fflush(stdout);
  }
  return true;
}

static int open_tty(const char *path) {
  struct termios settings;
  int tty = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
  if (tty < 0 || tcgetattr(tty, &settings) < 0) return -1;
  cfmakeraw(&settings);
  cfsetspeed(&settings, B921600);
  return tcsetattr(tty, TCSANOW, &settings) < 0 ? -1 : tty;
}

static bool read_key(const char *hex) {
  if (strlen(hex) != 2u * LINK_KEY_LENGTH) return false;
  for (unsigned i = 0; i < LINK_KEY_LENGTH; i++) {
    unsigned byte;
    if (sscanf(hex + 2u * i, "%2x", &byte) != 1) return false;
    world.link_key[i] = (uint8_t)byte;
  }
  return true;
}

int main(int argc, char **argv) {
  if (argc != 4 || !read_key(argv[2])) {
    fprintf(stderr, "usage: %s TTY LINK_KEY_HEX NVS_FILE\n", argv[0]);
    return 2;
  }
  world.nvs_file = argv[3];
  world.tty = open_tty(argv[1]);
  if (world.tty < 0) {
    fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
    return 1;
  }
  if (app_init(&app, &hal) < 0) {
    fprintf(stderr, "no link key or no randomness\n");
    return 1;
  }
  int64_t due_us = now_us();
  for (;;) {
    struct pollfd fds[2] = {{.fd = world.tty, .events = POLLIN}, {.fd = STDIN_FILENO, .events = POLLIN}};
    int64_t wait_us = due_us - now_us();
    (void)poll(fds, 2, wait_us > 0 ? (int)(wait_us / 1000) + 1 : 0);
    uint8_t bytes[512];
    ssize_t count = (fds[0].revents & POLLIN) != 0 ? read(world.tty, bytes, sizeof bytes) : 0;
    if (count > 0) app_receive(&app, bytes, (size_t)count);
    if ((fds[1].revents & (POLLIN | POLLHUP)) != 0 && !read_commands()) return 0;
    if (now_us() < due_us) continue;
    due_us += SAMPLE_US;
    world.fresh = (1u << SHELF_COUNT) - 1u;
    app_tick(&app);
  }
}
