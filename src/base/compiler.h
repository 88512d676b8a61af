/*
 * compiler: what is said to the compiler and not to the reader.
 *
 * Layer: base.
 */
#ifndef EYAS_COMPILER_H
#define EYAS_COMPILER_H

/* At the end of a case that goes on into the next on purpose. */
#define FALLTHROUGH __attribute__((fallthrough))

/* A function whose callers give it a number that is known when they are compiled. */
#define SPECIALISED static inline __attribute__((always_inline))

/* What is seldom called from a function that is called all the time, whose registers it needs not
 * take. */
#define NOINLINE __attribute__((noinline))

#endif
