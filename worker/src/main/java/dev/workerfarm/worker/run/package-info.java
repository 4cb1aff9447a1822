/** A user's code: finds the task, runs it once through its gate, with its limits, revocation and retry decision. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.worker.run;
