/*
 * Swift's Glibc module brings its whole C mathematics along, hypotf of glibc 2.35 included, which nothing here calls.
 * With a definition of our own, which stays inside the library, glibc 2.34 is enough.
 */
#include <math.h>

float hypotf(float x, float y) {
  return (float)sqrt((double)x * (double)x + (double)y * (double)y);
}
