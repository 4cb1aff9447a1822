/** Connections to the broker that reopen themselves, confirmed publishing, and the topology of queues. */
@NullMarked
package dev.workerfarm.broker;

import org.jspecify.annotations.NullMarked;
