/*
 * Debian's static jansson is not position independent, and its reader compares streams with the C library's `stdin`,
 * which such code cannot reach from within a shared library. Nothing here reads from a stream. This definition, which
 * the library does not export, is what the comparison finds.
 */
extern void *stdin;

__attribute__((visibility("hidden"))) void *stdin = (void *)0;
