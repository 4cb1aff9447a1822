/** Task messages: calls, chunks of a map, and the message that runs a task again. */
@NullMarked
package dev.workerfarm.wire.task;

import org.jspecify.annotations.NullMarked;
