// The header of libkstack: the installed one, or with build tag kstack_bundled the copy in this module.
#ifdef KSTACK_GO_BUNDLED
#include "kstack_bundled.h"
#else
#include <kstack.h>
#endif

#if KSTACK_ABI_VERSION != 0
#error "this package is written for ABI version 0 of libkstack; kstack.h has another one"
#endif
