/* vectors.c - the core against the golden vectors of test/vectors/link, which the TypeScript side reads too.
 *
 *   vectors FOLDER
 *
 * Prints `pass FILE NAME` or `fail FILE NAME: what came out` for every line, and the messages' fields as JSON for the test
 * to compare. A line is `name hex hex ...`; `-` is no bytes; `#` begins a comment. Exit status 1 when anything failed. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/session.h"
#include "print.gen.h"

#define FIELDS 8
#define BYTES_MAX 4096

struct field {
  uint8_t bytes[BYTES_MAX];
  size_t length;
};

static struct field fields[FIELDS];
static uint8_t out[BYTES_MAX];
static int failures;

static void print_hex(const uint8_t *bytes, size_t length) {
  for (size_t i = 0; i < length; i++) printf("%02x", bytes[i]);
}

static void verdict(const char *file, const char *name, const uint8_t *got, int length, const struct field *expected) {
  bool same = length >= 0 && (size_t)length == expected->length && memcmp(got, expected->bytes, expected->length) == 0;
  printf("%s %s %s", same ? "pass" : "fail", file, name);
  if (!same) {
    failures++;
    printf(": %d ", length);
    if (length > 0) print_hex(got, (size_t)length);
  }
  printf("\n");
}

static void crc32_line(const char *file, const char *name) {
  put_u32(out, crc32_of(fields[0].bytes, fields[0].length));
  verdict(file, name, out, 4, &fields[1]);
}

static void cobs_line(const char *file, const char *name) {
  verdict(file, name, out, cobs_encode(fields[0].bytes, fields[0].length, out, sizeof out), &fields[1]);
  memcpy(out, fields[1].bytes, fields[1].length);
  verdict(file, name, out, cobs_decode(out, fields[1].length), &fields[0]);
}

static void bad_cobs_line(const char *file, const char *name) {
  bool refused = cobs_decode(fields[0].bytes, fields[0].length) == FW_ERR_ENCODING;
  failures += !refused;
  printf("%s %s %s\n", refused ? "pass" : "fail", file, name);
}

static void sha256_line(const char *file, const char *name) {
  struct sha256 hash;
  sha256_begin(&hash);
  /* In uneven pieces: how the bytes come must not matter. */
  for (size_t at = 0, step = 1; at < fields[0].length; at += step, step = step * 2 + 1) {
    if (step > fields[0].length - at) step = fields[0].length - at;
    sha256_add(&hash, fields[0].bytes + at, step);
    if (at + step == fields[0].length) break;
  }
  sha256_end(&hash, out);
  verdict(file, name, out, SHA256_LENGTH, &fields[1]);
}

static void hmac_line(const char *file, const char *name) {
  struct hmac_key key;
  struct sha256 hash;
  hmac_key_set(&key, fields[0].bytes, fields[0].length);
  hmac_begin(&key, &hash);
  sha256_add(&hash, fields[1].bytes, fields[1].length);
  hmac_end(&key, &hash, out);
  verdict(file, name, out, (int)fields[2].length, &fields[2]); /* RFC 4231 has one that is cut short */
}

/* sender key counter type body wire: tag and frame, both ways. */
static void frame_line(const char *file, const char *name) {
  uint8_t raw[FRAME_RAW_MAX];
  struct hmac_key key;
  struct frame frame;
  enum direction sender = fields[0].bytes[0] == 0 ? FROM_PI : FROM_CONTROLLER;
  size_t covered = FRAME_HEADER_LENGTH + fields[4].length;
  hmac_key_set(&key, fields[1].bytes, fields[1].length);
  raw[0] = PROTOCOL_VERSION;
  raw[1] = fields[3].bytes[0];
  memcpy(raw + 2, fields[2].bytes, 4);
  memcpy(raw + FRAME_HEADER_LENGTH, fields[4].bytes, fields[4].length);
  frame_tag(&key, sender, raw, covered, raw + covered);
  verdict(file, name, out, frame_encode(raw, covered + FRAME_TAG_LENGTH, out, sizeof out), &fields[5]);
  memcpy(out, fields[5].bytes, fields[5].length);
  int decoded = frame_decode(out, fields[5].length - 1u, &frame);
  verdict(file, name, decoded < 0 ? out : frame.body, decoded < 0 ? decoded : (int)frame.body_length, &fields[4]);
}

