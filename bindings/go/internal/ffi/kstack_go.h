// The header of libkstack: the installed one, or with build tag kstack_bundled the copy in this module. It may be newer
// than this package, within one ABI version.
#ifdef KSTACK_GO_BUNDLED
#include "kstack_bundled.h"
#else
#include <kstack.h>
#endif

#ifndef KSTACK_GO_H
#define KSTACK_GO_H

// What this package is written for. A test compares it with Include/kstack.h.
#define KSTACK_GO_ABI_VERSION 0
#define KSTACK_GO_VERSION_MAJOR 0
#define KSTACK_GO_VERSION_MINOR 2
#define KSTACK_GO_VERSION_PATCH 0

#define KSTACK_GO_TEXT_OF(number) #number
#define KSTACK_GO_TEXT(number) KSTACK_GO_TEXT_OF(number)
#define KSTACK_GO_DOTTED(major, minor, patch) #major "." #minor "." #patch
#define KSTACK_GO_VERSION_OF(major, minor, patch) KSTACK_GO_DOTTED(major, minor, patch)
#define KSTACK_GO_VERSION \
  KSTACK_GO_VERSION_OF(KSTACK_GO_VERSION_MAJOR, KSTACK_GO_VERSION_MINOR, KSTACK_GO_VERSION_PATCH)
#define KSTACK_GO_ABI KSTACK_GO_TEXT(KSTACK_GO_ABI_VERSION)
#define KSTACK_GO_ABI_FOUND KSTACK_GO_TEXT(KSTACK_ABI_VERSION)
#define KSTACK_GO_ORDER(major, minor, patch) (((major)*1000 + (minor)) * 1000 + (patch))

#if !defined(KSTACK_ABI_VERSION) || !defined(KSTACK_VERSION) || !defined(KSTACK_VERSION_MAJOR) || \
    !defined(KSTACK_VERSION_MINOR) || !defined(KSTACK_VERSION_PATCH)
#error "the kstack.h that was found is not from libkstack: it has no version"
#endif

// Assertions and not #error, which cannot name the version that was found.
_Static_assert(KSTACK_ABI_VERSION == KSTACK_GO_ABI_VERSION,
               "kstack.h has ABI version " KSTACK_GO_ABI_FOUND " (version " KSTACK_VERSION
               "), and this Go package is written for ABI version " KSTACK_GO_ABI " (version " KSTACK_GO_VERSION
               "); install both in one version");
_Static_assert(KSTACK_GO_ORDER(KSTACK_VERSION_MAJOR, KSTACK_VERSION_MINOR, KSTACK_VERSION_PATCH) >=
                   KSTACK_GO_ORDER(KSTACK_GO_VERSION_MAJOR, KSTACK_GO_VERSION_MINOR, KSTACK_GO_VERSION_PATCH),
               "kstack.h is version " KSTACK_VERSION ", and this Go package is written for version " KSTACK_GO_VERSION
               "; install that or a later one");

#endif
