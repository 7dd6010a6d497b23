#include "scale.h"

#define CODE_MAX 8388607
#define CODE_MIN (-8388608)
/* A data line stuck low reads 0 for ever, one stuck high reads -1 (or never says that it is ready). */
#define STUCK_LINE_RUN 40u
#define RAIL_RUN 8u
/* A live cell's noise never repeats one code for ten seconds. */
#define FROZEN_RUN 800u
#define GOOD_AGAIN_RUN 80u
#define JUMPS_TO_FOLLOW 3u

#define MEANS_DECIGRAMS 5  /* the means agree at rest: what still creeps, sinks or swings slowly moves them */
#define NOISE_DECIGRAMS 12 /* rms about the newest mean at rest: a swing or a hand that the mean hardly shows */
#define REST_ENDS 2        /* rest ends at so many times either */
#define JUMP_DECIGRAMS 50  /* farther from the low-pass than this, three times running: follow at once */

void scale_begin(struct scale *scale, uint32_t now_ms) {
  fw_zero(scale, sizeof *scale);
  scale->sample_ms = now_ms;
  scale_calibrate(scale, 0, 0);
}

static int32_t codes_in(int32_t counts_per_kg, int32_t decigrams) {
  int32_t codes = (int32_t)((int64_t)counts_per_kg * decigrams / 10000);
  return codes < 0 ? -codes : codes;
}

void scale_calibrate(struct scale *scale, int32_t offset, int32_t counts_per_kg) {
  scale->offset = offset;
  bool possible = counts_per_kg >= COUNTS_PER_KG_MIN && counts_per_kg <= COUNTS_PER_KG_MAX;
  bool mirrored = counts_per_kg <= -COUNTS_PER_KG_MIN && counts_per_kg >= -COUNTS_PER_KG_MAX;
  scale->counts_per_kg = possible || mirrored ? counts_per_kg : (int32_t)DEFAULT_COUNTS_PER_KG;
  scale->means_band = codes_in(scale->counts_per_kg, MEANS_DECIGRAMS * SCALE_MEAN);
  scale->noise_band = codes_in(scale->counts_per_kg, NOISE_DECIGRAMS * SCALE_MEAN);
  scale->jump_band = codes_in(scale->counts_per_kg, JUMP_DECIGRAMS);
}

static void forget(struct scale *scale) {
  scale->recent_count = 0;
  scale->window_count = 0;
  scale->window_at = 0;
  scale->jumps = 0;
  scale->at_rest = false;
}

static void fail(struct scale *scale) {
  scale->faulty = true;
  scale->good_run = 0;
  forget(scale);
}

static int32_t median_of_3(int32_t a, int32_t b, int32_t c) {
  int32_t low = a < b ? a : b;
  int32_t high = a < b ? b : a;
  if (c < low) return low;
  return c > high ? high : c;
}

static bool believable(struct scale *scale, int32_t code) {
  bool rail = code >= CODE_MAX || code <= CODE_MIN;
  bool stuck_line = code == 0 || code == -1;
  bool same = code == scale->last_code;
  scale->last_code = code;
  if (!same) scale->same_run = 0;
  if (scale->same_run < FROZEN_RUN) scale->same_run++;
  if (!rail) scale->bad_run = 0;
  else if (scale->bad_run < RAIL_RUN) scale->bad_run++;
  if (scale->bad_run == RAIL_RUN || scale->same_run == FROZEN_RUN) return false;
  return !(stuck_line && scale->same_run >= STUCK_LINE_RUN);
}

static void follow(struct scale *scale, int32_t median) {
  int32_t target = median * 16;
  if (scale->window_count == 0) scale->low_pass = target;
  int32_t away = target - scale->low_pass;
  int32_t distance = away < 0 ? -away : away;
  scale->jumps = distance > scale->jump_band * 16 ? (uint8_t)(scale->jumps + 1) : 0;
  if (scale->jumps >= JUMPS_TO_FOLLOW) {
    scale->low_pass = target;
    scale->jumps = 0;
  } else {
    scale->low_pass += away / 8;
  }
}

