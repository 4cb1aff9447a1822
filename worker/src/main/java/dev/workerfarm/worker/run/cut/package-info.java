/** Cuts chunks that run for long, so that idle processes take over what has not begun. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.run.cut;
