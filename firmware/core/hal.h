/* hal.h - all that the core asks of the hardware, as function pointers over an opaque `self`.
 * Every target (esp32s3, host, wasm) fills this in; the core calls it from app_init, app_tick and app_receive only, on
 * one thread, never from an interrupt. No function may block for more than a millisecond (nvs_write: ten).
 * Unless said otherwise a function returns 0, or FW_ERR_HAL when the hardware failed. */
#ifndef VISIONVEND_HAL_H
#define VISIONVEND_HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_KEY_LENGTH 32u

enum nvs_slot { NVS_VISIT = 0, NVS_SCALES = 1, NVS_SLOT_COUNT = 2 };
#define NVS_SLOT_LENGTH 64u /* no record is longer */

struct hal {
  void *self;
  /* Monotonic milliseconds; where it starts does not matter, and it may wrap. */
  uint32_t (*now_ms)(void *self);
  /* Bytes nobody can guess. The session's safety from replay stands on this. */
  int (*rng)(void *self, uint8_t *out, size_t length);
  /* Releases the lock (current on) or locks it (current off). Must be off at reset without the core's help. */
  int (*lock_drive)(void *self, bool released);
  /* The door contact as it is now, bouncing or not: true is open. */
  bool (*door_open)(void *self);
  /* The newest HX711 code of a channel, signed 24 bits: 1 when there is a new one, 0 when not, negative on a fault. */
  int (*scale_read)(void *self, unsigned channel, int32_t *code);
  /* DS18B20: sixteenths of a degree Celsius. Negative when it does not answer or its CRC is wrong. */
  int (*temp_read)(void *self, int16_t *sixteenths);
  /* The 12 V supply, in millivolts. */
  int (*supply_read)(void *self, uint16_t *millivolts);
  /* Queues one whole frame, or nothing: FW_ERR_ROOM. */
  int (*uart_write)(void *self, const uint8_t *bytes, size_t length);
  /* Shows a pattern (enum signal) until told otherwise. */
  void (*signal)(void *self, uint8_t pattern);
  /* A record that outlives resets. A write is atomic: after a power cut either the old or the new one is read. */
  int (*nvs_read)(void *self, enum nvs_slot slot, uint8_t *out, size_t length);
  int (*nvs_write)(void *self, enum nvs_slot slot, const uint8_t *bytes, size_t length);
  /* The fridge's 32-byte link key. */
  int (*link_key)(void *self, uint8_t out[LINK_KEY_LENGTH]);
  /* Why the controller started: enum reset_reason. */
  uint8_t (*reset_reason)(void *self);
};

#endif
