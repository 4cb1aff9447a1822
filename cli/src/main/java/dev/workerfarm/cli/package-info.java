/** The command line: {@code farm} and its commands, and what they print. */
@NullMarked
package dev.workerfarm.cli;

import org.jspecify.annotations.NullMarked;
