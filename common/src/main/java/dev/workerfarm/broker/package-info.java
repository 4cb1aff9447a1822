/** Connections to the broker that reopen themselves, confirmed publishing, and the topology of queues. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.broker;
