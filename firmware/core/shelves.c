#include "shelves.h"

#include "store.h"

#define REFERENCE_MIN_DECIGRAMS 1000u   /* 100 g: less would calibrate on noise */
#define REFERENCE_MAX_DECIGRAMS 300000u /* 30 kg */

static int save(struct shelves *shelves, const struct hal *hal) {
  struct stored_scales stored;
  for (unsigned i = 0; i < SHELF_COUNT; i++) {
    stored.offset[i] = shelves->shelf[i].offset;
    stored.counts_per_kg[i] = shelves->shelf[i].counts_per_kg;
  }
  int result = store_write_scales(hal, &stored);
  shelves->damaged = result < 0;
  return result;
}

void shelves_begin(struct shelves *shelves, const struct hal *hal, uint32_t now_ms) {
  struct stored_scales stored;
  fw_zero(shelves, sizeof *shelves);
  int found = store_read_scales(hal, &stored);
  for (unsigned i = 0; i < SHELF_COUNT; i++) {
    scale_begin(&shelves->shelf[i], now_ms);
    if (found > 0) scale_calibrate(&shelves->shelf[i], stored.offset[i], stored.counts_per_kg[i]);
  }
  shelves->damaged = found < 0;
  shelves->changed = true; /* the first rest is told, so that the Pi has a beginning to compare with */
}

void shelves_door(struct shelves *shelves, bool open, uint32_t now_ms) {
  shelves->closing = !open;
  shelves->doubted = false;
  shelves->closed_ms = now_ms;
  if (!open) shelves->changed = true;
}

uint8_t shelves_at_rest(const struct shelves *shelves) {
  uint8_t at_rest = 0;
  for (unsigned i = 0; i < SHELF_COUNT; i++)
    if (shelves->shelf[i].at_rest) at_rest = (uint8_t)(at_rest | (1u << i));
  return at_rest;
}

bool shelves_tick(struct shelves *shelves, const struct hal *hal, uint32_t now_ms) {
  uint8_t faulty = 0;
  bool all_rest = true;
  bool weighing = shelves->closing && since(now_ms, shelves->closed_ms) >= SETTLE_AFTER_CLOSE_MS;
  if (weighing && !shelves->doubted) {
    for (unsigned i = 0; i < SHELF_COUNT; i++) scale_doubt(&shelves->shelf[i]);
    shelves->doubted = true;
  }
  for (unsigned i = 0; i < SHELF_COUNT; i++) {
    struct scale *scale = &shelves->shelf[i];
    int32_t code;
    if (hal->scale_read(hal->self, i, &code) > 0) scale_sample(scale, code, now_ms);
    else scale_tick(scale, now_ms);
    if (scale->faulty) faulty = (uint8_t)(faulty | (1u << i));
    else if (!scale->at_rest) all_rest = false;
  }
  if (!all_rest || faulty != shelves->faulty) shelves->changed = true;
  shelves->faulty = faulty;
  if (!shelves->changed) return false;
  if (shelves->closing) {
    bool rested = weighing && all_rest;
    if (!rested && since(now_ms, shelves->closed_ms) < SETTLE_GIVE_UP_MS) return false;
    shelves->closing = false;
  } else if (!all_rest) {
    return false;
  }
  shelves->changed = false;
  return true;
}

static enum outcome readable(const struct shelves *shelves, uint8_t shelf) {
  if (shelf >= SHELF_COUNT) return OUTCOME_BAD_SHELF;
  if (shelves->shelf[shelf].faulty) return OUTCOME_SCALE_FAULT;
  return shelves->shelf[shelf].at_rest ? OUTCOME_DONE : OUTCOME_UNSETTLED;
}

/* Stores the new calibration; what can't be stored is not used either, or a reset would change the weights. */
static enum outcome adopt(struct shelves *shelves, const struct hal *hal, struct scale *scale, int32_t offset,
                          int32_t counts_per_kg) {
  int32_t old_offset = scale->offset;
  int32_t old_counts = scale->counts_per_kg;
  scale_calibrate(scale, offset, counts_per_kg);
  shelves->changed = true;
  if (save(shelves, hal) >= 0) return OUTCOME_DONE;
  scale_calibrate(scale, old_offset, old_counts);
  return OUTCOME_STORAGE;
}

enum outcome shelves_tare(struct shelves *shelves, const struct hal *hal, uint8_t shelf) {
  enum outcome outcome = readable(shelves, shelf);
  if (outcome != OUTCOME_DONE) return outcome;
  struct scale *scale = &shelves->shelf[shelf];
  return adopt(shelves, hal, scale, scale_code(scale), scale->counts_per_kg);
}

enum outcome shelves_calibrate(struct shelves *shelves, const struct hal *hal, uint8_t shelf, uint32_t reference_decigrams) {
  enum outcome outcome = readable(shelves, shelf);
  if (outcome != OUTCOME_DONE) return outcome;
  if (reference_decigrams < REFERENCE_MIN_DECIGRAMS || reference_decigrams > REFERENCE_MAX_DECIGRAMS)
    return OUTCOME_BAD_REFERENCE;
  struct scale *scale = &shelves->shelf[shelf];
  int64_t counts = ((int64_t)scale_code(scale) - scale->offset) * 10000 / (int64_t)reference_decigrams;
  int64_t size = counts < 0 ? -counts : counts; /* a cell mounted upside down counts backwards, and is welcome */
  if (size < COUNTS_PER_KG_MIN || size > COUNTS_PER_KG_MAX) return OUTCOME_BAD_REFERENCE;
  return adopt(shelves, hal, scale, scale->offset, (int32_t)counts);
}
