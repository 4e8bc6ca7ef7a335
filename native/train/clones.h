// Copies of a loop for what processors can do besides what every one can.
#pragma once

/// Before a function: one more copy of it for each named feature of x86-64 ("avx2", "fma", …), the best that the processor has chosen when the
/// program starts. The build targets every x86-64. For loops only, and for what they inline.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FAIR_CLONES(...) __attribute__((target_clones(__VA_ARGS__, "default")))
#define FAIR_IN_CLONES __attribute__((always_inline)) inline
#else
#define FAIR_CLONES(...)
#define FAIR_IN_CLONES inline
#endif
