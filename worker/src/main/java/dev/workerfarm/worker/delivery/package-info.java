/** AMQP in: subscriptions, prefetch, the hand-over of long tasks' messages, and the one place that acks. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.delivery;
