/** The farm on one machine without Docker: embedded broker, embedded Redis, worker processes, the article's demo. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.local;
