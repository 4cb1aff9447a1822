/** Control messages to all workers, and the status that workers answer. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.wire.control;
