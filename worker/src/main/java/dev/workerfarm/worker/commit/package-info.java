/** Effects exactly once: the calls of a message are committed with their outcomes. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.commit;
