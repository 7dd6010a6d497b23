#include "power.h"

#include "fw.h"

#define LOW_READINGS 3u
#define GOOD_AGAIN_MS 1000u

void power_begin(struct power *power, uint32_t now_ms) {
  fw_zero(power, sizeof *power);
  power->good_since_ms = now_ms;
}

void power_tick(struct power *power, const struct hal *hal, uint32_t now_ms) {
  /* A supply that can't be measured is not low: the controller runs, and the chip's own detector still resets it. */
  if (hal->supply_read(hal->self, &power->millivolts) < 0) return;
  if (power->millivolts < POWER_GOOD_MILLIVOLTS) power->good_since_ms = now_ms;
  if (power->millivolts >= BROWN_OUT_MILLIVOLTS) power->low_readings = 0;
  else if (power->low_readings < LOW_READINGS) power->low_readings++;
  if (power->low_readings == LOW_READINGS) power->low = true;
  else if (power->low && since(now_ms, power->good_since_ms) >= GOOD_AGAIN_MS) power->low = false;
}
