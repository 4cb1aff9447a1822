/** The farm on one machine without Docker: embedded broker, embedded Redis, worker processes, the article's demo. */
@NullMarked
package dev.workerfarm.local;

import org.jspecify.annotations.NullMarked;
