/** The Pool: Python's {@code multiprocessing.Pool} over a broker. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.pool;
