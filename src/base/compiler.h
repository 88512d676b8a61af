/*
 * compiler: what is said to the compiler and not to the reader.
 *
 * Layer: base.
 */
#ifndef EYAS_COMPILER_H
#define EYAS_COMPILER_H

/* At the end of a case that goes on into the next on purpose. */
#define FALLTHROUGH __attribute__((fallthrough))

#endif
