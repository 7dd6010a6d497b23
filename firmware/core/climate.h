/* climate.h - the thermometer (DS18B20), read once a second (law D5's sensor; SPEC F45).
 * Holds always: a value is called good only while a believable reading is at most TEMPERATURE_DEAD_MS old. */
#ifndef VISIONVEND_CLIMATE_H
#define VISIONVEND_CLIMATE_H

#include "hal.h"
#include "messages.gen.h"

struct climate {
  bool good;
  int16_t centi_celsius; /* the last believable one */
  uint32_t read_ms;
  uint32_t good_ms;
  bool begun;
};

void climate_begin(struct climate *climate);
void climate_tick(struct climate *climate, const struct hal *hal, uint32_t now_ms);

#endif