/* wire error: what stood between two delimiters, and the first check that it fails. */
static void bad_frame_line(const char *file, const char *name) {
  struct frame frame;
  int result = frame_decode(fields[0].bytes, fields[0].length, &frame);
  out[0] = (uint8_t)(-result - 1);
  verdict(file, name, out, result < 0 ? 1 : -1, &fields[1]);
}

/* linkKey piNonce controllerNonce then, tagged with the session's key, an unlock's frame. */
static void session_line(const char *file, const char *name) {
  struct sessions sessions;
  struct frame frame;
  bool promoted;
  sessions_begin(&sessions, fields[0].bytes);
  sessions_offer(&sessions, fields[1].bytes, fields[2].bytes);
  memcpy(out, fields[3].bytes, fields[3].length);
  int result = frame_decode(out, fields[3].length - 1u, &frame);
  if (result == FW_OK) result = sessions_take(&sessions, &frame, &promoted);
  bool good = result == FW_OK && promoted;
  failures += !good;
  printf("%s %s %s: %d\n", good ? "pass" : "fail", file, name, result);
}

/* type body: unpacked, printed, packed again. */
static void message_line(const char *file, const char *name) {
  int length = print_message(fields[0].bytes[0], fields[1].bytes, fields[1].length, out, sizeof out);
  verdict(file, name, out, length, &fields[1]);
}

/* type body: must be malformed. */
static void bad_message_line(const char *file, const char *name) {
  int length = print_message(fields[0].bytes[0], fields[1].bytes, fields[1].length, out, sizeof out);
  failures += length != FW_ERR_MALFORMED;
  printf("%s %s %s: %d\n", length == FW_ERR_MALFORMED ? "pass" : "fail", file, name, length);
}

static const struct {
  const char *file;
  void (*line)(const char *file, const char *name);
} kinds[] = {
    {"crc32.txt", crc32_line},         {"cobs.txt", cobs_line},         {"bad-cobs.txt", bad_cobs_line},
    {"sha256.txt", sha256_line},       {"hmac.txt", hmac_line},         {"frames.txt", frame_line},
    {"bad-frames.txt", bad_frame_line}, {"sessions.txt", session_line}, {"messages.txt", message_line},
    {"bad-messages.txt", bad_message_line},
};

static bool parse_hex(const char *text, struct field *field) {
  field->length = 0;
  if (strcmp(text, "-") == 0) return true;
  for (; text[0] != 0; text += 2) {
    unsigned byte;
    if (field->length == BYTES_MAX || text[1] == 0 || sscanf(text, "%2x", &byte) != 1) return false;
    field->bytes[field->length++] = (uint8_t)byte;
  }
  return true;
}

static int read_file(const char *folder, const char *name, void (*line)(const char *, const char *)) {
  static char text[16 * BYTES_MAX];
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "r");
  if (file == NULL) {
    fprintf(stderr, "%s: can't be read\n", path);
    return 1;
  }
  while (fgets(text, sizeof text, file) != NULL) {
    char *title = strtok(text, " \n");
    if (title == NULL || title[0] == '#') continue;
    unsigned count = 0;
    for (char *word; (word = strtok(NULL, " \n")) != NULL; count++) {
      if (count == FIELDS || !parse_hex(word, &fields[count])) {
        fprintf(stderr, "%s: %s: field %u is no hex\n", path, title, count + 1u);
        fclose(file);
        return 1;
      }
    }
    line(name, title);
  }
  fclose(file);
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
    return 2;
  }
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    if (read_file(argv[1], kinds[i].file, kinds[i].line) != 0) return 1;
  return failures == 0 ? 0 : 1;
}
