/** A user's code: finds the task, runs it once through its gate, with its limits, revocation and retry decision. */
@NullMarked
package dev.workerfarm.worker.run;

import org.jspecify.annotations.NullMarked;
