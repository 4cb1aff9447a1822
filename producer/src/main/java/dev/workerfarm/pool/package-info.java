/** The Pool: Python's {@code multiprocessing.Pool} over a broker. */
@NullMarked
package dev.workerfarm.pool;

import org.jspecify.annotations.NullMarked;
