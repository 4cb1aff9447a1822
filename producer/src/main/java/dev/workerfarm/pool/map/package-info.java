/** Maps: the input is cut into chunks, a window of them is under way, and the outcomes come back in order. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.pool.map;
