/** What belongs to a message while it is handled: its trace, and what each log line says of it. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.wire.context;
