/** What {@code farm bench} measures, apart from its commands. */
@NullMarked
package dev.workerfarm.lab.bench;

import org.jspecify.annotations.NullMarked;
