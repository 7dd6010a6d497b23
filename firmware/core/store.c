#include "store.h"

#include "wire.h"

#define VISIT_MAGIC 0x31565656u  /* "VVV1" */
#define SCALES_MAGIC 0x31535656u /* "VVS1" */
#define VISIT_RECORD (4u + 2u + VISIT_LENGTH + 4u)
#define SCALES_RECORD (4u + 8u * SHELF_COUNT + 4u)

_Static_assert(VISIT_RECORD <= NVS_SLOT_LENGTH && SCALES_RECORD <= NVS_SLOT_LENGTH, "a record fits its slot");

/* Never written flash reads all ones, a new file all zeros: both are no record, not damage. */
static bool blank(const uint8_t *record, size_t length) {
  for (size_t i = 1; i < length; i++)
    if (record[i] != record[0]) return false;
  return record[0] == 0x00 || record[0] == 0xff;
}

static int read_record(const struct hal *hal, enum nvs_slot slot, uint32_t magic, uint8_t *record, size_t length) {
  if (hal->nvs_read(hal->self, slot, record, length) < 0) return FW_ERR_STORAGE;
  if (blank(record, length)) return 0;
  if (get_u32(record) != magic || get_u32(record + length - 4u) != crc32_of(record, length - 4u)) return FW_ERR_STORAGE;
  return 1;
}

static int write_record(const struct hal *hal, enum nvs_slot slot, uint32_t magic, uint8_t *record, size_t length) {
  put_u32(record, magic);
  put_u32(record + length - 4u, crc32_of(record, length - 4u));
  return hal->nvs_write(hal->self, slot, record, length) < 0 ? FW_ERR_STORAGE : FW_OK;
}

int store_read_visit(const struct hal *hal, struct stored_visit *visit) {
  uint8_t record[VISIT_RECORD];
  fw_zero(visit, sizeof *visit);
  int found = read_record(hal, NVS_VISIT, VISIT_MAGIC, record, sizeof record);
  if (found <= 0) return found;
  visit->flags = record[4];
  visit->relock_reason = record[5];
  fw_copy(visit->visit, record + 6, VISIT_LENGTH);
  return found;
}

int store_write_visit(const struct hal *hal, const struct stored_visit *visit) {
  uint8_t record[VISIT_RECORD];
  record[4] = visit->flags;
  record[5] = visit->relock_reason;
  fw_copy(record + 6, visit->visit, VISIT_LENGTH);
  return write_record(hal, NVS_VISIT, VISIT_MAGIC, record, sizeof record);
}

int store_read_scales(const struct hal *hal, struct stored_scales *scales) {
  uint8_t record[SCALES_RECORD];
  int found = read_record(hal, NVS_SCALES, SCALES_MAGIC, record, sizeof record);
  if (found <= 0) return found;
  for (unsigned i = 0; i < SHELF_COUNT; i++) {
    scales->offset[i] = (int32_t)get_u32(record + 4u + 8u * i);
    scales->counts_per_kg[i] = (int32_t)get_u32(record + 8u + 8u * i);
  }
  return found;
}

int store_write_scales(const struct hal *hal, const struct stored_scales *scales) {
  uint8_t record[SCALES_RECORD];
  for (unsigned i = 0; i < SHELF_COUNT; i++) {
    put_u32(record + 4u + 8u * i, (uint32_t)scales->offset[i]);
    put_u32(record + 8u + 8u * i, (uint32_t)scales->counts_per_kg[i]);
  }
  return write_record(hal, NVS_SCALES, SCALES_MAGIC, record, sizeof record);
}
