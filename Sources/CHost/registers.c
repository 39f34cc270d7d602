#include "CHost.h"

/*
 * Copies and ciphers leave their last values in the registers. The first call of a function that the host binds lazily
 * saves all of them to the stack, and so does a signal.
 */
#if defined(__x86_64__)

static void clear_general(void) {
  __asm__ volatile(
      "xorl %%eax, %%eax\n\txorl %%ecx, %%ecx\n\txorl %%edx, %%edx\n\txorl %%esi, %%esi\n\txorl %%edi, %%edi\n\t"
      "xorl %%r8d, %%r8d\n\txorl %%r9d, %%r9d\n\txorl %%r10d, %%r10d\n\txorl %%r11d, %%r11d" ::
          : "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "cc");
}

#define ZERO_SSE(n) "pxor %%xmm" #n ", %%xmm" #n "\n\t"
static void clear_sse(void) {
  __asm__ volatile(ZERO_SSE(0) ZERO_SSE(1) ZERO_SSE(2) ZERO_SSE(3) ZERO_SSE(4) ZERO_SSE(5) ZERO_SSE(6) ZERO_SSE(7)
                       ZERO_SSE(8) ZERO_SSE(9) ZERO_SSE(10) ZERO_SSE(11) ZERO_SSE(12) ZERO_SSE(13) ZERO_SSE(14)
                           ZERO_SSE(15)::
                               : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
                                 "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

__attribute__((target("avx"))) static void clear_avx(void) {
  __asm__ volatile("vzeroall" ::
                       : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                         "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

/* glibc copies through these where the processor has them. */
#define ZERO_512(n) "vpxorq %%zmm" #n ", %%zmm" #n ", %%zmm" #n "\n\t"
__attribute__((target("avx512f"))) static void clear_avx512(void) {
  __asm__ volatile(ZERO_512(16) ZERO_512(17) ZERO_512(18) ZERO_512(19) ZERO_512(20) ZERO_512(21) ZERO_512(22)
                       ZERO_512(23) ZERO_512(24) ZERO_512(25) ZERO_512(26) ZERO_512(27) ZERO_512(28) ZERO_512(29)
                           ZERO_512(30) ZERO_512(31)::
                               : "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24",
                                 "xmm25", "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31");
}

void chost_clear_registers(void) {
  if (__builtin_cpu_supports("avx512f")) clear_avx512();
  if (__builtin_cpu_supports("avx")) {
    clear_avx();
  } else {
    clear_sse();
  }
  clear_general();
}

#elif defined(__aarch64__)

/* Not v8 to v15: their lower halves belong to the caller. */
#define ZERO(n) "movi v" #n ".2d, #0\n\t"
void chost_clear_registers(void) {
  __asm__ volatile(ZERO(0) ZERO(1) ZERO(2) ZERO(3) ZERO(4) ZERO(5) ZERO(6) ZERO(7) ZERO(16) ZERO(17) ZERO(18) ZERO(19)
                       ZERO(20) ZERO(21) ZERO(22) ZERO(23) ZERO(24) ZERO(25) ZERO(26) ZERO(27) ZERO(28) ZERO(29)
                           ZERO(30) ZERO(31)::
                               : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20",
                                 "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v28", "v29", "v30", "v31");
}

#else

void chost_clear_registers(void) {}

#endif
