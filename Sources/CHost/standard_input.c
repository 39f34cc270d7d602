/*
 * Debian's archive of jansson is not position independent, and its reader compares a stream that it is given with the
 * C library's `stdin`, which such code cannot reach from within a shared library. Nothing here gives it a stream. This
 * definition stays inside the library and is what the comparison finds.
 */
extern void *stdin;

__attribute__((visibility("hidden"))) void *stdin = (void *)0;
