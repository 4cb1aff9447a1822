/** Maps: the input is cut into chunks, a window of them is under way, and the outcomes come back in order. */
@NullMarked
package dev.workerfarm.pool.map;

import org.jspecify.annotations.NullMarked;
