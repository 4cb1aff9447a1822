/** The commands that publish tasks and print their results. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.cli.calls;
