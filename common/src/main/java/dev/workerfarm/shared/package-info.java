/** Shared values and arrays, held in Redis, after Python's {@code multiprocessing.Value} and {@code Array}. */
@NullMarked
package dev.workerfarm.shared;

import org.jspecify.annotations.NullMarked;
