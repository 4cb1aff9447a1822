/** A pool's way to the broker: publish, receive replies, publish again what has no answer. */
@NullMarked
package dev.workerfarm.pool.transport;

import org.jspecify.annotations.NullMarked;