static unsigned next_in(unsigned at) {
  return at + 1u == SCALE_WINDOW ? 0u : at + 1u;
}

/* Judges a full window by the means of every SCALE_MEAN medians in a row, as sums of differences from its oldest: one that
 * swings about its weight has the right mean long before it hangs still. A code has 24 bits, so that a sum of squares,
 * SCALE_MEAN times, has 57 at most. */
static void judge(struct scale *scale) {
  const int32_t *window = scale->window;
  int32_t oldest = window[scale->window_at];
  unsigned first = scale->window_at; /* of the SCALE_MEAN that `sum` is of */
  unsigned next = first;
  int64_t sum = 0;
  int64_t squares = 0;
  for (unsigned i = 0; i < SCALE_MEAN; i++, next = next_in(next)) sum += window[next] - oldest;
  int64_t low = sum;
  int64_t high = sum;
  for (unsigned i = SCALE_MEAN; i < SCALE_WINDOW; i++, next = next_in(next), first = next_in(first)) {
    sum += window[next] - window[first];
    if (sum < low) low = sum;
    if (sum > high) high = sum;
  }
  int64_t weighted = 0;
  for (unsigned i = 0; i < SCALE_MEAN; i++, first = next_in(first)) {
    int64_t away = window[first] - oldest;
    squares += away * away;
    weighted += away * (i + 1); /* the newer one counts more: what a hand or a slam left dies away */
  }
  int64_t size = (int64_t)SCALE_MEAN;
  int64_t times = scale->at_rest ? REST_ENDS : 1;
  int64_t noise = times * scale->noise_band;
  scale->at_rest = high - low <= times * scale->means_band && squares * size - sum * sum <= noise * noise;
  int64_t weights = size * (size + 1) / 2;
  scale->resting = oldest + (int32_t)((weighted + (weighted < 0 ? -weights / 2 : weights / 2)) / weights);
}

static void fill_window(struct scale *scale, int32_t median) {
  scale->window[scale->window_at] = median;
  scale->window_at = (uint8_t)next_in(scale->window_at);
  if (scale->window_count < SCALE_WINDOW) scale->window_count++;
  if (scale->window_count == SCALE_WINDOW) judge(scale);
}

void scale_sample(struct scale *scale, int32_t code, uint32_t now_ms) {
  scale->sample_ms = now_ms;
  if (code > CODE_MAX) code = CODE_MAX;
  if (code < CODE_MIN) code = CODE_MIN;
  if (!believable(scale, code)) {
    fail(scale);
    return;
  }
  if (scale->faulty) {
    if (++scale->good_run < GOOD_AGAIN_RUN) return;
    scale->faulty = false;
  }
  scale->recent[2] = scale->recent[1];
  scale->recent[1] = scale->recent[0];
  scale->recent[0] = code;
  if (scale->recent_count < 3 && ++scale->recent_count < 3) return;
  int32_t median = median_of_3(scale->recent[0], scale->recent[1], scale->recent[2]);
  follow(scale, median);
  fill_window(scale, median);
}

void scale_tick(struct scale *scale, uint32_t now_ms) {
  if (since(now_ms, scale->sample_ms) < SCALE_SILENT_MS) return;
  scale->sample_ms = now_ms - SCALE_SILENT_MS; /* stays due, also across the clock's wrap */
  fail(scale);
}

void scale_doubt(struct scale *scale) {
  scale->at_rest = false;
}

int32_t scale_code(const struct scale *scale) {
  return scale->at_rest ? scale->resting : scale->low_pass / 16;
}

int32_t scale_decigrams(const struct scale *scale) {
  int64_t scaled = ((int64_t)scale_code(scale) - scale->offset) * 10000;
  int64_t half = (scaled < 0) == (scale->counts_per_kg < 0) ? scale->counts_per_kg / 2 : -(scale->counts_per_kg / 2);
  return (int32_t)((scaled + half) / scale->counts_per_kg);
}
