#include "climate.h"

#include "fw.h"

#define SIXTEENTHS_LOWEST (-55 * 16)
#define SIXTEENTHS_HIGHEST (125 * 16)
/* What the sensor holds between its own reset and its first conversion: 85 degrees, never true in a fridge. */
#define SIXTEENTHS_AFTER_RESET (85 * 16)

void climate_begin(struct climate *climate) {
  fw_zero(climate, sizeof *climate);
}

static bool believable(int16_t sixteenths) {
  return sixteenths >= SIXTEENTHS_LOWEST && sixteenths <= SIXTEENTHS_HIGHEST && sixteenths != SIXTEENTHS_AFTER_RESET;
}

void climate_tick(struct climate *climate, const struct hal *hal, uint32_t now_ms) {
  if (climate->begun && since(now_ms, climate->read_ms) < TEMPERATURE_EVERY_MS) return;
  int16_t sixteenths;
  climate->begun = true;
  climate->read_ms = now_ms;
  if (hal->temp_read(hal->self, &sixteenths) >= 0 && believable(sixteenths)) {
    climate->good = true;
    climate->good_ms = now_ms;
    climate->centi_celsius = (int16_t)(sixteenths * 25 / 4);
  } else if (since(now_ms, climate->good_ms) >= TEMPERATURE_DEAD_MS) {
    climate->good = false;
  }
}
