package kstack

/*
#include <stdlib.h>
#include <string.h>

static void kstack_go_free(char *text) {
  // A passphrase may be among the arguments. The barrier keeps the compiler from leaving the wiping out.
  if (text) {
    memset(text, 0, strlen(text));
    __asm__ __volatile__("" : : "r"(text) : "memory");
    free(text);
  }
}
*/
import "C"

// freeText wipes and frees a text made by C.CString; nil does nothing.
func freeText(made *C.char) {
	C.kstack_go_free(made)
}
