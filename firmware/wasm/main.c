/* main.c - the controller as WebAssembly: one instance is one controller, with the hal in the host's hands.
 * What is read often lies in a block of memory that the host writes before a tick; what happens seldom is an imported
 * call. Holds always: no allocation, one static app. Host: src/virtual/controller.ts, which mirrors struct io. */
#include "../core/app.h"

#define RX_ROOM 512u
#define EXPORT(name) __attribute__((export_name(name)))
#define IMPORT(name) __attribute__((import_module("hal"), import_name(name)))

/* Offsets are the host's too: every field is 4 bytes, then the key, then the bytes received. */
static struct {
  uint32_t now_ms;
  uint32_t door_open;
  int32_t codes[SHELF_COUNT];
  uint32_t fresh;       /* bit n: codes[n] is a new sample */
  int32_t sixteenths;   /* INT32_MIN: the thermometer does not answer */
  int32_t millivolts;   /* negative: can't be measured */
  uint32_t reset_reason;
  uint8_t link_key[LINK_KEY_LENGTH];
  uint8_t received[RX_ROOM];
} io;

_Static_assert(sizeof io == 40u + LINK_KEY_LENGTH + RX_ROOM, "the host knows this layout");

IMPORT("rng") extern void host_rng(uint8_t *out, size_t length);
/* These two return 0, or anything else when the hardware failed. */
IMPORT("lock") extern int host_lock(int released);
IMPORT("signal") extern void host_signal(int pattern);
IMPORT("write") extern void host_write(const uint8_t *bytes, size_t length);
IMPORT("nvsRead") extern void host_nvs_read(int slot, uint8_t *out, size_t length);
IMPORT("nvsWrite") extern int host_nvs_write(int slot, const uint8_t *bytes, size_t length);

static uint32_t now_ms(void *self) {
  (void)self;
  return io.now_ms;
}

static int rng(void *self, uint8_t *out, size_t length) {
  (void)self;
  host_rng(out, length);
  return 0;
}

static int lock_drive(void *self, bool released) {
  (void)self;
  return host_lock(released) == 0 ? 0 : FW_ERR_HAL;
}

static bool door_open(void *self) {
  (void)self;
  return io.door_open != 0;
}

static int scale_read(void *self, unsigned channel, int32_t *code) {
  (void)self;
  uint32_t bit = 1u << channel;
  if ((io.fresh & bit) == 0) return 0;
  io.fresh &= ~bit;
  *code = io.codes[channel];
  return 1;
}

static int temp_read(void *self, int16_t *sixteenths) {
  (void)self;
  if (io.sixteenths < INT16_MIN || io.sixteenths > INT16_MAX) return FW_ERR_HAL;
  *sixteenths = (int16_t)io.sixteenths;
  return 0;
}

static int supply_read(void *self, uint16_t *millivolts) {
  (void)self;
  if (io.millivolts < 0 || io.millivolts > 0xffff) return FW_ERR_HAL;
  *millivolts = (uint16_t)io.millivolts;
  return 0;
}

static int uart_write(void *self, const uint8_t *bytes, size_t length) {
  (void)self;
  host_write(bytes, length);
  return 0;
}

static void show_signal(void *self, uint8_t pattern) {
  (void)self;
  host_signal(pattern);
}

static int nvs_read(void *self, enum nvs_slot slot, uint8_t *out, size_t length) {
  (void)self;
  host_nvs_read((int)slot, out, length);
  return 0;
}

static int nvs_write(void *self, enum nvs_slot slot, const uint8_t *bytes, size_t length) {
  (void)self;
  return host_nvs_write((int)slot, bytes, length) == 0 ? 0 : FW_ERR_HAL;
}

static int link_key(void *self, uint8_t out[LINK_KEY_LENGTH]) {
  (void)self;
  fw_copy(out, io.link_key, LINK_KEY_LENGTH);
  return 0;
}

static uint8_t reset_reason(void *self) {
  (void)self;
  return (uint8_t)io.reset_reason;
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

EXPORT("io") void *wasm_io(void) {
  return &io;
}

EXPORT("start") int wasm_start(void) {
  return app_init(&app, &hal);
}

EXPORT("tick") void wasm_tick(void) {
  app_tick(&app);
}

EXPORT("receive") void wasm_receive(size_t length) {
  if (length <= RX_ROOM) app_receive(&app, io.received, length);
}
