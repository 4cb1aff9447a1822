/** The commands for shared values and arrays. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.cli.shared;
