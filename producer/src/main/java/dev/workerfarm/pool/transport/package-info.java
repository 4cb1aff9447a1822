/** A pool's way to the broker: publish, receive replies, publish again what has no answer. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.pool.transport;
