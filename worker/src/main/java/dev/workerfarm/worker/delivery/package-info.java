/** AMQP in: subscriptions, prefetch, the hand-over of long tasks' messages, and the one place that acks. */
@NullMarked
package dev.workerfarm.worker.delivery;

import org.jspecify.annotations.NullMarked;
