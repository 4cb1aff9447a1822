/** RabbitMQ and Redis of our own, beside any other on this machine, that can be killed, frozen and started again. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.lab.node;
