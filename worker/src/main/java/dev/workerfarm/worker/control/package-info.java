/** Receives control messages, and reports status and metrics of a process. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.control;
