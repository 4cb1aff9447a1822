/** Receives control messages, and reports status and metrics of a process. */
@NullMarked
package dev.workerfarm.worker.control;

import org.jspecify.annotations.NullMarked;
