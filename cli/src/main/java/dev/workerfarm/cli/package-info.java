/** The command line: {@code farm} and its commands, and what they print. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.cli;
