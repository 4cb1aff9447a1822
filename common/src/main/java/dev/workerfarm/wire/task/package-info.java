/** Task messages: calls, chunks of a map, and the message that runs a task again. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.wire.task;
