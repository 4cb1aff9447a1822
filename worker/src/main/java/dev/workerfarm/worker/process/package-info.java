/** Exit codes, signals, cancellation and job threads, for all other rooms. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.process;
