/*
 * Swift's Glibc module refers to all of math.h, including hypotf of glibc 2.35, which nothing here calls. With this
 * definition, which the library does not export, glibc 2.34 is enough.
 */
#include <math.h>

float hypotf(float x, float y) {
  return (float)sqrt((double)x * (double)x + (double)y * (double)y);
}
