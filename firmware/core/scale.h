/* scale.h - one shelf's load cell: filter, rest, faults and calibration (SPEC F38-F41).
 * Codes are HX711's, signed 24 bits, 80 a second: median of 3 (a spike is one sample), then a window of 24 (0.3 s) whose
 * means of 16 say whether the shelf rests and what it weighs, and a low-pass that follows while it does not.
 * Holds always: a faulty shelf is never at rest; only integers, so that every target gives the same weights. */
#ifndef VISIONVEND_SCALE_H
#define VISIONVEND_SCALE_H

#include "fw.h"
#include "messages.gen.h"

#define SCALE_WINDOW 24u
#define SCALE_MEAN 16u
/* Calibrations outside these are no load cell's. */
#define COUNTS_PER_KG_MIN 5000
#define COUNTS_PER_KG_MAX 20000000

struct scale {
  int32_t offset; /* code of the empty shelf */
  int32_t counts_per_kg;
  int32_t means_band, noise_band, jump_band; /* from counts_per_kg: in codes, the first two of SCALE_MEAN medians together */
  int32_t recent[3];
  uint8_t recent_count;
  int32_t window[SCALE_WINDOW];
  uint8_t window_at, window_count; /* at: the oldest, and where the next one goes */
  int32_t resting;  /* the code of a shelf at rest, from the newest SCALE_MEAN medians */
  int32_t low_pass; /* sixteenths of a code */
  uint8_t jumps;
  bool at_rest;
  bool faulty;
  uint32_t sample_ms;
  int32_t last_code;
  uint16_t same_run;
  uint8_t bad_run, good_run;
};

void scale_begin(struct scale *scale, uint32_t now_ms);

/* Sets a calibration. Counts that no load cell has fall back to the default. */
void scale_calibrate(struct scale *scale, int32_t offset, int32_t counts_per_kg);

/* Takes one sample. */
void scale_sample(struct scale *scale, int32_t code, uint32_t now_ms);

/* Notices a cell that gives no samples. */
void scale_tick(struct scale *scale, uint32_t now_ms);

/* Rest must begin anew: what is at rest by its own habit, at twice the bands, may not be by the law. */
void scale_doubt(struct scale *scale);

/* The best code now: a weighted mean at rest, the low-pass otherwise. */
int32_t scale_code(const struct scale *scale);
int32_t scale_decigrams(const struct scale *scale);

#endif
