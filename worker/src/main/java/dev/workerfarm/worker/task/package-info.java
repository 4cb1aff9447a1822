/** The handlers of the built-in tasks. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.task;
