#define _DEFAULT_SOURCE
#include "memory_scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { table_bits = 17, filter_bits = 20 };

size_t scan_found[scan_most];

/* The secret of each masked piece; 0 marks an empty slot. */
static struct entry {
  uint64_t masked;
  size_t secret;
} table[1 << table_bits];
static unsigned char filter[(1 << filter_bits) / 8];
static uint64_t wide_mask;

/* The last read; the only memory that is not searched. */
static unsigned char buffer[1 << 20];
static char maps[1 << 20];

static uint64_t spread(uint64_t masked) {
  return masked * UINT64_C(0x9e3779b97f4a7c15);
}

void scan_begin(unsigned char mask) {
  memset(table, 0, sizeof table);
  memset(filter, 0, sizeof filter);
  wide_mask = mask * UINT64_C(0x0101010101010101);
}

/* The slot of a piece, or the empty one for it. */
static struct entry *slot_of(uint64_t masked) {
  size_t place = spread(masked) >> (64 - table_bits);
  while (table[place].masked != 0 && table[place].masked != masked) place = (place + 1) % (1 << table_bits);
  return &table[place];
}

void scan_add(size_t secret, const unsigned char *masked, size_t size) {
  for (size_t start = 0; start + scan_window <= size; start++) {
    uint64_t piece;
    memcpy(&piece, masked + start, scan_window);
    size_t bit = spread(piece) >> (64 - filter_bits);
    filter[bit / 8] |= (unsigned char)(1 << (bit % 8));
    *slot_of(piece) = (struct entry){piece, secret};
  }
}

static void search_mapping(int memory, uintptr_t start, uintptr_t end, const char *mapping, scan_report *report) {
  uintptr_t own_start = (uintptr_t)buffer;
  uintptr_t own_end = own_start + sizeof buffer;
  for (uintptr_t at = start; at < end;) {
    if (at >= own_start && at < own_end) {
      at = own_end;
      continue;
    }
    size_t size = end - at < sizeof buffer ? end - at : sizeof buffer;
    if (at < own_start && size > own_start - at) size = own_start - at;
    ssize_t count = pread(memory, buffer, size, (off_t)at);
    if (count <= 0) return;
    size_t last = scan_most;
    for (size_t index = 0; index + scan_window <= (size_t)count; index++) {
      uint64_t piece;
      memcpy(&piece, buffer + index, scan_window);
      piece ^= wide_mask;
      size_t bit = spread(piece) >> (64 - filter_bits);
      if ((filter[bit / 8] >> (bit % 8) & 1) == 0) continue;
      const struct entry *entry = slot_of(piece);
      if (entry->masked == 0) continue;
      scan_found[entry->secret]++;
      if (report != NULL && entry->secret != last) report(entry->secret, at + index, mapping);
      last = entry->secret;
    }
    if ((size_t)count < scan_window || at + (size_t)count >= end) return;
    /* A piece may cross the end of a read. */
    at += (size_t)count - (scan_window - 1);
    if (at + scan_window > own_start && at < own_end) at = own_end;
  }
}

/* Reads the list of mappings; false if it fails or does not fit. */
static bool read_maps(void) {
  int list = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  if (list < 0) return false;
  size_t length = 0;
  ssize_t count;
  while ((count = read(list, maps + length, sizeof maps - 1 - length)) > 0) length += (size_t)count;
  close(list);
  maps[length] = '\0';
  return count == 0 && length > 0 && length < sizeof maps - 1;
}

bool scan(scan_report *report) {
  memset(scan_found, 0, sizeof scan_found);
  int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  if (memory < 0) return false;
  bool is_read = read_maps();
  for (char *line = maps; is_read && *line != '\0';) {
    char *next = strchr(line, '\n');
    if (next != NULL) *next = '\0';
    unsigned long start;
    unsigned long end;
    char mode[8];
    is_read = next != NULL && sscanf(line, "%lx-%lx %7s", &start, &end, mode) == 3;
    if (!is_read) break;
    if (mode[0] == 'r') search_mapping(memory, start, end, line, report);
    line = next + 1;
  }
  close(memory);
  explicit_bzero(buffer, sizeof buffer);
  return is_read;
}
