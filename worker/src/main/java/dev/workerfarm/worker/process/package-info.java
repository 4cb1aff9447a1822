/** Exit codes, signals, cancellation and job threads, for all other rooms. */
@NullMarked
package dev.workerfarm.worker.process;

import org.jspecify.annotations.NullMarked;
