/** Starts, watches and replaces child processes; runs no task. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.parent;
