/*
 * Lets the linker leave functions of a static library out:
 *
 *   droppable ARCHIVE
 *
 * Swift's compiler marks the public functions of its standard library as used (SHF_GNU_RETAIN), so that a program gets
 * all eight thousand of them, and what they call. This clears the flag of sections of code, in place, so that only what
 * something refers to stays. Tables keep the flag.
 */
#include <ar.h>
#include <elf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef SHF_GNU_RETAIN
#define SHF_GNU_RETAIN (1 << 21)
#endif

static void require(bool holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "droppable: %s\n", what);
  exit(1);
}

/* Clears the mark in an object file; returns in how many sections. */
static size_t clear(unsigned char *object, size_t size) {
  Elf64_Ehdr header;
  if (size < sizeof header || memcmp(object, ELFMAG, SELFMAG) != 0) return 0;
  memcpy(&header, object, sizeof header);
  require(header.e_ident[EI_CLASS] == ELFCLASS64 && header.e_shentsize == sizeof(Elf64_Shdr),
          "an object is not ELF-64");
  if (header.e_shoff == 0) return 0;
  Elf64_Shdr section;
  require(header.e_shoff <= size && size - header.e_shoff >= sizeof section, "an object is cut short");
  memcpy(&section, object + header.e_shoff, sizeof section);
  /* With very many sections their number is in the first. */
  size_t count = header.e_shnum != 0 ? header.e_shnum : section.sh_size;
  require(count <= (size - header.e_shoff) / sizeof section, "an object is cut short");
  size_t cleared = 0;
  for (size_t index = 0; index < count; index++) {
    unsigned char *place = object + header.e_shoff + index * sizeof section;
    memcpy(&section, place, sizeof section);
    if ((section.sh_flags & SHF_EXECINSTR) == 0 || (section.sh_flags & SHF_GNU_RETAIN) == 0) continue;
    section.sh_flags &= ~(Elf64_Xword)SHF_GNU_RETAIN;
    memcpy(place, &section, sizeof section);
    cleared++;
  }
  return cleared;
}

/* Clears the mark in all objects of an archive; returns in how many sections. */
static size_t clear_all(unsigned char *archive, size_t size) {
  require(size >= SARMAG && memcmp(archive, ARMAG, SARMAG) == 0, "not an archive");
  size_t cleared = 0;
  size_t at = SARMAG;
  while (at < size) {
    struct ar_hdr header;
    char digits[sizeof header.ar_size + 1] = "";
    require(size - at >= sizeof header, "the archive is cut short");
    memcpy(&header, archive + at, sizeof header);
    memcpy(digits, header.ar_size, sizeof header.ar_size);
    at += sizeof header;
    size_t length = strtoul(digits, NULL, 10);
    require(length <= size - at, "the archive is cut short");
    cleared += clear(archive + at, length);
    at += length + length % 2;
  }
  return cleared;
}

int main(int count, char **arguments) {
  require(count == 2, "usage: droppable ARCHIVE");
  FILE *file = fopen(arguments[1], "r+b");
  require(file != NULL && fseek(file, 0, SEEK_END) == 0, "the archive cannot be opened");
  long size = ftell(file);
  require(size > 0, "the archive is empty");
  unsigned char *archive = malloc((size_t)size);
  require(archive != NULL && fseek(file, 0, SEEK_SET) == 0 && fread(archive, 1, (size_t)size, file) == (size_t)size,
          "the archive cannot be read");
  /* Swift may stop marking functions one day; then this program has no purpose. */
  require(clear_all(archive, (size_t)size) > 0, "no section of code has the mark: link the archive as it is");
  require(fseek(file, 0, SEEK_SET) == 0 && fwrite(archive, 1, (size_t)size, file) == (size_t)size && fclose(file) == 0,
          "the archive cannot be written");
  free(archive);
  return 0;
}
